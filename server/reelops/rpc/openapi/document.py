"""One OpenAPI 3.1 document for each surface."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reelops import __version__
from reelops.rpc.edge.descriptors import read_descriptors, read_routes
from reelops.rpc.edge.model import DESCRIPTORS
from reelops.rpc.edge.speech import speech_of
from reelops.rpc.openapi.comments import read_comments
from reelops.rpc.openapi.errors import BODIES
from reelops.rpc.openapi.operations import operation
from reelops.rpc.openapi.schemas import Schemas
from reelops.rpc.openapi.security import SCHEMES

Json = dict[str, Any]

_TITLES = {
    "sopilot": "SOPilot",
    "core": "WaveStack Core App",
    "clipper": "WaveStack Clipper",
    "thumbnail": "WaveStack Thumbnail Generator",
}
_HEADERS: Mapping[str, tuple[str, str]] = {
    "X-RateLimit-Limit": ("integer", "Calls that a minute may have."),
    "X-RateLimit-Remaining": ("integer", "Calls that are left in the present minute."),
    "X-RateLimit-Reset": ("integer", "When the next minute begins, in seconds since 1970."),
    "Retry-After": ("integer", "Seconds to wait before trying again."),
    "Accept-Ranges": ("string", "Always `bytes`."),
    "ETag": ("string", "Changes with the file."),
    "Last-Modified": ("string", "When the file last changed."),
    "Content-Disposition": ("string", "The file's name."),
}
_RANGE: Json = {
    "name": "Range",
    "in": "header",
    "required": False,
    "description": "The bytes that are wanted: `bytes=0-1023`.",
    "schema": {"type": "string"},
    "example": "bytes=0-1023",
}


def surfaces() -> tuple[str, ...]:
    """Names the surfaces that have a document."""
    return tuple(_TITLES)


def openapi_document(surface: str, *, url: str, descriptors: Path = DESCRIPTORS) -> Json:
    """Makes the document of a surface that answers at `url`. Raises `KeyError` for an unknown surface."""
    title = _TITLES[surface]
    whole = read_descriptors(descriptors)
    routes = [route for route in read_routes(whole) if route.surface == surface]
    comments = read_comments(whole)
    schemas = Schemas(speech_of(surface), comments)
    paths: dict[str, Json] = {}
    used: dict[str, int] = {}
    for route in routes:
        made = operation(route, schemas=schemas, comments=comments)
        count = used[route.name] = used.get(route.name, 0) + 1
        if count > 1:
            made["operationId"] += str(count)
        paths.setdefault(route.path, {})[route.verb.lower()] = made
    services = {route.method.containing_service.full_name: route.method.containing_service for route in routes}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": __version__,
            "description": f"{title}, as ReelOps serves it. gRPC has the same calls, named as the operations are.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url}],
        "tags": [
            {"name": service.name, "description": comments[name].text} for name, service in sorted(services.items())
        ],
        "paths": paths,
        "components": {
            "schemas": dict(sorted((schemas.components | {"Error": BODIES[surface]}).items())),
            "parameters": {"Range": _RANGE},
            "headers": {
                name: {"description": text, "schema": {"type": kind}} for name, (kind, text) in _HEADERS.items()
            },
            "securitySchemes": SCHEMES[surface],
        },
    }
