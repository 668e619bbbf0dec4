"""A server that has one good file."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from tests.infra.fetching.web import Site, page, serving

BODY = os.urandom(300_000)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving({"/v.mp4": page(BODY, "Content-Type: Video/MP4; x=y")}) as running:
        yield running
