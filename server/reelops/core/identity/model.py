"""Roles, principals and the rules between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from reelops.errors import Forbidden, Unauthenticated

NETWORK = "network"
"""The name of callers on the trusted network who show no token."""


class Role(IntEnum):
    """What a caller may do; each role may do everything that the ones before it may."""

    public = 0
    viewer = 1
    operator = 2
    admin = 3

    @classmethod
    def named(cls, name: str) -> Role:
        """Returns the role of that name. Raises `ValueError` for an unknown one and for `public`, which is nobody's."""
        role = cls.__members__.get(name.strip().lower())
        if role is None or role is cls.public:
            raise ValueError(f"{name.strip()!r} is no role; the roles are viewer, operator and admin")
        return role


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who is known: `token:operator`, `basic:ann`, `system:nightly`, `client:shop`, `network`.

    `org_id` is the organisation that they act for, and all that they see; None is the house, which sees everything.
    """

    name: str
    role: Role
    org_id: str | None = None


@dataclass(frozen=True, slots=True)
class BasicAccount:
    """The one account of HTTP Basic. Raises `ValueError` for a user or password that could never be sent."""

    user: str
    password: str = field(repr=False)
    role: Role

    def __post_init__(self) -> None:
        if not self.user or ":" in self.user:
            raise ValueError("the Basic user needs a name without a colon")
        if not self.password:
            raise ValueError("the Basic user needs a password")


def authorize(principal: Principal | None, needed: Role) -> None:
    """Passes when the principal may do what needs that role.

    Raises `Forbidden("ROLE_REQUIRED")`, and `Unauthenticated("CREDENTIALS_MISSING")` where nobody is known.
    """
    if needed is Role.public:
        return
    if principal is None:
        raise Unauthenticated("CREDENTIALS_MISSING", "This needs credentials.")
    if principal.role < needed:
        raise Forbidden("ROLE_REQUIRED", f"This needs the {needed.name} role.", role=needed.name)


def parse_role_tokens(text: str) -> Mapping[str, tuple[str, ...]]:
    """Reads `admin:x,operator:y`: tokens by role name, several to a role, with colons where they like.

    Raises `ValueError` that says which entry is wrong and why, and never repeats a token.
    """
    tokens: dict[str, tuple[str, ...]] = {}
    if not text.strip():
        return tokens
    for number, entry in enumerate(text.split(","), start=1):
        role, token = _parse_entry(entry, number)
        if any(token in known for known in tokens.values()):
            raise ValueError(f"role token {number} is there twice")
        tokens[role.name] = (*tokens.get(role.name, ()), token)
    return tokens


def _parse_entry(entry: str, number: int) -> tuple[Role, str]:
    name, colon, token = entry.strip().partition(":")
    if not colon:
        raise ValueError(f"role token {number} is not of the form role:token")
    try:
        role = Role.named(name)
    except ValueError:
        raise ValueError(f"role token {number} names no role; the roles are viewer, operator and admin") from None
    if not token.strip():
        raise ValueError(f"role token {number} ({role.name}) is empty")
    return role, token.strip()
