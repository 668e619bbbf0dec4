"""DocumentationService: OpenAPI documents, and the pages that show them without asking any other host."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.api import httpbody_pb2

from reelops import errors
from reelops.api.wavestack.v1 import documentation_service_pb2 as pb
from reelops.api.wavestack.v1 import documentation_service_pb2_grpc
from reelops.surfaces.context import Context

MakeDocument = Callable[[str], Mapping[str, Any]]
"""Makes the OpenAPI document of a surface."""

_DEFAULT = "clipper"
_FILES = {
    "swagger-ui.css": ("swagger-ui-dist/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("swagger-ui-dist/swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui-standalone-preset.js": ("swagger-ui-dist/swagger-ui-standalone-preset.js", "text/javascript"),
    "favicon-32x32.png": ("swagger-ui-dist/favicon-32x32.png", "image/png"),
    "redoc.standalone.js": ("redoc/bundles/redoc.standalone.js", "text/javascript"),
}
_START = "start.js"
# The one picture that ReDoc would fetch from elsewhere.
_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
# No other host is ever asked, whatever the bundles would like to show.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; worker-src blob:; connect-src *; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = (("content-security-policy", _POLICY), ("cache-control", "no-cache"), ("x-content-type-options", "nosniff"))
_FILE = (("cache-control", "public, max-age=3600"), ("x-content-type-options", "nosniff"))
_HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
_ICON = '<meta name="viewport" content="width=device-width"><link rel="icon" href="docs/favicon-32x32.png">'
_SWAGGER = (
    f"{_HEAD}{_ICON}"
    '<link rel="stylesheet" href="docs/swagger-ui.css"></head><body><div id="swagger-ui"></div>'
    '<script src="docs/swagger-ui-bundle.js"></script><script src="docs/swagger-ui-standalone-preset.js"></script>'
    '<script src="docs/start.js"></script></body></html>'
)
_REDOC = (
    f"{_HEAD}{_ICON}"
    '<style>body {{ margin: 0 }}</style></head><body><redoc spec-url="openapi.json?surface={surface}"></redoc>'
    '<script src="docs/redoc.standalone.js"></script></body></html>'
)
_STARTER = """window.ui = SwaggerUIBundle({{
  urls: {urls},
  "urls.primaryName": new URLSearchParams(location.search).get("urls.primaryName") || "{default}",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
}});
"""


class DocumentationServicer(documentation_service_pb2_grpc.DocumentationServiceServicer):
    """Shows the API. `surfaces` are those that `make` has a document of."""

    def __init__(self, *, surfaces: Sequence[str], make: MakeDocument) -> None:
        self._surfaces = tuple(surfaces)
        self._make = cache(make)
        self._made: dict[str, bytes] = {}

    async def GetOpenApi(self, request: pb.GetOpenApiRequest, context: Context) -> httpbody_pb2.HttpBody:
        data = self._document(self._known(request.surface))
        await context.send_initial_metadata((("cache-control", "no-cache"), ("access-control-allow-origin", "*")))
        return httpbody_pb2.HttpBody(content_type="application/json", data=data)

    async def GetSwaggerUi(self, request: pb.GetSwaggerUiRequest, context: Context) -> httpbody_pb2.HttpBody:
        await context.send_initial_metadata(_PAGE)
        return _html(_SWAGGER.format(title="ReelOps"))

    async def GetRedoc(self, request: pb.GetRedocRequest, context: Context) -> httpbody_pb2.HttpBody:
        surface = self._known(request.surface)
        title = str(self._make(surface)["info"]["title"])
        await context.send_initial_metadata(_PAGE)
        return _html(_REDOC.format(title=html.escape(title), surface=surface))

    async def GetDocumentationFile(
        self, request: pb.GetDocumentationFileRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        if request.file == _START:
            data, kind = self._starter(), "text/javascript"
        else:
            if request.file not in _FILES:
                raise errors.NotFound("FILE_NOT_FOUND", f"There is no file {request.file}.")
            path, kind = _FILES[request.file]
            data = await asyncio.to_thread(_bundled, path)
        await context.send_initial_metadata(_FILE)
        return httpbody_pb2.HttpBody(content_type=kind, data=data)

    def _known(self, surface: str) -> str:
        name = surface or _DEFAULT
        if name not in self._surfaces:
            names = ", ".join(self._surfaces)
            raise errors.NotFound(
                "SURFACE_NOT_FOUND", f"There is no surface {name}; there are {names}.", field="surface"
            )
        return name

    def _document(self, surface: str) -> bytes:
        if surface not in self._made:
            self._made[surface] = json.dumps(self._make(surface), ensure_ascii=False).encode()
        return self._made[surface]

    def _starter(self) -> bytes:
        first = (_DEFAULT, *(name for name in self._surfaces if name != _DEFAULT))
        urls = [{"name": name, "url": f"openapi.json?surface={name}"} for name in first]
        return _STARTER.format(urls=json.dumps(urls), default=_DEFAULT).encode()


def _html(text: str) -> httpbody_pb2.HttpBody:
    return httpbody_pb2.HttpBody(content_type="text/html; charset=utf-8", data=text.encode())


@cache
def _bundled(path: str) -> bytes:
    """Reads a file of the package that carries Swagger UI and ReDoc; it is never imported, as it wants Django."""
    spec = find_spec("drf_spectacular_sidecar")
    if spec is None or spec.origin is None:
        raise errors.Unconfigured("DOCUMENTATION_MISSING", "The documentation pages are not installed.")
    content = (Path(spec.origin).parent / "static" / "drf_spectacular_sidecar" / path).read_bytes()
    return content.replace(_LOGO, b"docs/favicon-32x32.png")
