"""The shared memory that one client has registered with Triton."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from tritonclient.utils import InferenceServerException

from reelops import errors
from reelops.infra.inference import calls, shared_memory
from reelops.infra.inference.shared_memory import Region

STEP = 1 << 20
KEPT_FREE = 6
CONTROL_SEC = 5.0
# After this no request that was given up on can still be running: the longest deadline, doubled.
RETIRED_SEC = 240.0


class RegionPool:
    """Lends regions and reuses them. A region that Triton may still read is retired, never lent again."""

    def __init__(self, triton: Any) -> None:
        self._triton = triton
        self._free: list[Region] = []
        self._registered: set[str] = set()
        self._retired: list[tuple[float, Region]] = []
        self._swept = False

    @contextlib.asynccontextmanager
    async def lend(self, size: int) -> AsyncIterator[Region]:
        """Lends a registered region of at least `size` bytes for one request."""
        await self._tidy()
        region = self._take(size)
        try:
            await self._register(region)
            yield region
        except errors.ReelOpsError as error:
            if calls.is_lost_region(error):
                self._registered.clear()
            if calls.is_uncertain(error):
                self._retire(region)
            else:
                self._give(region)
            raise
        except BaseException:
            self._retire(region)
            raise
        self._give(region)

    async def close(self) -> None:
        """Unregisters and removes everything; a Triton that is away has forgotten the regions anyway."""
        held = [*self._free, *(region for _, region in self._retired)]
        self._free, self._retired = [], []
        for region in held:
            region.unlink()
        with contextlib.suppress(InferenceServerException, TimeoutError):
            async with asyncio.timeout(CONTROL_SEC):
                for region in held:
                    await self._unregister(region)
        for region in held:
            region.close()

    def _take(self, size: int) -> Region:
        fitting = [region for region in self._free if size <= region.size]
        if fitting:
            region = min(fitting, key=lambda free: free.size)
            self._free.remove(region)
            return region
        try:
            return Region(-(-size // STEP) * STEP)
        except OSError as error:
            raise errors.Unavailable("SHARED_MEMORY_FULL", f"No shared memory could be had: {error}") from error

    def _give(self, region: Region) -> None:
        self._free.append(region)
        if len(self._free) > KEPT_FREE:
            # Nothing reads a free region, so the smallest can go at the next tidying.
            smallest = min(self._free, key=lambda free: free.size)
            self._free.remove(smallest)
            smallest.unlink()
            self._retired.append((time.monotonic() - RETIRED_SEC, smallest))

    def _retire(self, region: Region) -> None:
        region.unlink()
        self._retired.append((time.monotonic(), region))

    async def _tidy(self) -> None:
        if not self._swept:
            self._swept = True
            await self._sweep()
        now = time.monotonic()
        due = [region for since, region in self._retired if now - since >= RETIRED_SEC]
        self._retired = [(since, region) for since, region in self._retired if now - since < RETIRED_SEC]
        for region in due:
            with contextlib.suppress(InferenceServerException):
                await self._unregister(region)
            region.close()

    async def _sweep(self) -> None:
        """Removes what clients that were killed left behind, here and inside Triton."""
        shared_memory.sweep()
        with contextlib.suppress(InferenceServerException):
            status = await self._triton.get_system_shared_memory_status(client_timeout=CONTROL_SEC)
            for name in status.regions:
                if not shared_memory.owner_is_alive(name):
                    await self._triton.unregister_system_shared_memory(name, client_timeout=CONTROL_SEC)

    async def _register(self, region: Region) -> None:
        if region.name in self._registered:
            return

        async def send(timeout_sec: float) -> None:
            await self._triton.register_system_shared_memory(
                region.name, region.key, region.size, client_timeout=timeout_sec
            )

        try:
            await calls.call(send, timeout_sec=CONTROL_SEC)
        except errors.ReelOpsError as error:
            # An earlier attempt may have got through without its answer.
            if "already in manager" not in error.message:
                raise
        self._registered.add(region.name)

    async def _unregister(self, region: Region) -> None:
        if region.name in self._registered:
            self._registered.discard(region.name)
            await self._triton.unregister_system_shared_memory(region.name, client_timeout=CONTROL_SEC)
