"""A house for each test, on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.database_fixture import copy_sqlite
from tests.rpc.calls.house import House, open_house


@pytest.fixture
def house_url(empty_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a migrated, empty database."""
    return copy_sqlite(empty_sqlite, tmp_path)


@pytest_asyncio.fixture
async def house(house_url: str) -> AsyncIterator[House]:
    """A running server whose limits nobody reaches."""
    async with open_house(house_url) as running:
        yield running
