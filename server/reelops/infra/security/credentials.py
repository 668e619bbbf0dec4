"""The credentials that an embedded run makes for itself on its first start."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reelops.errors import Invalid

_ROLES = ("admin", "operator", "viewer")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One random token for each role name, and a key (hexadecimal) that signs audit exports."""

    tokens: Mapping[str, str] = field(repr=False)
    audit_signing_key: str = field(repr=False)
    audit_signing_key_id: str

    @property
    def role_tokens(self) -> dict[str, tuple[str, ...]]:
        """The tokens as `Identity` takes them."""
        return {role: (token,) for role, token in self.tokens.items()}


def create_credentials(path: Path) -> Credentials:
    """Makes the file (mode 0600) with random secrets, or returns those of the file that is there already.

    Safe when several processes do it at the same moment: all get the same secrets.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _publish(path, _random())
    return load_credentials(path)


def load_credentials(path: Path) -> Credentials:
    """Reads the file. Raises `Invalid` with `CREDENTIALS_MISSING` or `CREDENTIALS_UNREADABLE`."""
    try:
        return _parse(json.loads(path.read_bytes()))
    except FileNotFoundError as error:
        raise Invalid("CREDENTIALS_MISSING", f"There is no credentials file at {path}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(
            "CREDENTIALS_UNREADABLE", f"The credentials in {path} cannot be read; move the file away to get new ones."
        ) from error


def _random() -> Credentials:
    return Credentials(
        tokens={role: secrets.token_urlsafe(32) for role in _ROLES},
        audit_signing_key=secrets.token_hex(32),
        audit_signing_key_id=f"local-{secrets.token_hex(4)}",
    )


def _parse(plain: Any) -> Credentials:
    tokens = {str(role): str(token) for role, token in plain["tokens"].items() if token}
    if not tokens or not plain["audit_signing_key"]:
        raise ValueError("a secret is empty")
    return Credentials(tokens, str(plain["audit_signing_key"]), str(plain["audit_signing_key_id"]))


def _publish(path: Path, credentials: Credentials) -> None:
    # A link to a complete file appears at once, and only for the first who tries.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(credentials), file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
