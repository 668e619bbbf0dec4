"""The worker process: every kind of job, and the removal of what killed processes left."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import structlog

from reelops import errors
from reelops.app import sopilot, wavestack
from reelops.app.core import Core, open_core, open_staging
from reelops.core.fleet.service import QUEUES
from reelops.core.library.assets.videos import fill_in
from reelops.infra.jobs import Handler, Worker, WorkerSettings
from reelops.settings import Settings

_log = structlog.get_logger("reelops.app")
_STAGED_SEC = 24 * 3600.0
_UNFINISHED_SEC = 30.0
_AWAY_SEC = 5.0
# Jobs of these queues mostly wait for hosts; they take turns when they compute.
_FETCHING = frozenset({"editing", "thumbnails"})


async def work(settings: Settings) -> None:
    """Runs a worker until it is cancelled; jobs that do not end in time are given back."""
    async with open_core(settings) as core:
        worker = Worker(
            core.db,
            core.queue,
            handlers(core, settings),
            {name: settings.fetch_slots if name in _FETCHING else settings.worker_slots for name in QUEUES},
            settings=WorkerSettings(slot=settings.slot, grace_sec=settings.drain_sec),
            periodics=core.training.periodics(),
        )
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(_sweep(core, settings)), group.create_task(_fill_in(core, settings))]
            try:
                await worker.run()
            finally:
                for other in others:
                    other.cancel()


def handlers(core: Core, settings: Settings) -> dict[str, Handler]:
    """Makes what runs each kind of job."""
    return {**sopilot.handlers(core, settings), **wavestack.handlers(core, settings)}


async def _fill_in(core: Core, settings: Settings) -> None:
    """Adds what older rows lack, beside the work: there may be a million of them."""
    while True:
        try:
            added = await fill_in(core.db, org_id=settings.default_org)
        except errors.Unavailable as error:
            _log.warning("could not add the assets of older videos", reason=error.message)
            await asyncio.sleep(_AWAY_SEC)
        else:
            if added:
                _log.info("added the assets of older videos", videos=added)
            return


async def _sweep(core: Core, settings: Settings) -> None:
    """Removes what killed processes left: half-received files, and files without a row."""
    staging = open_staging(settings)
    grace = timedelta(seconds=settings.sweep_grace_sec)
    while True:
        begun = time.monotonic()
        try:
            await asyncio.to_thread(staging.sweep, older_than_sec=_STAGED_SEC)
            await core.blobs.sweep_unfinished(older_than_sec=max(_UNFINISHED_SEC, settings.sweep_grace_sec))
            removed = await sopilot.sweep(core, grace)
            removed += await wavestack.sweep(core, settings, grace)
            if removed:
                _log.warning("removed files without a row", files=removed)
        except errors.ReelOpsError as error:
            _log.warning("could not sweep", reason=error.message)
        # However many files there are, looking through them takes a twentieth of the time at most.
        took = time.monotonic() - begun
        await asyncio.sleep(max(1.0, min(60.0, settings.sweep_grace_sec), 20 * took))
