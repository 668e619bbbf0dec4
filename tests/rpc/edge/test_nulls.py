"""The generated null table on protos that have what SOPilot's have not: maps, recursion, lists as whole answers."""

from __future__ import annotations

import random
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import httpx2 as httpx
import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pool, json_format, message_factory
from reelops.rpc.edge import Gateway, Listener, envoy_command, write_gateway
from reelops.rpc.edge.descriptors import read_descriptors, read_routes
from reelops.rpc.edge.routing import route_tree

from tests.rpc.edge.conftest import free_ports, running_envoy

pytestmark = pytest.mark.edge

PROTOS = Path(__file__).resolve().parents[3] / "proto"

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
    folder = tmp_path_factory.mktemp("lab")
    (folder / "lab.proto").write_text(LAB)
    common = Path(str(annotations_pb2.__file__)).parents[2]
    out = folder / "lab.binpb"
    folders = [f"-I{place}" for place in (folder, PROTOS, common)]
    flags = ["--include_imports", f"--descriptor_set_out={out}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *folders, *flags, "lab.proto"], check=True)
    return out


class Lab:
    """A server of the lab's methods that answers with the JSON it was given, and a client of its edge."""

    def __init__(self, descriptors: Path) -> None:
        self.pool = descriptor_pool.DescriptorPool()
        for file in read_descriptors(descriptors).file:
            self.pool.Add(file)  # type: ignore[no-untyped-call]
        self.answer: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}
        self.client = httpx.Client(trust_env=False)
        self.server = grpc.server(ThreadPoolExecutor(2))
        methods = self.pool.FindServiceByName("lab.v1.Lab").methods  # type: ignore[no-untyped-call]
        handlers = {method.name: self._handler(method) for method in methods}
        self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("lab.v1.Lab", handlers),))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def _handler(self, method: Any) -> Any:
        request_type = message_factory.GetMessageClass(method.input_type)
        answer_type = message_factory.GetMessageClass(method.output_type)

        def call(request: Any, _context: Any) -> Any:
            self.asked = json_format.MessageToDict(request, preserving_proto_field_name=True)
            return json_format.ParseDict(self.answer, answer_type())

        return grpc.unary_unary_rpc_method_handler(call, request_type.FromString, answer_type.SerializeToString)

    def get(self, path: str, answer: dict[str, Any]) -> Any:
        self.answer = answer
        got = self.client.get(path)
        assert got.status_code == 200, got.text
        return got.json()


@pytest.fixture(scope="module")
def lab(descriptors: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab, (port, admin) = Lab(descriptors), free_ports(2)
    folder = tmp_path_factory.mktemp("lab-edge")
    listener = Listener("lab", port, default=("lab",))
    gateway = Gateway(listeners=(listener,), servers=(f"127.0.0.1:{lab.port}",), admin_port=admin, concurrency=1)
    command = envoy_command(write_gateway(folder, gateway, descriptors=descriptors), gateway, log_file=folder / "log")
    with running_envoy(command, admin, folder / "log"):
        lab.client.base_url = httpx.URL(f"http://127.0.0.1:{port}")
        yield lab
    lab.client.close()
    lab.server.stop(0)


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
