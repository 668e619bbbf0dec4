"""Signed exports: what they hold, how they are checked, what happens to halves."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from reelops.core.audit import Audit, AuditEvent, AuditExports, Export, SigningKey, verify_export
from reelops.core.audit.store import audit_exports
from reelops.errors import Invalid, NotFound, Unavailable
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database, utc_now

from tests.core.audit.test_trail import forge

KEY = SigningKey(b"a secret", "prod")


@pytest.fixture
def audit(db: Database) -> Audit:
    return Audit(db=db)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return open_blobs(str(tmp_path / "blobs"))


@pytest.fixture
def exports(db: Database, audit: Audit, blobs: BlobStore) -> AuditExports:
    return AuditExports(db=db, audit=audit, blobs=blobs, key=KEY)


async def download(exports: AuditExports, export_id: str, *, by: str) -> bytes:
    info = await exports.export_file(export_id, by=by)
    return b"".join([chunk async for chunk in exports.read_export(info, 0, info.size)])


def file(made: Export) -> bytes:
    return Path(made.file_path).read_bytes()


async def fill(audit: Audit, count: int) -> None:
    for number in range(count):
        await audit.record(AuditEvent(job_type="score", subject=f"1→{number}", score=0.1 * number))


async def test_an_export_holds_the_newest_entries_and_proves_itself(audit: Audit, exports: AuditExports) -> None:
    await fill(audit, 8)
    made = await exports.export(limit=5, by="token:admin")
    data = await download(exports, made.export_id, by="token:admin")
    document = json.loads(data)
    assert made.item_count == document["payload"]["item_count"] == len(document["payload"]["items"]) == 5
    assert [item["sequence"] for item in document["payload"]["items"]] == [8, 7, 6, 5, 4]
    assert document["payload"]["limit"] == 5
    assert document["signature"]["key_id"] == made.signature.key_id == "prod"
    assert document["signature"]["signature_hex"] == made.signature.signature_hex
    assert file(made) == data
    check = verify_export(data, KEY.secret)
    assert (check.valid, check.reason, check.item_count) == (True, "", 5)
    assert not verify_export(data, b"another").valid


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"score":0.2', b'"score":9.2'), (b'"limit":100', b'"limit":101'), (b"1\xe2\x86\x923", b"1\xe2\x86\x924"),
     (b'"payload_sha256":"', b'"payload_sha256":"0'), (b'"hmac-sha256"', b'"none"'), (b'{"payload":', b'{"other":')],
)  # fmt: skip
async def test_any_change_of_the_file_is_noticed(audit: Audit, exports: AuditExports, old: bytes, new: bytes) -> None:
    await fill(audit, 4)
    made = await exports.export(limit=100, by="token:admin")
    data = file(made)
    assert old in data
    assert not verify_export(data.replace(old, new), KEY.secret).valid


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"payload":{},"signature":{}}', b"\x00\xff" * 50])
def test_what_is_no_export_is_told(data: bytes) -> None:
    assert verify_export(data, b"key").reason == "This is no audit export."


async def test_exporting_and_downloading_are_entries(audit: Audit, exports: AuditExports) -> None:
    made = await exports.export(by="token:admin")
    assert made.item_count == 0
    await download(exports, made.export_id, by="basic:ann")
    downloaded, export = await audit.list()
    assert (export.job_type, export.subject) == ("export", f"export:{made.export_id}")
    assert (export.requested_by, export.facts["payload_sha256"]) == ("token:admin", made.signature.payload_sha256)
    assert (downloaded.job_type, downloaded.requested_by) == ("download", "basic:ann")


async def test_exports_of_one_moment_have_ids_of_their_own(audit: Audit, exports: AuditExports) -> None:
    await fill(audit, 3)
    made = await asyncio.gather(*(exports.export(by="token:admin") for _ in range(6)))
    assert len({export.export_id for export in made}) == 6
    for export in made:
        assert verify_export(file(export), KEY.secret).valid


async def test_without_a_key_nothing_is_exported(db: Database, audit: Audit, blobs: BlobStore) -> None:
    with pytest.raises(Unavailable) as caught:
        await AuditExports(db=db, audit=audit, blobs=blobs, key=None).export(by="token:admin")
    assert caught.value.code == "SIGNING_KEY_MISSING"


@pytest.mark.parametrize("limit", [0, 5001])
async def test_a_limit_out_of_range_is_refused(exports: AuditExports, limit: int) -> None:
    with pytest.raises(Invalid):
        await exports.export(limit=limit, by="token:admin")


@pytest.mark.parametrize("export_id", ["20260208_120000", "../../credentials", "", "x\x00y"])
async def test_an_unknown_export_is_told(exports: AuditExports, export_id: str) -> None:
    with pytest.raises(NotFound) as caught:
        await exports.export_file(export_id, by="token:admin")
    assert caught.value.code == "EXPORT_NOT_FOUND"


async def test_half_an_export_is_never_seen_and_is_swept_later(
    db: Database, audit: Audit, exports: AuditExports, blobs: BlobStore
) -> None:
    made = await exports.export(by="token:admin")
    async with db.write() as connection:
        await connection.execute(
            audit_exports.update().values(ready=False, generated_at=utc_now() - timedelta(minutes=11))
        )
    with pytest.raises(NotFound):
        await exports.export_file(made.export_id, by="token:admin")
    await exports.sweep()
    assert not await blobs.exists(f"reports/audit_export_{made.export_id}.json")
    assert await db.fetch_all(sa.select(audit_exports)) == []


async def test_a_trail_shorter_than_an_export_is_broken(db: Database, audit: Audit, exports: AuditExports) -> None:
    await fill(audit, 4)
    await exports.export(by="token:admin")
    assert (await audit.verify()).intact
    await forge(db, "DELETE FROM audit_entries WHERE sequence >= 4")
    check = await audit.verify()
    assert (check.intact, check.first_broken_sequence, check.entry_count) == (False, 4, 3)
