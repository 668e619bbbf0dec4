"""Who may call: the security schemes of each surface, and what each role asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reelops.api.edge.v1 import edge_pb2

Json = dict[str, Any]

_ROLE_TOKEN: Json = {"type": "http", "scheme": "bearer", "description": "A role token: viewer, operator or admin."}
_BASIC: Json = {"type": "http", "scheme": "basic", "description": "The configured account."}
_ORG_TOKEN: Json = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token of `POST /api/auth/token`.",
}
_ORG_ID: Json = {
    "type": "apiKey",
    "in": "header",
    "name": "X-Org-Id",
    "description": "The organisation that the token was given for.",
}
SCHEMES: Mapping[str, Json] = {
    "sopilot": {"token": _ROLE_TOKEN, "basic": _BASIC},
    "core": {"token": _ORG_TOKEN, "organisation": _ORG_ID},
    "clipper": {"token": _ORG_TOKEN, "organisation": _ORG_ID},
    "thumbnail": {"token": _ORG_TOKEN, "organisation": _ORG_ID},
}
"""The security schemes, by surface."""


@dataclass(frozen=True, slots=True)
class Security:
    """What a role asks for: credentials, none, or either on the trusted network."""

    needs_credentials: bool
    takes_credentials: bool

    def requirements(self, surface: str) -> list[Json]:
        """Lists the alternatives."""
        if not self.takes_credentials:
            return []
        alternatives: list[Json] = [] if self.needs_credentials else [{}]
        if surface == "sopilot":
            return [*alternatives, {"token": []}, {"basic": []}]
        return [*alternatives, {"token": [], "organisation": []}]

    @property
    def statuses(self) -> tuple[int, ...]:
        """Gives the HTTP statuses of refusals."""
        return (401, 403) if self.takes_credentials else ()


_PUBLIC, _CLOSED, _TRUSTED = Security(False, False), Security(True, True), Security(False, True)
SECURITY: Mapping[int, Security] = {
    edge_pb2.ROLE_PUBLIC: _PUBLIC,
    edge_pb2.ROLE_VIEWER: _CLOSED,
    edge_pb2.ROLE_OPERATOR: _CLOSED,
    edge_pb2.ROLE_ADMIN: _CLOSED,
    edge_pb2.ROLE_ORG: _CLOSED,
    edge_pb2.ROLE_SERVICE: _TRUSTED,
}
