"""The credentials that an embedded run makes for itself on its first start."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reelops.errors import Invalid

_ROLES = ("admin", "operator", "viewer")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """By what a client of an organisation gets tokens."""

    client_id: str
    client_secret: str = field(repr=False)
    org_id: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """One random token for each role name, a key (hexadecimal) that signs audit exports, and a client."""

    tokens: Mapping[str, str] = field(repr=False)
    audit_signing_key: str = field(repr=False)
    audit_signing_key_id: str
    service_client: ClientCredentials

    @property
    def role_tokens(self) -> dict[str, tuple[str, ...]]:
        """The tokens as `Identity` takes them."""
        return {role: (token,) for role, token in self.tokens.items()}


def create_credentials(path: Path, *, org_id: str = "default") -> Credentials:
    """Makes the file (mode 0600) with random secrets, or returns those of the file that is there already.

    A file of before there were clients gains one; it belongs to `org_id`. Safe when several processes do it at the same
    moment: all get the same secrets.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _publish(path, asdict(_random(org_id)), replace=False)
    plain = _load(path)
    if _lacks_client(plain):
        with _alone(path.parent):
            plain = _load(path)
            if _lacks_client(plain):
                _publish(path, {**plain, "service_client": asdict(_random_client(org_id))}, replace=True)
    return load_credentials(path)


def load_credentials(path: Path) -> Credentials:
    """Reads the file. Raises `Invalid` with `CREDENTIALS_MISSING` or `CREDENTIALS_UNREADABLE`."""
    with _telling(path):
        return _parse(_load(path))


def _load(path: Path) -> Any:
    with _telling(path):
        return json.loads(path.read_bytes())


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Invalid("CREDENTIALS_MISSING", f"There is no credentials file at {path}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(
            "CREDENTIALS_UNREADABLE", f"The credentials in {path} cannot be read; move the file away to get new ones."
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _lacks_client(plain: Any) -> bool:
    return isinstance(plain, dict) and bool(plain.get("tokens")) and "service_client" not in plain


def _random(org_id: str) -> Credentials:
    return Credentials(
        tokens={role: secrets.token_urlsafe(32) for role in _ROLES},
        audit_signing_key=secrets.token_hex(32),
        audit_signing_key_id=f"local-{secrets.token_hex(4)}",
        service_client=_random_client(org_id),
    )


def _random_client(org_id: str) -> ClientCredentials:
    return ClientCredentials(client_id="local", client_secret=secrets.token_urlsafe(32), org_id=org_id)


def _parse(plain: Any) -> Credentials:
    tokens = {str(role): str(token) for role, token in plain["tokens"].items() if token}
    if not tokens or not plain["audit_signing_key"]:
        raise ValueError("a secret is empty")
    client = {name: str(plain["service_client"][name]) for name in ("client_id", "client_secret", "org_id")}
    if not all(client.values()):
        raise ValueError("a part of the client is empty")
    return Credentials(
        tokens, str(plain["audit_signing_key"]), str(plain["audit_signing_key_id"]), ClientCredentials(**client)
    )


def _publish(path: Path, plain: Mapping[str, Any], *, replace: bool) -> None:
    # A complete file appears at once; a link does so only for the first who tries.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(plain, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(name).replace(path)
        else:
            os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink(missing_ok=True)
