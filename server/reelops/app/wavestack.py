"""WaveStack over the core."""

from __future__ import annotations

from datetime import timedelta

from reelops.app.core import Core
from reelops.infra.jobs import Handler
from reelops.rpc.server import Service
from reelops.settings import Settings


def services(core: Core, settings: Settings) -> list[Service]:
    """Makes the services of WaveStack."""
    return []


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs WaveStack's jobs."""
    return {}


async def sweep(core: Core, grace: timedelta) -> list[str]:
    """Removes files without a row and returns their keys."""
    return []
