"""Refused logins: told, and never a flood."""

from __future__ import annotations

import pytest
from reelops.core.audit import Audit, RefusedLogins
from reelops.infra.database import Database


@pytest.fixture
def audit(db: Database) -> Audit:
    return Audit(db=db)


async def test_the_first_refused_login_is_told_at_once(audit: Audit) -> None:
    await RefusedLogins(audit).record(reason="CREDENTIALS_INVALID", source="10.0.0.7")
    (entry,) = await audit.list()
    assert (entry.job_type, entry.status, entry.requested_by) == ("login", "refused", None)
    assert (entry.subject, entry.error_message) == ("10.0.0.7", "CREDENTIALS_INVALID")


async def test_a_flood_becomes_a_few_entries_that_count(audit: Audit) -> None:
    logins = RefusedLogins(audit, interval_sec=1000)
    for number in range(2000):
        await logins.record(reason="CREDENTIALS_INVALID", source=f"10.0.0.{number % 200}")
    await logins.flush()
    entries = await audit.list()
    assert len(entries) <= 22
    assert sum(entry.facts["attempts"] for entry in entries) == 2000
