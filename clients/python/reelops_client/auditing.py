"""The audit trail, and checking an export of it without the service."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelops.api.sopilot.v1 import audit_service_pb2 as pb

from . import downloading, rpcs
from .calls import Caller

ALGORITHM = "hmac-sha256"
PAYLOAD_KEYS = ("generated_at", "limit", "item_count", "items")


class AsyncAudit:
    """Who did what."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def trail(self, *, limit: int | None = None) -> Sequence[pb.AuditEntry]:
        """Returns entries, newest first, at most `limit` (1 to 1000; 100 where absent)."""
        return list((await self._caller.call(rpcs.LIST_AUDIT, pb.ListAuditTrailRequest(limit=limit))).items)

    async def export(self, *, limit: int | None = None) -> pb.ExportAuditResponse:
        """Has the newest entries written into a signed file, at most `limit` (1 to 5000; 500 where absent)."""
        return await self._caller.call(rpcs.EXPORT_AUDIT, pb.ExportAuditRequest(limit=limit))

    async def download(self, export_id: str, path: str | os.PathLike[str]) -> Path:
        """Writes an export to `path`, whole or not at all."""
        request = pb.DownloadAuditExportRequest(export_id=export_id)
        return await downloading.download(self._caller, rpcs.DOWNLOAD_EXPORT, request, path)

    async def verify(self) -> pb.VerifyAuditTrailResponse:
        """Has the service recompute the chain of its whole trail."""
        return await self._caller.call(rpcs.VERIFY_AUDIT, pb.VerifyAuditTrailRequest())


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """What checking an export found. `problems` is empty where the export is genuine and whole."""

    key_id: str
    item_count: int
    problems: tuple[str, ...]

    @property
    def genuine(self) -> bool:
        return not self.problems


def verify_export(data: bytes, key: str | bytes) -> ExportCheck:
    """Checks an export file: its digest, its signature under `key`, and that it holds what it claims to hold.

    The digest and the HMAC-SHA256 are over the canonical JSON (sorted keys, no spaces, UTF-8) of generated_at, limit,
    item_count and items. Raises ValueError where the data is not an export at all.
    """
    payload, signature = _parts(data)
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    secret = key.encode() if isinstance(key, str) else key
    expected = hmac.new(secret, canonical, hashlib.sha256).hexdigest()
    problems = []
    if signature.get("algorithm") != ALGORITHM:
        problems.append(f"the signature is by {signature.get('algorithm')!r}, not {ALGORITHM}")
    if not _same(signature.get("payload_sha256"), hashlib.sha256(canonical).hexdigest()):
        problems.append("the digest does not fit the entries: the file was changed after it was made")
    if not _same(signature.get("signature_hex"), expected):
        problems.append("the signature does not fit: another key signed, or the file was changed")
    items = payload["items"]
    if len(items) != payload["item_count"]:
        problems.append(f"{len(items)} entries are in the file where it claims {payload['item_count']}")
    problems.extend(_gaps(items))
    return ExportCheck(str(signature.get("key_id", "")), len(items), tuple(problems))


def _parts(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        export = json.loads(data)
    except ValueError:
        raise ValueError("the file is not JSON") from None
    if not isinstance(export, dict) or not isinstance(export.get("signature"), dict):
        raise ValueError("the file is not an audit export: it has no signature")
    payload = export["payload"] if isinstance(export.get("payload"), dict) else export
    missing = [key for key in PAYLOAD_KEYS if key not in payload]
    if missing or not isinstance(payload["items"], list):
        raise ValueError(f"the file is not an audit export: {', '.join(missing) or 'items'} is missing")
    return {key: payload[key] for key in PAYLOAD_KEYS}, export["signature"]


def _same(claimed: object, computed: str) -> bool:
    return isinstance(claimed, str) and hmac.compare_digest(claimed.lower().encode(), computed.encode())


def _gaps(items: list[Any]) -> list[str]:
    """Names the places at which entries are missing between the oldest and the newest."""
    places = sorted(
        item["sequence"] for item in items if isinstance(item, dict) and isinstance(item.get("sequence"), int)
    )
    return [
        f"entries {before + 1} to {after - 1} are missing"
        for before, after in itertools.pairwise(places)
        if after - before > 1
    ]
