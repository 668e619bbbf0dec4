"""Whose the present call is."""

from __future__ import annotations

from reelops.core.identity.caller import principal
from reelops.core.library.assets.model import DEFAULT_ORG

_NETWORK = "network"
"""The name of callers on the trusted network who show no token."""


def organisation() -> str:
    """Returns the organisation that the present call is made for."""
    return principal().org_id or DEFAULT_ORG


def reader() -> str | None:
    """Returns the organisation whose files the present call may read; None for every one's.

    On the trusted network who knows the name of a file may have it: names cannot be guessed, and players send no token.
    """
    return None if principal().name == _NETWORK else organisation()
