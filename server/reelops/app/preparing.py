"""What has to be there before any process of the service starts."""

from __future__ import annotations

import asyncio

from reelops.configured import credentials, open_keys
from reelops.infra.database import Database, close_to_others, migrate
from reelops.settings import Settings


async def prepare(settings: Settings) -> None:
    """Brings the database up to date and makes, on loopback, the credentials and keys that nobody made."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database)
    await asyncio.to_thread(close_to_others, settings.database)
    credentials(settings)
    if settings.is_loopback:
        async with Database.open(settings.database) as db:
            await open_keys(db, settings).ensure()
