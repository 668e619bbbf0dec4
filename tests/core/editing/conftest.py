"""A studio on every dialect."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from reelops.infra.database import Database
from reelops.infra.jobs import JobQueue

from tests.core.editing.studio import Studio


@pytest_asyncio.fixture
async def studio(db: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    """Clips and thumbnails; tests start a worker where they want one."""
    async with JobQueue.open(db) as queue:
        yield Studio(db, queue, tmp_path)
