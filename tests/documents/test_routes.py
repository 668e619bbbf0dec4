"""The REST routes of the protos against the lists of what the documents describe and of what we added."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from reelops.api.edge.v1 import edge_pb2
from reelops.rpc.edge import DESCRIPTORS
from reelops.rpc.edge.descriptors import Route, read_descriptors, read_routes
from reelops.rpc.edge.routing import route_tree

ROLES = {
    "public": edge_pb2.ROLE_PUBLIC,
    "viewer": edge_pb2.ROLE_VIEWER,
    "operator": edge_pb2.ROLE_OPERATOR,
    "admin": edge_pb2.ROLE_ADMIN,
    "org": edge_pb2.ROLE_ORG,
    "service": edge_pb2.ROLE_SERVICE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One documented route."""

    surface: str
    port: int
    verb: str
    path: str
    role: str

    @property
    def key(self) -> tuple[str, str]:
        return self.verb, self.path


def read_rows(name: str) -> list[Row]:
    lines = (Path(__file__).parent / name).read_text().splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [Row(surface=row[1], port=int(row[2]), verb=row[3], path=row[4], role=row[6]) for row in cells]


DOCUMENTED, ADDED = read_rows("routes.tsv"), read_rows("additions.tsv")
ROWS = DOCUMENTED + ADDED
ROUTES = read_routes(read_descriptors(DESCRIPTORS))
DONE = sorted({route.surface for route in ROUTES})
SURFACES = sorted({row.surface for row in ROWS})


def of(surface: str) -> list[Route]:
    return [route for route in ROUTES if route.surface == surface]


def listed(surface: str) -> list[Row]:
    return [row for row in ROWS if row.surface == surface]


def test_the_list_is_whole() -> None:
    assert len(DOCUMENTED) == 108
    assert set(DONE) <= set(SURFACES), "a surface with routes that no document describes"


@pytest.mark.parametrize("surface", SURFACES)
def test_the_routes_are_exactly_the_listed_ones(surface: str) -> None:
    rows = listed(surface)
    if surface not in DONE:
        pytest.skip(f"pending: {surface} has no protos yet ({len(rows)} listed routes)")
    wanted, found = Counter(row.key for row in rows), Counter((route.verb, route.path) for route in of(surface))
    assert not wanted - found, "listed, but no RPC has it"
    assert not found - wanted, "an RPC has it, but no list"


@pytest.mark.parametrize("surface", DONE)
def test_each_route_needs_the_listed_role(surface: str) -> None:
    found = {(route.verb, route.path): route.method.GetOptions().Extensions[edge_pb2.role] for route in of(surface)}
    wanted = {row.key: ROLES[row.role] for row in listed(surface) if row.role in ROLES}
    assert {key: found[key] for key in wanted} == wanted


def test_no_addition_is_a_documented_route() -> None:
    taken = {(row.port, row.verb, shape(row.path)) for row in DOCUMENTED}
    assert not [row for row in ADDED if (row.port, row.verb, shape(row.path)) in taken]


def shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


@pytest.mark.parametrize("port", sorted({row.port for row in ROWS}))
def test_no_two_routes_of_a_base_url_are_one(port: int) -> None:
    """Two surfaces may share a route only where the edge tells them apart by host; `/health` is such a route."""
    owners: dict[tuple[str, str], set[str]] = {}
    surfaces = {row.surface for row in ROWS if row.port == port} & set(DONE)
    for route in (route for surface in sorted(surfaces) for route in of(surface)):
        owners.setdefault((route.verb, shape(route.path)), set()).add(route.name)
    shared = {key: names for key, names in owners.items() if len(names) > 1 and key != ("GET", "/health")}
    assert not shared


@pytest.mark.parametrize("surface", DONE)
def test_the_edge_can_tell_the_routes_of_a_surface_apart(surface: str) -> None:
    route_tree(of(surface))


@pytest.mark.parametrize("surface", DONE)
def test_each_path_variable_is_a_field_of_the_request(surface: str) -> None:
    for route in of(surface):
        for name in re.findall(r"\{([^}=]*)", route.path):
            assert name in route.method.input_type.fields_by_name, f"{route.verb} {route.path}"


@pytest.mark.parametrize("surface", DONE)
def test_no_answer_holds_a_number_that_json_makes_a_string(surface: str) -> None:
    """64-bit integers are spelled as strings in proto3 JSON; the documents show numbers."""
    seen: set[str] = set()

    def check(message: object) -> None:
        name = message.full_name  # type: ignore[attr-defined]
        if name in seen or name.startswith("google."):
            return
        seen.add(name)
        for field in message.fields:  # type: ignore[attr-defined]
            assert field.type not in (3, 4, 6, 16, 18), f"{name}.{field.name} is a 64-bit integer"
            if field.message_type is not None:
                check(field.message_type)

    for route in of(surface):
        check(route.method.output_type)
