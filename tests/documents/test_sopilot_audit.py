"""The trail and its signed exports, checked as an auditor would: offline, with the key alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx2
import pytest

from tests.documents import shapes
from tests.documents.conftest import Stock
from tests.documents.shapes import assert_shape
from tests.flow import score
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]

_KEY = b"test-signing-key"


def test_a_score_leaves_its_entries(operator: httpx2.Client, stock: Stock) -> None:
    job = score(operator, stock.gold, stock.trainee)
    trail = operator.get("/audit/trail").json()
    assert_shape(trail, {"items": [shapes.AUDIT_ENTRY]})
    assert len(trail["items"]) <= 100
    own = [entry for entry in trail["items"] if entry["job_id"] == job["score_job_id"]]
    assert [entry["status"] for entry in own] == ["completed", "queued"]
    assert own[0]["subject"] == f"{stock.gold}→{stock.trainee}"
    assert own[0]["score"] == job["score"]
    assert own[0]["requested_by"] == "token:operator"
    assert own[0]["finished_at"] and own[1]["finished_at"] is None
    assert len(operator.get("/audit/trail", params={"limit": "1"}).json()["items"]) == 1


def test_an_export_can_be_checked_offline(admin: httpx2.Client, stock: Stock) -> None:
    answer = admin.post("/audit/export", params={"limit": "7"})
    assert answer.status_code == 200
    export = answer.json()
    assert_shape(export, shapes.AUDIT_EXPORT)
    assert export["item_count"] == 7
    file = admin.get(f"/audit/export/{export['export_id']}/file")
    assert file.headers["content-type"] == "application/json"
    payload = _checked_payload(file.json())
    assert payload["item_count"] == len(payload["items"]) == 7
    assert file.json()["signature"] == export["signature"]
    assert export["signature"]["key_id"] == "test"


def test_an_export_is_whole(admin: httpx2.Client, stock: Stock) -> None:
    export = admin.post("/audit/export", params={"limit": "5000"}).json()
    payload = _checked_payload(admin.get(f"/audit/export/{export['export_id']}/file").json())
    sequences = [item["sequence"] for item in payload["items"]]
    assert sorted(sequences) == list(range(min(sequences), min(sequences) + len(sequences)))
    assert min(sequences) == 1 or len(sequences) == 5000
    newest = admin.get("/audit/trail", params={"limit": "20"}).json()["items"]
    own = [entry["job_type"] for entry in newest if entry["subject"] == f"export:{export['export_id']}"]
    assert own == ["download", "export"]


def test_refused_logins_are_told(service: RunningService, admin: httpx2.Client, nobody: httpx2.Client) -> None:
    assert nobody.get("/videos", headers={"authorization": "Bearer guess"}).status_code == 401
    deadline = time.monotonic() + 60  # refusals are written together, not one transaction each
    refused: list[dict[str, Any]] = []
    while not refused and time.monotonic() < deadline:
        entries = admin.get("/audit/trail", params={"limit": "1000"}).json()["items"]
        refused = [entry for entry in entries if entry["job_type"] == "login"]
        time.sleep(0.2)
    assert refused[0]["status"] == "refused"
    assert refused[0]["requested_by"] is None
    assert "guess" not in json.dumps(entries)


def _checked_payload(document: dict[str, Any]) -> dict[str, Any]:
    """Does what the document promises: canonical JSON of the payload, its SHA-256, its HMAC under the key."""
    payload = document.get("payload") or {key: value for key, value in document.items() if key != "signature"}
    payload = {key: payload[key] for key in ("generated_at", "limit", "item_count", "items")}
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert hashlib.sha256(text).hexdigest() == document["signature"]["payload_sha256"]
    assert hmac.new(_KEY, text, hashlib.sha256).hexdigest() == document["signature"]["signature_hex"]
    return payload
