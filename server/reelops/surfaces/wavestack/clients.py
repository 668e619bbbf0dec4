"""Who calls, and for which organisation."""

from __future__ import annotations

from dataclasses import dataclass

from reelops import errors
from reelops.core.identity.caller import principal


@dataclass(frozen=True, slots=True)
class Client:
    """A client of an organisation."""

    name: str
    org_id: str


def client() -> Client:
    """Returns who makes the present call. Raises `Forbidden` for one who acts for no organisation."""
    who = principal()
    if who.org_id is None:
        raise errors.Forbidden("ORGANISATION_REQUIRED", "This needs a token of an organisation.")
    return Client(who.name, who.org_id)
