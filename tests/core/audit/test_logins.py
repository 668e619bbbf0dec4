"""Refused logins: told, and never a flood."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from reelops.core.audit import Audit, RefusedLogins
from reelops.infra.database import Database


@pytest.fixture
def audit(db: Database) -> Audit:
    return Audit(db=db)


async def test_the_first_refused_login_is_told_at_once(audit: Audit) -> None:
    await RefusedLogins(audit, interval_sec=1000).record(reason="CREDENTIALS_INVALID", source="10.0.0.7")
    async with asyncio.timeout(20):
        while not (entries := await audit.list()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    (entry,) = entries
    assert (entry.job_type, entry.status, entry.requested_by) == ("login", "refused", None)
    assert (entry.subject, entry.error_message) == ("10.0.0.7", "CREDENTIALS_INVALID")


async def test_what_was_gathered_is_written_when_the_server_ends(audit: Audit) -> None:
    logins = RefusedLogins(audit, interval_sec=1000)
    running = asyncio.create_task(logins.run())
    for _ in range(30):
        await logins.record(reason="CREDENTIALS_INVALID", source="10.0.0.7")
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert sum(entry.facts["attempts"] for entry in await audit.list()) == 30


async def test_a_flood_becomes_a_few_entries_that_count(audit: Audit) -> None:
    logins = RefusedLogins(audit, interval_sec=1000)
    for number in range(2000):
        await logins.record(reason="CREDENTIALS_INVALID", source=f"10.0.0.{number % 200}")
    await logins.flush()
    async with asyncio.timeout(20):
        while sum(entry.facts["attempts"] for entry in await audit.list()) < 2000:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    entries = await audit.list()
    assert len(entries) <= 42
    assert sum(entry.facts["attempts"] for entry in entries) == 2000
