"""Signed exports as bytes: how they are made and how anybody with the key checks them offline.

The file is `{"payload":PAYLOAD,"signature":{...}}`, canonical JSON throughout. PAYLOAD, as its bytes stand in the file,
is what is hashed and signed, so no program has to respell it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from reelops.core.audit.model import AuditEntry, canonical, digest, entry_document, spell_moment

ALGORITHM: Final = "hmac-sha256"
_HEAD: Final = b'{"payload":'
_BETWEEN: Final = b',"signature":'


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The secret that signs, and the name by which the one who checks finds it."""

    secret: bytes = field(repr=False)
    key_id: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Proves who made an export and that it is whole. Figures are hexadecimal."""

    algorithm: str
    key_id: str
    payload_sha256: str
    signature_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A signed export that was made. `file_path` is where a person finds it."""

    export_id: str
    generated_at: datetime
    item_count: int
    file_path: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """What checking a file found; `reason` says what is wrong where it is not valid."""

    valid: bool
    reason: str
    item_count: int = 0


def make_file(
    entries: Sequence[AuditEntry], key: SigningKey, *, limit: int, generated_at: datetime
) -> tuple[bytes, Signature]:
    """Returns the file's bytes and its signature. Entries are the newest first."""
    items = [entry_document(entry) for entry in entries]
    payload = canonical(
        {"generated_at": spell_moment(generated_at), "limit": limit, "item_count": len(items), "items": items}
    )
    signature = Signature(ALGORITHM, key.key_id, sha256(payload).hexdigest(), _sign(payload, key.secret))
    return _HEAD + payload + _BETWEEN + canonical(asdict(signature)) + b"}", signature


def verify_export(data: bytes, secret: bytes) -> ExportCheck:
    """Checks a file against the key: its signature, its count, and the chain of its entries."""
    payload, separator, rest = data.strip().removeprefix(_HEAD).rpartition(_BETWEEN)
    try:
        signature = json.loads(rest[:-1])
        document = json.loads(payload)
        given, count, items = str(signature["signature_hex"]), int(document["item_count"]), list(document["items"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ExportCheck(False, "This is no audit export.")
    if not separator or not data.strip().startswith(_HEAD):
        return ExportCheck(False, "This is no audit export.")
    if not hmac.compare_digest(given.encode(), _sign(payload, secret).encode()):
        return ExportCheck(False, "The signature does not fit: the file was changed, or another key signed it.")
    if signature.get("algorithm") != ALGORITHM or signature.get("payload_sha256") != sha256(payload).hexdigest():
        return ExportCheck(False, "The signature's own description is wrong.")
    if count != len(items):
        return ExportCheck(False, f"The file claims {count} entries and holds {len(items)}.")
    broken = _first_broken(items)
    if broken is not None:
        return ExportCheck(False, f"Entry {broken} is not as it was written.", count)
    return ExportCheck(True, "", count)


def _first_broken(items: Sequence[dict[str, Any]]) -> int | None:
    expected = None
    for item in reversed(items):
        sequence, previous = item["sequence"], item["previous_hash"]
        if expected not in (None, (sequence, previous)) or digest(item) != item["entry_hash"]:
            return int(sequence)
        expected = (sequence + 1, item["entry_hash"])
    return None


def _sign(payload: bytes, secret: bytes) -> str:
    return hmac.new(secret, payload, sha256).hexdigest()
