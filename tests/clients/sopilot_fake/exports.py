"""A short audit trail and its export, made by the rules that the audit service documents."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

KEY = "a key for tests"
KEY_ID = "test"


def spelled(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def entries() -> list[dict[str, Any]]:
    """Returns three chained entries, newest first."""
    made: list[dict[str, Any]] = []
    before = "0" * 64
    for sequence, kind in enumerate(("ingest", "score", "delete"), start=1):
        entry = {
            "sequence": sequence,
            "job_id": f"{kind}-{sequence}",
            "job_type": kind,
            "requested_by": "token:admin",
            "task_id": "組立",
            "subject": "1→42",
            "status": "completed",
            "score": 87.5,
            "created_at": f"2026-02-08T12:00:0{sequence}.000000Z",
            "facts": {},
            "previous_hash": before,
        }
        before = entry["entry_hash"] = sha256(spelled(entry)).hexdigest()
        made.insert(0, entry)
    return made


def export_file(limit: int) -> bytes:
    items = entries()
    payload = spelled(
        {"generated_at": "2026-02-08T12:00:09.000000Z", "limit": limit, "item_count": len(items), "items": items}
    )
    signature = {
        "algorithm": "hmac-sha256",
        "key_id": KEY_ID,
        "payload_sha256": sha256(payload).hexdigest(),
        "signature_hex": hmac.new(KEY.encode(), payload, sha256).hexdigest(),
    }
    return b'{"payload":' + payload + b',"signature":' + spelled(signature) + b"}"
