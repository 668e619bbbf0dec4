"""Who calls for an organisation: tokens given to its clients, and those that come back with calls."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from reelops.core.identity import tokens
from reelops.core.identity.clients import ServiceClients
from reelops.core.identity.keys import SigningKeys
from reelops.core.identity.model import Principal, Role
from reelops.core.identity.tokens import TokenClaims
from reelops.errors import Forbidden, Unauthenticated

CHALLENGES: Final = ('Bearer realm="wavestack"',)
# A token that was verified is looked at again after this long: are its key and its client still there?
_TRUSTED_SEC = 2.0
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token and the seconds until it expires."""

    value: str
    lifetime_sec: int


@dataclass(frozen=True, slots=True)
class _Verified:
    claims: TokenClaims
    principal: Principal
    kid: str
    # By the monotonic clock.
    looked_at: float


class Organisations:
    """Gives tokens to clients and knows callers by them."""

    def __init__(self, *, keys: SigningKeys, clients: ServiceClients, lifetime_sec: int) -> None:
        self._keys = keys
        self._clients = clients
        self._lifetime_sec = lifetime_sec
        # By the token's digest, the least recently used first: verifying a signature costs more than the call's rest.
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    async def issue(self, *, client_id: str, client_secret: str, org_id: str) -> IssuedToken:
        """Gives a token to a client that shows its secret.

        Raises `Unauthenticated("CLIENT_UNKNOWN")`, `Forbidden("ORG_MISMATCH")`, `Exhausted("LOGINS_BUSY")` and
        `Unconfigured` where no key can sign.
        """
        client = await self._clients.authenticate(client_id=client_id, client_secret=client_secret, org_id=org_id)
        kid, key = await self._keys.signer()
        value = tokens.sign(
            key, kid=kid, client_id=client.client_id, org_id=client.org_id, lifetime_sec=self._lifetime_sec
        )
        return IssuedToken(value, self._lifetime_sec)

    async def authenticate(self, authorization: str | bytes | None, org_ids: tuple[str | bytes, ...]) -> Principal:
        """Returns who the value of an Authorization header stands for.

        `org_ids` are the values of X-Org-Id. Raises `Unauthenticated` with `CREDENTIALS_MISSING`,
        `CREDENTIALS_INVALID` or `TOKEN_EXPIRED`, whatever bytes the values are made of, and `Forbidden("ORG_MISMATCH")`
        where X-Org-Id is not there once, or names another organisation.
        """
        if not authorization:
            raise Unauthenticated("CREDENTIALS_MISSING", "This needs a bearer token.")
        scheme, _, value = _as_bytes(authorization).strip().partition(b" ")
        if scheme.lower() != b"bearer":
            raise tokens.unknown()
        caller = (await self._find(value.strip())).principal
        same_org(caller.org_id, org_ids)
        return caller

    async def _find(self, token: bytes) -> _Verified:
        digest = sha256(token).digest()
        known = self._verified.get(digest)
        if known is None:
            known = await self._verify(token)
        elif time.monotonic() - known.looked_at > _TRUSTED_SEC:
            known = await self._look_again(digest, known)
        else:
            self._verified.move_to_end(digest)
        if known.claims.expires_at + tokens.LEEWAY_SEC <= time.time():
            self._verified.pop(digest, None)
            raise tokens.expired()
        self._remember(digest, known)
        return known

    async def _verify(self, token: bytes) -> _Verified:
        kid = tokens.key_id(token)
        key = await self._keys.get(kid) if kid is not None else None
        if kid is None or key is None:
            raise tokens.unknown()
        claims = tokens.verify(token, key.public)
        await self._check_client(claims)
        principal = Principal(f"client:{claims.client_id}", Role.operator, claims.org_id)
        return _Verified(claims, principal, kid, time.monotonic())

    async def _look_again(self, digest: bytes, known: _Verified) -> _Verified:
        looked_at = time.monotonic()
        try:
            if await self._keys.get(known.kid) is None:
                raise tokens.unknown()
            await self._check_client(known.claims)
        except Unauthenticated:
            self._verified.pop(digest, None)
            raise
        return replace(known, looked_at=looked_at)

    async def _check_client(self, claims: TokenClaims) -> None:
        """Passes the token of a client that is still there, and not another one of the same id."""
        client = await self._clients.get(claims.client_id)
        if client is None or client.org_id != claims.org_id:
            raise tokens.unknown()
        if client.created_at is not None and claims.issued_at < int(client.created_at.timestamp()):
            raise tokens.unknown()

    def _remember(self, digest: bytes, known: _Verified) -> None:
        self._verified[digest] = known
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)


def same_org(org_id: str | None, shown: tuple[str | bytes, ...]) -> None:
    """Passes when X-Org-Id was shown once and is that organisation. Raises `Forbidden("ORG_MISMATCH")`."""
    if org_id is None or len(shown) != 1 or _as_bytes(shown[0]) != org_id.encode():
        said = "is missing" if not shown else "does not name the organisation that the caller acts for"
        raise Forbidden("ORG_MISMATCH", f"X-Org-Id {said}.")


def _as_bytes(value: str | bytes) -> bytes:
    # Headers may hold any bytes, and what decoded them may have left lone surrogates.
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
