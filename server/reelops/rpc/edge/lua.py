"""Writes what the edge filter knows as Lua: routes, names and types of fields and parameters, nulls of answers."""

from __future__ import annotations

from collections.abc import Iterable

from reelops.rpc.edge.descriptors import Route
from reelops.rpc.edge.literals import quoted, spell
from reelops.rpc.edge.model import Limits, host_key
from reelops.rpc.edge.routing import route_tree, shared_routes
from reelops.rpc.edge.schemas import Schemas
from reelops.rpc.edge.shapes import body_shape, query_parameters
from reelops.rpc.edge.speech import SPEECH, speech_of


def lua_tables(routes: tuple[Route, ...], limits: Limits, hosts: Iterable[tuple[str, ...]]) -> str:
    """Writes LIMITS, SPEECH, SCHEMAS, METHODS and ROUTES; `hosts` are the surfaces that share one."""
    _check_bindings(routes)
    schemas = Schemas()
    methods = {route.name: _method(route, schemas) for route in routes}
    shared = [surfaces for surfaces in dict.fromkeys(hosts) if surfaces]
    trees = {host_key(surfaces): route_tree(shared_routes(routes, surfaces)).table() for surfaces in shared}
    speech = {name: {"dialect": one.dialect, "camel_case": one.camel_case or None} for name, one in SPEECH.items()}
    return "\n".join(
        [
            f"local LIMITS = {spell({'json_bytes': limits.json_bytes, 'upload_bytes': limits.upload_bytes})}",
            f"local SPEECH = {spell(speech)}",
            schemas.text(),
            "local METHODS = {}",
            *(f"METHODS[{quoted(name)}] = {spell(value)}" for name, value in methods.items()),
            f"local ROUTES = {spell(trees)}",
        ]
    )


def _method(route: Route, schemas: Schemas) -> dict[str, object]:
    speech, answer = speech_of(route.surface), route.method.output_type
    return {
        "surface": route.surface,
        "query": query_parameters(route),
        "body": body_shape(route.content, speech) if route.takes_json else None,
        "member": speech.name(answer.fields_by_name[route.response_body]) if route.response_body else None,
        "schema": None if route.gives_stream else schemas.of(route.answer, speech),
    }


def _check_bindings(routes: Iterable[Route]) -> None:
    """The filter knows one request body and one answer of a method, however many routes lead to it."""
    known: dict[str, tuple[str, str]] = {}
    for route in routes:
        bodies = (route.body, route.response_body)
        if known.setdefault(route.name, bodies) != bodies:
            raise ValueError(f"the HTTP rules of {route.name} differ in body or response_body")
