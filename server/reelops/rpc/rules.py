"""What the protos say about each method: who may call it, and in which API it is documented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import ServiceDescriptor

from reelops.api.edge.v1 import edge_pb2
from reelops.core.identity import Role

_ROLES = {
    edge_pb2.ROLE_PUBLIC: Role.public,
    edge_pb2.ROLE_VIEWER: Role.viewer,
    edge_pb2.ROLE_OPERATOR: Role.operator,
    edge_pb2.ROLE_ADMIN: Role.admin,
}


@dataclass(frozen=True, slots=True)
class MethodRule:
    """The rule of one method."""

    role: Role
    surface: str


def read_rules(services: Iterable[ServiceDescriptor]) -> Mapping[str, MethodRule]:
    """Reads the rules by the method's path (`/reelops.api.sopilot.v1.VideoService/GetVideo`).

    Raises `ValueError` for a method without a role: forgetting it must not open a door.
    """
    rules = {}
    for service in services:
        surface = service.GetOptions().Extensions[edge_pb2.surface]
        for method in service.methods:
            role = _ROLES.get(method.GetOptions().Extensions[edge_pb2.role])
            if role is None:
                raise ValueError(f"{method.full_name} declares no role")
            rules[f"/{service.full_name}/{method.name}"] = MethodRule(role, surface)
    return rules
