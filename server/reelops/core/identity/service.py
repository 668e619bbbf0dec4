"""Tells who calls from the value of an Authorization header."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from reelops.core.identity.model import BasicAccount, Principal, Role
from reelops.errors import Unauthenticated, Unconfigured

CHALLENGES: Final = ('Bearer realm="reelops"', 'Basic realm="reelops", charset="UTF-8"')


class Identity:
    """The configured credentials.

    Only digests are kept. Tokens are random and a Basic password stands in the environment in clear, so a slow password
    hash would protect nothing here; a digest makes every comparison as long as any other.
    """

    challenges: Final = CHALLENGES

    def __init__(self, role_tokens: Mapping[str, Sequence[str]], basic: BasicAccount | None = None) -> None:
        self._bearers = tuple(
            (_digest(token.encode()), Principal(f"token:{role.name}", role))
            for role, tokens in ((Role.named(name), tokens) for name, tokens in role_tokens.items())
            for token in tokens
        )
        self._basic: tuple[tuple[bytes, Principal], ...] = ()
        if basic is not None:
            account = f"{basic.user}:{basic.password}".encode()
            self._basic = ((_digest(account), Principal(f"basic:{basic.user}", basic.role)),)

    @property
    def is_configured(self) -> bool:
        """Says whether anybody can log in at all."""
        return bool(self._bearers or self._basic)

    def authenticate(self, authorization: str | bytes | None) -> Principal:
        """Returns who the header's value stands for.

        Raises `Unauthenticated` with `CREDENTIALS_MISSING` or `CREDENTIALS_INVALID`, whatever bytes the value is made
        of, and `Unconfigured("AUTH_NOT_CONFIGURED")` where no credentials are configured.
        """
        if not self.is_configured:
            raise Unconfigured("AUTH_NOT_CONFIGURED", "No credentials are configured on this server.")
        if not authorization:
            raise Unauthenticated("CREDENTIALS_MISSING", "This needs a bearer token or a user and password.")
        scheme, _, value = _as_bytes(authorization).strip().partition(b" ")
        principal = self._find(scheme.lower(), value.strip())
        if principal is None:
            raise Unauthenticated("CREDENTIALS_INVALID", "The credentials are not known here.")
        return principal

    def _find(self, scheme: bytes, value: bytes) -> Principal | None:
        if scheme == b"bearer":
            return _look_up(self._bearers, value)
        if scheme != b"basic":
            return None
        try:
            return _look_up(self._basic, base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            return None


def _look_up(known: tuple[tuple[bytes, Principal], ...], value: bytes) -> Principal | None:
    # All are compared, so that the time tells nothing about which one matched.
    shown = _digest(value)
    found = None
    for digest, principal in known:
        if compare_digest(digest, shown):
            found = principal
    return found


def _as_bytes(value: str | bytes) -> bytes:
    # Headers may hold any bytes, and what decoded them may have left lone surrogates.
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _digest(value: bytes) -> bytes:
    return sha256(value).digest()
