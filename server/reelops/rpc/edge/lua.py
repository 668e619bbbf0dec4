"""Writes what the edge filter knows as Lua: the routes, the names of fields and parameters, the nulls of answers."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from reelops.rpc.edge.descriptors import Route
from reelops.rpc.edge.literals import quoted, spell
from reelops.rpc.edge.model import Limits, host_key
from reelops.rpc.edge.routing import route_tree, shared_routes
from reelops.rpc.edge.schemas import Schemas
from reelops.rpc.edge.speech import SPEECH, Speech, speech_of


def query_parameters(route: Route) -> dict[str, object]:
    """Names the query parameters of a route: what neither path nor body binds, nested fields dotted.

    Each has the name of its field in the proto, which the transcoder speaks of, or True where it may be given again.
    """
    if route.body == "*":
        return {}
    bound = {part.strip("{}").split("=")[0] for part in route.path.split("/") if part.startswith("{")} | {route.body}
    speech = speech_of(route.surface)
    return {
        ".".join(speech.name(field) for field in path): True if path[-1].is_repeated else path[-1].name
        for path in _leaves(route.method.input_type, (), frozenset())
        if path[0].name not in bound and ".".join(field.name for field in path) not in bound
    }


def known_fields(message: Descriptor, speech: Speech, above: frozenset[str] = frozenset()) -> dict[str, object]:
    """Names the fields of a JSON body, each with the names below it, or True where anything may stand."""
    inside = above | {message.full_name}
    return {
        speech.name(field): known_fields(field.message_type, speech, inside) if _is_plain(field, inside) else True
        for field in message.fields
    }


def _is_plain(field: FieldDescriptor, above: frozenset[str]) -> bool:
    message = field.message_type
    if message is None or message.GetOptions().map_entry or message.full_name in above:
        return False
    return not message.full_name.startswith("google.protobuf.")


def _leaves(
    message: Descriptor, prefix: tuple[FieldDescriptor, ...], above: frozenset[str]
) -> Iterable[tuple[FieldDescriptor, ...]]:
    if message.full_name in above:
        return
    for field in message.fields:
        child = field.message_type
        if child is None or child.full_name.startswith("google.protobuf."):
            yield (*prefix, field)
        elif not field.is_repeated:
            yield from _leaves(child, (*prefix, field), above | {message.full_name})


def lua_tables(routes: tuple[Route, ...], limits: Limits, hosts: Iterable[tuple[str, ...]]) -> str:
    """Writes LIMITS, SPEECH, SCHEMAS, METHODS and ROUTES; `hosts` are the surfaces that share one."""
    _check_bindings(routes)
    schemas = Schemas()
    methods = {route.name: _method(route, schemas) for route in routes}
    shared = [surfaces for surfaces in dict.fromkeys(hosts) if surfaces]
    trees = {host_key(surfaces): route_tree(shared_routes(routes, surfaces)).table() for surfaces in shared}
    dialects = {surface: speech.dialect for surface, speech in SPEECH.items()}
    return "\n".join(
        [
            f"local LIMITS = {spell({'json_bytes': limits.json_bytes, 'upload_bytes': limits.upload_bytes})}",
            f"local SPEECH = {spell(dialects)}",
            schemas.text(),
            "local METHODS = {}",
            *(f"METHODS[{quoted(name)}] = {spell(value)}" for name, value in methods.items()),
            f"local ROUTES = {spell(trees)}",
        ]
    )


def _method(route: Route, schemas: Schemas) -> dict[str, object]:
    speech = speech_of(route.surface)
    return {
        "surface": route.surface,
        "query": query_parameters(route),
        "fields": known_fields(route.content, speech) if route.takes_json else None,
        "member": speech.name(route.method.output_type.fields_by_name[route.response_body])
        if route.response_body
        else None,
        "schema": None if route.gives_stream else schemas.of(route.answer, speech),
    }


def _check_bindings(routes: Iterable[Route]) -> None:
    """The filter knows one request body and one answer of a method, however many routes lead to it."""
    known: dict[str, tuple[str, str]] = {}
    for route in routes:
        bodies = (route.body, route.response_body)
        if known.setdefault(route.name, bodies) != bodies:
            raise ValueError(f"the HTTP rules of {route.name} differ in body or response_body")
