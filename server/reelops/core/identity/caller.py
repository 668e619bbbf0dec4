"""Who makes the present call: set once by the server, read wherever something is done in somebody's name."""

from __future__ import annotations

from contextvars import ContextVar

from reelops.core.identity.model import Principal, Role

ANONYMOUS = Principal("anonymous", Role.public)
_principal: ContextVar[Principal] = ContextVar("principal", default=ANONYMOUS)


def principal() -> Principal:
    """Returns who makes the present call."""
    return _principal.get()


def set_principal(caller: Principal) -> None:
    """Sets who makes the present call, for the present task and those it starts."""
    _principal.set(caller)
