"""Arranges the routes of a host, which several surfaces may share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as default

from reelops.rpc.edge.descriptors import Route


@dataclass(slots=True)
class Node:
    """The routes below one path segment. `surface` speaks where a method is asked for that the path has not."""

    literals: dict[str, Node] = default(default_factory=dict)
    variable: Node | None = None
    methods: dict[str, str] = default(default_factory=dict)
    surface: str | None = None

    def child(self, segment: str) -> Node:
        """Returns the node of a segment, made where it is missing."""
        if not segment.startswith("{"):
            return self.literals.setdefault(segment, Node())
        self.variable = self.variable or Node()
        return self.variable

    def table(self) -> dict[str, object]:
        """Returns the tree as `dialect.lua` walks it."""
        literals = {segment: node.table() for segment, node in self.literals.items()}
        variable = self.variable.table() if self.variable else None
        methods = self.methods or None
        return {"literals": literals or None, "variable": variable, "methods": methods, "surface": self.surface}


def route_tree(routes: Iterable[Route]) -> Node:
    """Arranges routes by path segment. Raises ValueError where two routes are one."""
    root = Node()
    for route in routes:
        node = root
        for segment in _segments(route):
            node = node.child(segment)
        if route.verb in node.methods:
            raise ValueError(f"{route.verb} {route.path} is both {node.methods[route.verb]} and {route.name}")
        node.methods[route.verb] = route.name
        node.surface = node.surface or route.surface
    return root


def shared_routes(routes: Iterable[Route], surfaces: Iterable[str]) -> tuple[Route, ...]:
    """Returns the routes of a host: where surfaces have the same verb and shape of path, that of the first of them."""
    every = tuple(routes)
    owners: dict[tuple[str, ...], str] = {}
    found = []
    for route in (route for surface in surfaces for route in every if route.surface == surface):
        shape = (route.verb, *("{}" if segment.startswith("{") else segment for segment in _segments(route)))
        if owners.setdefault(shape, route.surface) == route.surface:
            found.append(route)
    return tuple(found)


def _segments(route: Route) -> list[str]:
    return route.path.removeprefix("/").split("/")
