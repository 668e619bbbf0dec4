"""Writes what the edge filter knows as Lua: the routes, and which nulls belong into which answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as default

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from reelops.rpc.edge.descriptors import Route, is_nullable
from reelops.rpc.edge.model import Limits


class Raw(str):
    """A piece of Lua that is written as it is."""


def spell(value: object) -> str:
    """Writes strings, numbers, booleans, mappings and lists as a Lua expression."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        pairs = (f"[{quoted(str(key))}] = {spell(item)}" for key, item in value.items() if item is not None)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Iterable):
        return "{" + ", ".join(spell(item) for item in value) + "}"
    raise TypeError(f"no Lua for {type(value).__name__}")


def quoted(text: str) -> str:
    """Writes a Lua string in ASCII."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return '"' + "".join(plain) + '"'


class Schemas:
    """Collects the messages whose JSON has nulls to fill in, each once, so that they may refer to themselves."""

    def __init__(self) -> None:
        self._needed: dict[str, bool] = {}
        self._messages: dict[str, Descriptor] = {}

    def of(self, answer: FieldDescriptor | Descriptor | None) -> Raw | None:
        """Returns the expression of an answer's schema, or None where nothing is to fill in."""
        if answer is None:
            return None
        if isinstance(answer, Descriptor):
            return self._reference(answer)
        return self._of_field(answer)

    def text(self) -> str:
        """Returns the statements that define every schema that `of` has given out."""
        done: dict[str, str] = {}
        while missing := [name for name in self._messages if name not in done]:
            for name in missing:
                done[name] = self._definition(self._messages[name])
        tables = (f"SCHEMAS[{quoted(name)}] = {{}}" for name in done)
        return "\n".join(["local SCHEMAS = {}", *tables, *done.values()])

    def _reference(self, message: Descriptor) -> Raw | None:
        if not self._has_nulls(message, frozenset()):
            return None
        self._messages[message.full_name] = message
        return Raw(f"SCHEMAS[{quoted(message.full_name)}]")

    def _of_field(self, field: FieldDescriptor) -> Raw | None:
        message = field.message_type
        if message is None or message.full_name.startswith("google.protobuf."):
            return None
        if not message.GetOptions().map_entry:
            return self._reference(message)
        values = self._of_field(message.fields_by_name["value"])
        return Raw(spell({"values": values})) if values else None

    def _definition(self, message: Descriptor) -> str:
        name = quoted(message.full_name)
        nullable = [field.name for field in message.fields if is_nullable(field)]
        fields = {field.name: schema for field in message.fields if (schema := self._of_field(field))}
        lines = [f"SCHEMAS[{name}].nullable = {spell(nullable)}"] if nullable else []
        return "\n".join(lines + ([f"SCHEMAS[{name}].fields = {spell(fields)}"] if fields else []))

    def _has_nulls(self, message: Descriptor, above: frozenset[str]) -> bool:
        known = self._needed.get(message.full_name)
        if known is not None:
            return known
        if message.full_name in above:
            return False
        inside = above | {message.full_name}
        children = (field.message_type for field in message.fields if field.message_type is not None)
        found = any(is_nullable(field) for field in message.fields) or any(
            self._has_nulls(child, inside) for child in children
        )
        if found or not above:
            self._needed[message.full_name] = found
        return found


def query_parameters(route: Route) -> dict[str, bool]:
    """Names the query parameters of a route: what neither path nor body binds, nested fields dotted."""
    if route.body == "*":
        return {}
    bound = {part.strip("{}").split("=")[0] for part in route.path.split("/") if part.startswith("{")} | {route.body}
    names = _leaves(route.method.input_type, "", frozenset())
    return {name: True for name in names if name not in bound and name.partition(".")[0] not in bound}


def known_fields(message: Descriptor, above: frozenset[str]) -> dict[str, object]:
    """Names the fields of a JSON body, each with the names below it, or True where anything may stand."""
    inside = above | {message.full_name}
    return {
        field.name: known_fields(field.message_type, inside) if _is_plain(field, inside) else True
        for field in message.fields
    }


def _is_plain(field: FieldDescriptor, above: frozenset[str]) -> bool:
    message = field.message_type
    if message is None or message.GetOptions().map_entry or message.full_name in above:
        return False
    return not message.full_name.startswith("google.protobuf.")


def _leaves(message: Descriptor, prefix: str, above: frozenset[str]) -> Iterable[str]:
    if message.full_name in above:
        return
    for field in message.fields:
        child = field.message_type
        if child is None or child.full_name.startswith("google.protobuf."):
            yield prefix + field.name
        elif not field.is_repeated:
            yield from _leaves(child, f"{prefix}{field.name}.", above | {message.full_name})


@dataclass(slots=True)
class Node:
    """The routes below one path segment."""

    literals: dict[str, Node] = default(default_factory=dict)
    variable: Node | None = None
    methods: dict[str, str] = default(default_factory=dict)

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
        return {"literals": literals or None, "variable": variable, "methods": self.methods or None}


def route_tree(routes: Iterable[Route]) -> Node:
    """Arranges routes by path segment. Raises ValueError where two routes are one."""
    root = Node()
    for route in routes:
        node = root
        for segment in route.path.removeprefix("/").split("/"):
            node = node.child(segment)
        if route.verb in node.methods:
            raise ValueError(f"{route.verb} {route.path} is both {node.methods[route.verb]} and {route.name}")
        node.methods[route.verb] = route.name
    return root


def lua_tables(routes: tuple[Route, ...], limits: Limits) -> str:
    """Writes LIMITS, SCHEMAS, METHODS and ROUTES."""
    _check_bindings(routes)
    schemas = Schemas()
    methods = {
        route.name: {
            "query": query_parameters(route),
            "fields": known_fields(route.content, frozenset()) if route.takes_json else None,
            "member": route.response_body or None,
            "schema": None if route.gives_stream else schemas.of(route.answer),
        }
        for route in routes
    }
    surfaces = sorted({route.surface for route in routes})
    trees = {name: route_tree(route for route in routes if route.surface == name).table() for name in surfaces}
    lines = [f"METHODS[{quoted(name)}] = {spell(value)}" for name, value in methods.items()]
    return "\n".join(
        [
            f"local LIMITS = {spell({'json_bytes': limits.json_bytes, 'upload_bytes': limits.upload_bytes})}",
            schemas.text(),
            "local METHODS = {}",
            *lines,
            f"local ROUTES = {spell(trees)}",
        ]
    )


def _check_bindings(routes: Iterable[Route]) -> None:
    """The filter knows one request body and one answer of a method, however many routes lead to it."""
    known: dict[str, tuple[str, str]] = {}
    for route in routes:
        bodies = (route.body, route.response_body)
        if known.setdefault(route.name, bodies) != bodies:
            raise ValueError(f"the HTTP rules of {route.name} differ in body or response_body")
