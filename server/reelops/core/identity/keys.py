"""The keys that sign tokens: made, rotated, published. Kept in the database, so that all servers have the same."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from reelops.core.identity import store
from reelops.errors import Unconfigured
from reelops.infra.database import Database, utc_now

_NAME: Final = "wavestack"
_KID = re.compile(rf"{_NAME}-([1-9]\d{{0,8}})", re.ASCII)
_BITS = 2048
_LOADED_LIMIT = 64


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key without its private part. `expires_at` is when the last token that it signed has expired."""

    kid: str
    public: RSAKey
    created_at: datetime
    retired_at: datetime | None
    expires_at: datetime | None


class SigningKeys:
    """The keys of a database.

    `lifetime_sec` is that of tokens, `leeway_sec` what clocks may differ by. With a `passphrase` private parts are
    stored encrypted by it. Nothing is remembered between calls but keys already parsed: a rotation holds at once.
    """

    def __init__(self, *, db: Database, lifetime_sec: int, leeway_sec: int, passphrase: str = "") -> None:
        self._db = db
        self._outlive = timedelta(seconds=lifetime_sec + leeway_sec)
        self._passphrase = passphrase or None
        self._loaded: dict[str, RSAKey] = {}

    async def ensure(self) -> None:
        """Makes the first key where there is none."""
        if await store.newest_key(self._db) is None:
            await self._add(only_first=True)

    async def rotate(self, *, retire_now: bool = False) -> SigningKey:
        """Makes a key that signs from now on and returns it.

        The keys before it verify tokens until those have expired, or no more at all with `retire_now`.
        """
        return await self._add(retire_now=retire_now)

    async def list(self) -> tuple[SigningKey, ...]:
        """Lists the keys whose tokens hold, the one that signs first."""
        now = utc_now()
        return tuple(self._to_key(row) for row in await store.list_keys(self._db) if _holds(row, now))

    async def get(self, kid: str) -> SigningKey | None:
        """Returns a key whose tokens hold."""
        match = _KID.fullmatch(kid)
        row = await store.get_key(self._db, int(match[1])) if match else None
        return self._to_key(row) if row is not None and _holds(row, utc_now()) else None

    async def signer(self) -> tuple[str, RSAKey]:
        """Returns the name and the private part of the key that signs. Raises `Unconfigured` where there is none."""
        row = await store.newest_key(self._db)
        if row is None or row.private_pem is None:
            raise Unconfigured("SIGNING_KEY_MISSING", "No key signs tokens here; `reelops keys rotate` makes one.")
        return _kid(row.number), self._load(row.private_pem)

    async def purge(self) -> None:
        """Removes the keys whose tokens have all expired."""
        if any(not _holds(row, utc_now()) for row in await store.list_keys(self._db)):
            async with self._db.write() as conn:
                await store.delete_expired_keys(conn, utc_now())

    async def _add(self, *, only_first: bool = False, retire_now: bool = False) -> SigningKey:
        made = await asyncio.to_thread(RSAKey.generate_key, _BITS)
        now = utc_now()
        async with self._db.write() as conn:
            number = await store.lock_keys(conn) + 1
            if not only_first or number == 1:
                values = {
                    "number": number,
                    "public_pem": made.as_pem(private=False).decode(),
                    "private_pem": made.as_pem(private=True, password=self._passphrase).decode(),
                    "created_at": now,
                }
                await store.insert_key(conn, **values)
                expires_at = now if retire_now else now + self._outlive
                await store.retire_keys(conn, before=number, at=now, expires_at=expires_at)
                await store.delete_expired_keys(conn, now)
        public = RSAKey.import_key(made.as_pem(private=False))
        return SigningKey(_kid(number), public, now, None, None)

    def _to_key(self, row: Any) -> SigningKey:
        return SigningKey(_kid(row.number), self._load(row.public_pem), row.created_at, row.retired_at, row.expires_at)

    def _load(self, pem: str) -> RSAKey:
        key = self._loaded.get(pem)
        if key is None:
            if len(self._loaded) >= _LOADED_LIMIT:
                self._loaded.clear()
            try:
                key = self._loaded[pem] = RSAKey.import_key(pem, password=self._passphrase)
            except (JoseError, ValueError, TypeError) as error:
                raise Unconfigured(
                    "SIGNING_KEY_SEALED",
                    "The key that signs tokens is sealed by another passphrase; set that one, or run "
                    "`reelops keys rotate`.",
                ) from error
        return key


def _kid(number: int) -> str:
    return f"{_NAME}-{number}"


def _holds(row: Any, now: datetime) -> bool:
    return row.expires_at is None or row.expires_at > now
