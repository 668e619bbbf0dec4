"""The clients of organisations: configured ones, and those of the database, whose secrets are kept as hashes."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from reelops.core.identity import store
from reelops.errors import Conflict, Exhausted, Forbidden, Invalid, NotFound, Unauthenticated
from reelops.infra.database import Database, utc_now

# OWASP's least (2024). The secrets that we make have 256 random bits; the hash is for those that people choose.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Guessing takes these threads at most, and who would have to wait behind so many is told to come again.
_THREADS = 2
_WAITING = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,254}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ServiceClient:
    """A client. Configured ones have no `created_at`."""

    client_id: str
    org_id: str
    created_at: datetime | None = None
    rotated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConfiguredClient:
    """A client with its secret, as settings and the credentials file have it."""

    client_id: str
    org_id: str
    client_secret: str = field(repr=False)


class ServiceClients:
    """The clients of a database and those that are configured, which win."""

    def __init__(self, *, db: Database, configured: Iterable[ConfiguredClient] = ()) -> None:
        self._db = db
        self._configured = {client.client_id: client for client in configured}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="client-secret")
        self._waiting = 0
        self._threads.submit(_stand_in)

    def close(self) -> None:
        """Ends its threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def get(self, client_id: str) -> ServiceClient | None:
        """Returns a client that may call now."""
        configured = self._configured.get(client_id)
        if configured is not None:
            return ServiceClient(client_id, configured.org_id)
        row = await store.get_client(self._db, client_id)
        return None if row is None else _to_client(row)

    async def list(self) -> list[ServiceClient]:
        """Lists the clients of the database by organisation and id."""
        return [_to_client(row) for row in await store.list_clients(self._db)]

    def configured(self) -> tuple[ServiceClient, ...]:
        """Gives the configured clients in the order in which they stand."""
        return tuple(ServiceClient(client.client_id, client.org_id) for client in self._configured.values())

    async def authenticate(self, *, client_id: str, client_secret: str, org_id: str) -> ServiceClient:
        """Returns the client whose secret this is.

        Raises `Unauthenticated("CLIENT_UNKNOWN")`, `Forbidden("ORG_MISMATCH")` and, while too many others wait,
        `Exhausted("LOGINS_BUSY")`.
        """
        configured = self._configured.get(client_id)
        row = None if configured is not None else await store.get_client(self._db, client_id)
        matches = await self._verify(None if row is None else row.secret_hash, client_secret)
        if configured is not None:
            matches = compare_digest(_digest(configured.client_secret), _digest(client_secret))
        elif row is None:
            matches = False
        if not matches:
            raise Unauthenticated("CLIENT_UNKNOWN", "The client id or the secret is wrong.")
        client = await self.get(client_id)
        if client is None:
            raise Unauthenticated("CLIENT_UNKNOWN", "The client id or the secret is wrong.")
        if client.org_id != org_id:
            raise Forbidden("ORG_MISMATCH", "The client belongs to another organisation.")
        return client

    async def add(self, client_id: str, org_id: str) -> str:
        """Adds a client and returns its secret, which nobody can read again.

        Raises `Invalid` for names that could not be sent and `Conflict("CLIENT_EXISTS")`.
        """
        for field_name, value in (("client_id", client_id), ("org_id", org_id)):
            if not _NAME.fullmatch(value):
                raise Invalid("NAME_INVALID", f"{field_name}: {_NAME_RULE}", field=field_name)
        secret, hashed = await self._make_secret()
        async with self._db.write() as conn:
            values = {"client_id": client_id, "org_id": org_id, "secret_hash": hashed, "created_at": utc_now()}
            added = client_id not in self._configured and await store.insert_client(conn, **values)
        if not added:
            raise Conflict("CLIENT_EXISTS", f"There is a client {client_id} already.")
        return secret

    async def rotate(self, client_id: str) -> str:
        """Gives a client another secret and returns it; tokens that it has hold until they expire."""
        secret, hashed = await self._make_secret()
        async with self._db.write() as conn:
            changed = await store.update_client(conn, client_id, secret_hash=hashed, rotated_at=utc_now())
        if not changed:
            raise self._missing(client_id)
        return secret

    async def remove(self, client_id: str) -> None:
        """Removes a client; its tokens end within seconds. Raises `NotFound("CLIENT_NOT_FOUND")`."""
        async with self._db.write() as conn:
            removed = await store.delete_client(conn, client_id)
        if not removed:
            raise self._missing(client_id)

    def _missing(self, client_id: str) -> NotFound:
        where = "is configured by WAVESTACK_SERVICE_CLIENTS" if client_id in self._configured else "is not known"
        return NotFound("CLIENT_NOT_FOUND", f"The client {client_id} {where}.")

    async def _make_secret(self) -> tuple[str, str]:
        secret = secrets.token_urlsafe(32)
        return secret, await self._in_thread(_HASHER.hash, secret)

    async def _verify(self, hashed: str | None, secret: str) -> bool:
        if self._waiting >= _WAITING:
            raise Exhausted("LOGINS_BUSY", "Too many clients log in at once; try again in a moment.", retry_after="1")
        self._waiting += 1
        try:
            return bool(await self._in_thread(_verify, hashed, secret))
        finally:
            self._waiting -= 1

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def parse_service_clients(text: str) -> tuple[ConfiguredClient, ...]:
    """Reads a JSON list of objects with client_id, client_secret and org_id.

    Raises `ValueError` that says which entry is wrong and why, and never repeats a secret.
    """
    if not text.strip():
        return ()
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(entries, list):
        raise ValueError("it is no JSON list")
    clients: dict[str, ConfiguredClient] = {}
    for number, entry in enumerate(entries, start=1):
        client = _parse_entry(entry, number)
        if client.client_id in clients:
            raise ValueError(f"entry {number}: the client_id is there twice")
        clients[client.client_id] = client
    return tuple(clients.values())


_NAME_RULE = "1 to 255 letters, digits and . _ : @ -, beginning with a letter or digit"


def _parse_entry(entry: Any, number: int) -> ConfiguredClient:
    fields = ("client_id", "client_secret", "org_id")
    if not isinstance(entry, Mapping) or set(entry) != set(fields):
        raise ValueError(f"entry {number} is no object of exactly client_id, client_secret and org_id")
    if not all(isinstance(entry[name], str) for name in fields):
        raise ValueError(f"entry {number}: all three values are texts")
    for name in ("client_id", "org_id"):
        if not _NAME.fullmatch(entry[name]):
            raise ValueError(f"entry {number}: {name} has to be {_NAME_RULE}")
    secret = entry["client_secret"]
    if not 1 <= len(secret) <= 1024 or "\0" in secret:
        raise ValueError(f"entry {number}: client_secret has to be 1 to 1024 characters, without NUL")
    return ConfiguredClient(entry["client_id"], entry["org_id"], secret)


@cache
def _stand_in() -> str:
    """Stands where there is no hash, so that every refusal takes as long."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def _verify(hashed: str | None, secret: str) -> bool:
    try:
        return _HASHER.verify(hashed or _stand_in(), secret)
    except (VerificationError, InvalidHashError, UnicodeError):
        return False


def _to_client(row: Any) -> ServiceClient:
    return ServiceClient(row.client_id, row.org_id, row.created_at, row.rotated_at)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
