"""The audit trail, and checking an export of it without the service."""

from __future__ import annotations

import hashlib
import hmac
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
HEAD = b'{"payload":'
BETWEEN = b',"signature":'


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
    generated_at: str
    item_count: int
    problems: tuple[str, ...]

    @property
    def genuine(self) -> bool:
        return not self.problems


def verify_export(data: bytes, key: str | bytes) -> ExportCheck:
    """Checks an export file without the service: its signature, its count and the chain of its entries.

    The file is `{"payload":PAYLOAD,"signature":{...}}`. The SHA-256 and the HMAC-SHA256 under `key` are over PAYLOAD as
    its bytes stand in the file. Raises ValueError where the data is not an export at all.
    """
    payload, document, signature = _parts(data)
    secret = key.encode() if isinstance(key, str) else key
    items = document["items"]
    problems = []
    if signature.get("algorithm") != ALGORITHM:
        problems.append(f"the signature is by {signature.get('algorithm')!r}, not {ALGORITHM}")
    if not _same(signature.get("payload_sha256"), hashlib.sha256(payload).hexdigest()):
        problems.append("the digest does not fit the entries: the file was changed after it was made")
    if not _same(signature.get("signature_hex"), hmac.new(secret, payload, hashlib.sha256).hexdigest()):
        problems.append("the signature does not fit: another key signed, or the file was changed")
    if len(items) != document["item_count"]:
        problems.append(f"{len(items)} entries are in the file where it claims {document['item_count']}")
    problems.extend(_chain_problems(items))
    return ExportCheck(str(signature.get("key_id", "")), str(document["generated_at"]), len(items), tuple(problems))


def _parts(data: bytes) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
    """Cuts a file into the signed bytes, what they say, and the signature."""
    text = data.strip()
    payload, found, rest = text.removeprefix(HEAD).rpartition(BETWEEN)
    if not text.startswith(HEAD) or not found:
        raise ValueError("the file is not an audit export")
    try:
        document, signature = json.loads(payload), json.loads(rest.removesuffix(b"}"))
    except (ValueError, RecursionError):
        raise ValueError("the file is not an audit export, or was cut short") from None
    if not isinstance(document, dict) or not isinstance(signature, dict):
        raise ValueError("the file is not an audit export")
    missing = [name for name in ("generated_at", "limit", "item_count", "items") if name not in document]
    if missing or not isinstance(document["items"], list):
        raise ValueError(f"the file is not an audit export: {', '.join(missing) or 'items'} is missing")
    return payload, document, signature


def _same(claimed: object, computed: str) -> bool:
    return isinstance(claimed, str) and hmac.compare_digest(claimed.encode(), computed.encode())


def _chain_problems(items: list[Any]) -> list[str]:
    """Names the entries whose hash is not that of their content, or that do not follow the entry before them."""
    problems: list[str] = []
    expected: tuple[int, object] | None = None
    for item in reversed(items):
        try:
            place, before, claimed = int(item["sequence"]), item["previous_hash"], item["entry_hash"]
        except (TypeError, KeyError, ValueError):
            return [*problems, "an entry has no place in the chain"]
        if claimed != _entry_hash(item):
            problems.append(f"entry {place} is not as it was written")
        if expected not in (None, (place, before)):
            problems.append(f"entry {place} does not follow the one before it")
        expected = (place + 1, claimed)
    return problems


def _entry_hash(item: dict[str, Any]) -> str:
    content = {name: value for name, value in item.items() if name != "entry_hash"}
    spelled = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode("utf-8", "replace")).hexdigest()
