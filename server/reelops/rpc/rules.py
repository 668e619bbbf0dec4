"""What the protos say about each method: who may call it, and in which API it is documented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from google.protobuf.descriptor import ServiceDescriptor

from reelops.api.edge.v1 import edge_pb2
from reelops.core.identity import Role


class Access(Enum):
    """By what a caller is let in."""

    public = "public"
    role = "role"
    org = "org"
    service = "service"


# Clients of organisations may do everything that their methods offer: those are cut by organisation, not by role.
_RULES = {
    edge_pb2.ROLE_PUBLIC: (Access.public, Role.public),
    edge_pb2.ROLE_VIEWER: (Access.role, Role.viewer),
    edge_pb2.ROLE_OPERATOR: (Access.role, Role.operator),
    edge_pb2.ROLE_ADMIN: (Access.role, Role.admin),
    edge_pb2.ROLE_ORG: (Access.org, Role.operator),
    edge_pb2.ROLE_SERVICE: (Access.service, Role.operator),
}


@dataclass(frozen=True, slots=True)
class MethodRule:
    """The rule of one method. Calls of an `uncounted` one leave the caller's rate limit as it is."""

    role: Role
    surface: str
    access: Access = Access.role
    uncounted: bool = False


def read_rules(services: Iterable[ServiceDescriptor]) -> Mapping[str, MethodRule]:
    """Reads the rules by the method's path (`/reelops.api.sopilot.v1.VideoService/GetVideo`).

    Raises `ValueError` for a method without a role: forgetting it must not open a door.
    """
    rules = {}
    for service in services:
        surface = service.GetOptions().Extensions[edge_pb2.surface]
        for method in service.methods:
            options = method.GetOptions().Extensions
            if options[edge_pb2.role] not in _RULES:
                raise ValueError(f"{method.full_name} declares no role")
            access, role = _RULES[options[edge_pb2.role]]
            rules[f"/{service.full_name}/{method.name}"] = MethodRule(
                role, surface, access, uncounted=options[edge_pb2.uncounted]
            )
    return rules
