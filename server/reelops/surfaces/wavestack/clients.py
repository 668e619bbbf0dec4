"""Who calls, and for which organisation."""

from __future__ import annotations

from dataclasses import dataclass

from reelops import errors
from reelops.core.identity.caller import principal
from reelops.core.identity.model import NETWORK


@dataclass(frozen=True, slots=True)
class Client:
    """A client of an organisation, or a caller on the trusted network, who acts for one."""

    name: str
    org_id: str


def client() -> Client:
    """Returns who makes the present call. Raises `Forbidden` for one who acts for no organisation."""
    who = principal()
    if who.org_id is None:
        raise errors.Forbidden("ORGANISATION_REQUIRED", "This needs a token of an organisation.")
    return Client(who.name, who.org_id)


def reader() -> str | None:
    """Returns the organisation whose files the present call may read; None for every one's.

    On the trusted network who knows the name of a file may have it: names cannot be guessed, and players send no token.
    """
    return None if principal().name == NETWORK else client().org_id
