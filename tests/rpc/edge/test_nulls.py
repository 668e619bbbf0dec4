"""The generated null table on protos that have what SOPilot's have not: maps, recursion, lists as whole answers."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reelops.rpc.edge.descriptors import read_descriptors, read_routes
from reelops.rpc.edge.routing import route_tree

from tests.rpc.edge.lab import Lab, compiled, running_lab

pytestmark = pytest.mark.edge

LAB = """
syntax = "proto3";
package lab.v1;
import "google/api/annotations.proto";
import "google/protobuf/struct.proto";
import "reelops/api/edge/v1/edge.proto";
service Lab {
  option (reelops.api.edge.v1.surface) = "lab";
  rpc GetTree(Ask) returns (Tree) { option (google.api.http) = {get: "/trees/{name}"}; }
  rpc GetMap(Ask) returns (Map) {
    option (google.api.http) = {get: "/maps/{name=*}" additional_bindings {get: "/map"}};
  }
  rpc ListLeaves(Ask) returns (Leaves) { option (google.api.http) = {get: "/leaves" response_body: "leaves"}; }
  rpc GetName(Ask) returns (Ask) { option (google.api.http) = {get: "/name" response_body: "name"}; }
  rpc MakeTree(Make) returns (Tree) { option (google.api.http) = {post: "/trees/{name}" body: "tree"}; }
}
message Ask { string name = 1; Sub sub = 2; message Sub { repeated int32 sizes = 1; optional bool deep = 2; } }
message Make { string name = 1; Tree tree = 2; bool dry_run = 3; }
message Leaf { optional string color = 1 [(reelops.api.edge.v1.nullable) = true]; optional int32 size = 2; }
message Leaves { repeated Leaf leaves = 1; }
message Tree {
  string name = 1;
  Leaf leaf = 2 [(reelops.api.edge.v1.nullable) = true];
  repeated Tree children = 3;
  oneof kind {
    string oak = 4 [(reelops.api.edge.v1.nullable) = true];
    Leaf elm = 5 [(reelops.api.edge.v1.nullable) = true];
  }
  google.protobuf.Struct any = 6 [(reelops.api.edge.v1.nullable) = true];
}
message Map { map<string, Leaf> leaves = 1; map<int32, Tree> trees = 2; map<string, string> plain = 3; }
"""


@pytest.fixture(scope="module")
def descriptors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("lab"), LAB)


@pytest.fixture(scope="module")
def lab(descriptors: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab-edge"), descriptors, "lab.v1.Lab", surface="lab") as lab:
        yield lab


LEAF = {"color": None}
TREE: dict[str, Any] = {"leaf": None, "children": [], "oak": None, "elm": None, "any": None}


def test_a_message_that_holds_itself_is_filled_at_every_level(lab: Lab) -> None:
    answer = {"name": "a", "children": [{"name": "b", "children": [{"name": "c", "leaf": {}}], "oak": "x"}]}
    inner = {**TREE, "name": "c", "leaf": LEAF}
    assert lab.get("/trees/a", answer) == {
        **TREE,
        "name": "a",
        "children": [{**TREE, "name": "b", "oak": "x", "children": [inner]}],
    }


def test_the_values_of_maps_are_filled(lab: Lab) -> None:
    nasty = '"}],{"\\ü\n'
    answer = {
        "leaves": {"a": {}, nasty: {"color": "red"}, "leaves": {"size": 3}},
        "trees": {"7": {"leaf": {}}},
        "plain": {"leaf": "x", "color": nasty},
    }
    assert lab.get("/maps/x", answer) == {
        "leaves": {"a": LEAF, nasty: {"color": "red"}, "leaves": {"color": None, "size": 3}},
        "trees": {"7": {**TREE, "name": "", "leaf": LEAF}},
        "plain": answer["plain"],
    }


def test_an_empty_answer_is_filled(lab: Lab) -> None:
    assert lab.get("/map", {}) == {"leaves": {}, "trees": {}, "plain": {}}
    assert lab.get("/trees/x", {}) == {**TREE, "name": ""}


def test_free_form_json_is_left_alone(lab: Lab) -> None:
    free = {"leaf": {"x": [1, None, {"children": "}"}]}, "oak": None}
    assert lab.get("/trees/x", {"any": free})["any"] == free


def test_a_list_is_a_whole_answer(lab: Lab) -> None:
    assert lab.get("/leaves", {"leaves": [{}, {"color": "red"}, {"size": 1}]}) == [
        LEAF,
        {"color": "red"},
        {"color": None, "size": 1},
    ]
    assert lab.get("/leaves", {}) == []
    assert lab.get("/name", {"name": 'a"b'}) == 'a"b'


def test_nested_and_repeated_query_parameters_are_known(lab: Lab) -> None:
    lab.get("/leaves?name=x&sub.sizes=1&sub.sizes=2&sub.deep=true", {})
    assert lab.asked == {"name": "x", "sub": {"sizes": [1, 2], "deep": True}}
    refused = lab.client.get("/leaves?sub.other=1")
    assert refused.json() == {
        "detail": "The query parameter 'sub.other' is not known. Known are name, sub.deep, sub.sizes."
    }


def test_a_body_may_be_one_field(lab: Lab) -> None:
    lab.answer = {}
    body = {"name": "b", "children": [{"name": "c"}], "any": {"free": [1]}}
    assert lab.client.post("/trees/a?dry_run=true", json=body).status_code == 200
    assert lab.asked == {"name": "a", "dry_run": True, "tree": body}
    for wrong, named in (
        (body | {"dry_run": True}, "'dry_run'"),
        ({"leaf": {"colour": "x"}}, "'colour'"),
    ):
        refused = lab.client.post("/trees/a", json=wrong)
        assert refused.status_code == 400
        assert named in refused.json()["detail"]


def test_two_methods_on_one_route_are_refused(descriptors: Path) -> None:
    routes = read_routes(read_descriptors(descriptors))
    with pytest.raises(ValueError, match="GET /trees"):
        route_tree([*routes, routes[0]])


NASTY = [
    "",
    '"',
    "\\",
    '\\"',
    "\\\\",
    "}",
    "{",
    "[",
    "]",
    ",",
    ":",
    "null",
    '"leaf":null',
    "é",
    "視頻",
    "🎬",
    "\n",
    "\x01",
    "\u2028",
]


def random_text(dice: random.Random) -> str:
    return "".join(dice.choices(NASTY, k=dice.randrange(5)))


def random_tree(dice: random.Random, depth: int = 0) -> dict[str, Any]:
    """Returns a tree as the server would give it, with some things absent."""
    tree: dict[str, Any] = {"name": random_text(dice)}
    if dice.random() < 0.5:
        tree["leaf"] = dice.choice([{}, {"color": random_text(dice)}, {"size": dice.randrange(-9, 9)}])
    if depth < 4:
        tree["children"] = [random_tree(dice, depth + 1) for _ in range(dice.randrange(4))]
    if dice.random() < 0.3:
        tree["oak"] = random_text(dice)
    elif dice.random() < 0.3:
        tree["elm"] = {"color": random_text(dice), "size": 1}
    if dice.random() < 0.3:
        tree["any"] = {random_text(dice): [None, True, {"leaf": random_text(dice)}, []]}
    return tree


def filled(tree: dict[str, Any]) -> dict[str, Any]:
    """Returns the tree as REST has to spell it."""
    leaves = {key: LEAF | tree[key] for key in ("leaf", "elm") if key in tree}
    return TREE | tree | leaves | {"children": [filled(child) for child in tree.get("children", [])]}


def test_random_trees_are_filled_as_a_plain_walk_fills_them(lab: Lab) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(100):
        tree = random_tree(dice)
        assert lab.get("/trees/x", tree) == filled(tree)
