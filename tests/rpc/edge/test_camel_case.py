"""camelCase on protos that have what the core's have not: maps, recursion, a body of one field, names of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rpc.edge.lab import Lab, compiled, running_lab

pytestmark = pytest.mark.edge

CAMEL = """
syntax = "proto3";
package camel.v1;
import "google/api/annotations.proto";
import "google/protobuf/struct.proto";
import "reelops/api/edge/v1/edge.proto";
service Camel {
  option (reelops.api.edge.v1.surface) = "core";
  rpc GetTree(Ask) returns (Tree) { option (google.api.http) = {get: "/trees/{tree_name}"}; }
  rpc ListLeaves(Ask) returns (Leaves) { option (google.api.http) = {get: "/leaves" response_body: "all_leaves"}; }
  rpc MakeTree(Make) returns (Tree) { option (google.api.http) = {post: "/trees/{tree_name}" body: "new_tree"}; }
}
message Ask { string tree_name = 1; Sub sub_ask = 2; message Sub { repeated int32 leaf_sizes = 1; bool go_deep = 2; } }
message Make { string tree_name = 1; Tree new_tree = 2; bool dry_run = 3; }
message Leaf { optional string leaf_color = 1 [(reelops.api.edge.v1.nullable) = true]; }
message Leaves { repeated Leaf all_leaves = 1; }
message Tree {
  string own_name = 1 [json_name = "own_name"];
  Leaf top_leaf = 2 [(reelops.api.edge.v1.nullable) = true];
  repeated Tree child_trees = 3;
  map<string, Leaf> leaf_map = 4;
  google.protobuf.Struct free_form = 5 [(reelops.api.edge.v1.nullable) = true];
  optional string odd = 6 [json_name = "@odd", (reelops.api.edge.v1.nullable) = true];
  bytes raw_bytes = 7;
  int64 big_number = 8;
}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    descriptors = compiled(tmp_path_factory.mktemp("camel"), CAMEL)
    with running_lab(tmp_path_factory.mktemp("camel-edge"), descriptors, "camel.v1.Camel", surface="core") as lab:
        yield lab


LEAF = {"leafColor": None}
TREE: dict[str, Any] = {
    "own_name": "",
    "topLeaf": None,
    "childTrees": [],
    "leafMap": {},
    "freeForm": None,
    "@odd": None,
    "rawBytes": "",
    "bigNumber": "0",
}


def test_nulls_are_filled_in_at_every_depth(lab: Lab) -> None:
    answer = {"own_name": "a", "child_trees": [{"child_trees": [{"top_leaf": {}}]}], "leaf_map": {"child_trees": {}}}
    inner = TREE | {"childTrees": [TREE | {"topLeaf": LEAF}]}
    assert lab.get("/trees/x", answer) == TREE | {
        "own_name": "a",
        "childTrees": [inner],
        "leafMap": {"child_trees": LEAF},
    }


def test_a_list_is_a_whole_answer(lab: Lab) -> None:
    assert lab.get("/leaves", {"all_leaves": [{}, {"leaf_color": "red"}]}) == [LEAF, {"leafColor": "red"}]


def test_nested_and_repeated_query_parameters_are_known(lab: Lab) -> None:
    lab.get("/leaves?treeName=x&subAsk.leafSizes=1&subAsk.leafSizes=2&subAsk.goDeep=true", {})
    assert lab.asked == {"tree_name": "x", "sub_ask": {"leaf_sizes": [1, 2], "go_deep": True}}
    for query, field in (
        ("sub_ask.go_deep=true", "sub_ask.go_deep"),
        ("subAsk.goDeep=1&subAsk.goDeep=1", "subAsk.goDeep"),
    ):
        refused = lab.client.get(f"/leaves?{query}")
        assert (refused.status_code, refused.json()["error"]["details"]["field"]) == (400, field)


def test_a_body_may_be_one_field(lab: Lab) -> None:
    lab.answer = {}
    free = {"snake_case": [1, None, {"camelCase": "x"}]}
    body = {"own_name": "b", "childTrees": [{"leafMap": {"a_b": {"leafColor": "x"}}}], "freeForm": free, "@odd": "o"}
    sent = lab.client.post("/trees/a?dryRun=true", json=body | {"bigNumber": "12", "rawBytes": "AAE="})
    assert sent.status_code == 200, sent.text
    tree = lab.asked["new_tree"]
    assert (lab.asked["tree_name"], lab.asked["dry_run"]) == ("a", True)
    assert (tree["own_name"], tree["odd"], tree["free_form"], tree["big_number"]) == ("b", "o", free, "12")
    assert tree["child_trees"] == [{"leaf_map": {"a_b": {"leaf_color": "x"}}}]
    for wrong, field in (
        ({"child_trees": []}, "child_trees"),
        ({"ownName": "x"}, "ownName"),
        ({"topLeaf": {"leaf_color": "x"}}, "topLeaf.leaf_color"),
        ({"topLeaf": {"leafColor": 5}}, "topLeaf.leafColor"),
        ({"childTrees": {}}, "childTrees"),
    ):
        refused = lab.client.post("/trees/a", json=wrong)
        assert (refused.status_code, refused.json()["error"]["details"].get("field")) == (400, field), refused.text
