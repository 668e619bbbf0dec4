"""JSON Web Tokens as we sign and read them: RS256 and nothing else (RFC 7515, 7519, 8725)."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import RSAKey
from joserfc.jwt import JWTClaimsRegistry

from reelops.errors import Unauthenticated

ISSUER: Final = "reelops"
AUDIENCE: Final = "wavestack"
LEEWAY_SEC: Final = 30
_ALGORITHM: Final = "RS256"
# Ours are about 700 characters long.
_LONGEST = 4096

_RULES = JWTClaimsRegistry(
    leeway=LEEWAY_SEC,
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    org_id={"essential": True},
    iat={"essential": True},
    nbf={"essential": True},
    exp={"essential": True},
    jti={"essential": True},
)


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a genuine token says. Moments are in seconds since 1970."""

    client_id: str
    org_id: str
    issued_at: int
    expires_at: int


def sign(key: RSAKey, *, kid: str, client_id: str, org_id: str, lifetime_sec: int) -> str:
    """Makes a token. Takes about a millisecond."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": client_id,
        "org_id": org_id,
        "iat": now,
        "nbf": now,
        "exp": now + lifetime_sec,
        "jti": secrets.token_hex(16),
    }
    header = {"alg": _ALGORITHM, "kid": kid, "typ": "JWT"}
    return jwt.encode(header, claims, key, algorithms=[_ALGORITHM], default_type=None)


def key_id(token: bytes) -> str | None:
    """Returns the name of the key that a token says it was signed by; None for what cannot be a token of ours."""
    if len(token) > _LONGEST or token.count(b".") != 2:
        return None
    header = _read_header(token.partition(b".")[0])
    if not isinstance(header, dict) or header.get("alg") != _ALGORITHM:
        return None
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None


def verify(token: bytes, key: RSAKey) -> TokenClaims:
    """Reads a token that the key signed and whose time it is.

    Raises `Unauthenticated` with `TOKEN_EXPIRED`, and `CREDENTIALS_INVALID` for anything else that is wrong.
    """
    try:
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM]).claims
        _RULES.validate(claims)
        if not isinstance(claims["org_id"], str):
            raise ValueError("org_id is no text")
        return TokenClaims(claims["sub"], claims["org_id"], int(claims["iat"]), int(claims["exp"]))
    except ExpiredTokenError:
        raise expired() from None
    except (JoseError, ValueError, TypeError, RecursionError):
        raise unknown() from None


def expired() -> Unauthenticated:
    """Makes the error that tells a client to get a new token."""
    return Unauthenticated("TOKEN_EXPIRED", "The token has expired; get a new one.")


def unknown() -> Unauthenticated:
    """Makes the error that says nothing about what is wrong with a token."""
    return Unauthenticated("CREDENTIALS_INVALID", "The token is not valid here.")


def _read_header(part: bytes) -> Any:
    try:
        return json.loads(base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
