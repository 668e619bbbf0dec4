"""The trail on both databases: it grows, it is chained, and changing it is refused or noticed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from reelops.core.audit import Audit, AuditEvent
from reelops.core.audit.model import NO_HASH
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobState


@pytest.fixture
def audit(db: Database) -> Audit:
    return Audit(db=db)


def failed_job() -> Job:
    return Job(
        job_id="job-1", kind="sopilot.ingest", queue="ingest", state=JobState.failed, progress=0.5, stage="decoding",
        attempt=1, max_attempts=3, priority=0, requested_by="token:operator", task_id="löten", error_code="VIDEO_EMPTY",
        error_message="the video has no frames", queued_at=utc_now(), started_at=utc_now(), finished_at=utc_now(),
    )  # fmt: skip


async def forge(db: Database, *statements: str) -> None:
    """Changes rows as somebody would who owns the database."""
    async with db.write() as connection:
        if db.dialect == "sqlite":
            triggers = await connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
            for name, _sql in triggers.all():
                await connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            await connection.execute(sa.text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        for statement in statements:
            await connection.execute(sa.text(statement))


async def test_entries_come_newest_first_and_keep_what_they_were_given(audit: Audit) -> None:
    at = datetime(2026, 2, 8, 12, 0, 0, 1, tzinfo=UTC)
    await audit.record(
        AuditEvent(
            job_type="score",
            job_id="score_1",
            requested_by="token:operator",
            task_id="組立 1",
            subject="1→42",
            score=87.5,
            queued_at=at,
            started_at=at,
            finished_at=at,
            facts={"adapter": "v2", "tiny": 1e-7, "huge": 1e30, "whole": 3.0, "none": None, "list": [1, "ä\x00"]},
        )
    )
    await audit.record(AuditEvent(job_type="delete", subject="video:42"))
    newest, oldest = await audit.list()
    assert (newest.sequence, newest.job_type, newest.status, newest.score) == (2, "delete", "completed", None)
    assert newest.job_id
    assert newest.previous_hash == oldest.entry_hash
    assert (oldest.sequence, oldest.previous_hash) == (1, NO_HASH)
    assert (oldest.subject, oldest.task_id, oldest.score, oldest.queued_at) == ("1→42", "組立 1", 87.5, at)
    assert oldest.facts["huge"] == 1e30
    assert [entry.sequence for entry in await audit.list(limit=1)] == [2]
    check = await audit.verify()
    assert (check.intact, check.entry_count, check.head_hash) == (True, 2, newest.entry_hash)


async def test_an_empty_trail_is_intact(audit: Audit) -> None:
    assert await audit.list() == []
    check = await audit.verify()
    assert (check.intact, check.entry_count, check.head_hash) == (True, 0, NO_HASH)


async def test_an_entry_lives_and_dies_with_the_transaction_it_is_part_of(audit: Audit, db: Database) -> None:
    with pytest.raises(RuntimeError):
        async with db.write() as connection:
            await audit.append(connection, AuditEvent(job_type="delete"))
            raise RuntimeError
    assert await audit.list() == []


async def test_entries_of_many_writers_at_once_have_no_gaps(audit: Audit) -> None:
    await asyncio.gather(*(audit.record(AuditEvent(job_type="login", status="refused")) for _ in range(60)))
    assert [entry.sequence for entry in await audit.list()] == list(range(60, 0, -1))
    assert (await audit.verify()).intact


async def test_texts_that_no_database_keeps_are_cleaned(audit: Audit) -> None:
    await audit.record(AuditEvent(job_type="ingest", subject="a\x00b\ud800", error_message="x" * 100_000))
    (entry,) = await audit.list()
    assert entry.subject == "a\ufffdb?"
    assert len(entry.error_message or "") == 2000
    assert (await audit.verify()).intact


async def test_a_score_that_is_no_number_is_refused(audit: Audit) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        await audit.record(AuditEvent(job_type="score", score=float("nan")))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET score = 100 WHERE sequence = 1",
        "DELETE FROM audit_entries WHERE sequence = 2",
        "DELETE FROM audit_entries",
    ],
)
async def test_the_database_refuses_changes(audit: Audit, db: Database, statement: str) -> None:
    await audit.record(AuditEvent(job_type="score"))
    await audit.record(AuditEvent(job_type="score"))
    with pytest.raises(sa.exc.DBAPIError, match="cannot be changed"):
        async with db.write() as connection:
            await connection.execute(sa.text(statement))
    assert (await audit.verify()).entry_count == 2


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE audit_entries SET score = 100 WHERE sequence = 3"], 3),
        (["UPDATE audit_entries SET requested_by = 'token:admin' WHERE sequence = 1"], 1),
        (["UPDATE audit_entries SET facts = '{' WHERE sequence = 4"], 4),
        (["DELETE FROM audit_entries WHERE sequence = 2"], 2),
        (["DELETE FROM audit_entries WHERE sequence <= 2", "UPDATE audit_entries SET sequence = sequence - 2"], 1),
        (
            [
                "UPDATE audit_entries SET sequence = 100 WHERE sequence = 4",
                "UPDATE audit_entries SET sequence = 4 WHERE sequence = 5",
                "UPDATE audit_entries SET sequence = 5 WHERE sequence = 100",
            ],
            4,
        ),
    ],
)
async def test_a_change_behind_our_back_is_found(
    audit: Audit, db: Database, statements: list[str], broken: int
) -> None:
    for number in range(6):
        await audit.record(AuditEvent(job_type="score", score=float(number)))
    await forge(db, *statements)
    check = await audit.verify()
    assert (check.intact, check.first_broken_sequence) == (False, broken)


async def test_a_garbled_moment_is_found_too(audit: Audit, db: Database) -> None:
    if db.dialect != "sqlite":
        pytest.skip("PostgreSQL keeps no garbled moments")
    for _ in range(3):
        await audit.record(AuditEvent(job_type="score"))
    await forge(db, "UPDATE audit_entries SET created_at = 'yesterday' WHERE sequence = 2")
    check = await audit.verify()
    assert (check.intact, check.first_broken_sequence, check.entry_count) == (False, 2, 1)


async def test_a_failed_job_is_told_of_once(audit: Audit) -> None:
    await audit.record(AuditEvent.of_job(failed_job(), "ingest", status="queued"))
    for _ in range(3):
        await audit.record_failure(failed_job(), "ingest", subject="video:1")
    failed, queued = await audit.list()
    assert (failed.status, failed.error_message, failed.subject) == ("failed", "the video has no frames", "video:1")
    assert (queued.status, queued.task_id, queued.requested_by) == ("queued", "löten", "token:operator")


async def test_a_long_trail_is_verified_in_batches(audit: Audit, db: Database) -> None:
    async with db.write() as connection:
        for _ in range(1200):
            await audit.append(connection, AuditEvent(job_type="score"))
    check = await audit.verify()
    assert (check.intact, check.entry_count) == (True, 1200)
