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
TIDY_SEC = 1.0
IN_USE = "currently in use"
UNTIL_FREE_SEC = (0.0, 0.01, 0.05, 0.2, 0.5, 1.0, 2.0)


class RegionPool:
    """Lends regions and reuses them.

    A region that Triton may still read, because its request was given up, is retired: its name is removed at once, it
    is never lent again, and Triton forgets it when it is done with it (it refuses to as long as a request reads it).
    """

    def __init__(self, triton: Any) -> None:
        self._triton = triton
        self._free: list[Region] = []
        self._registered: set[str] = set()
        self._retired: list[Region] = []
        self._tidied_at: float | None = None

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
        """Unregisters and removes everything. A Triton that is away has forgotten the regions anyway."""
        for region in self._free:
            self._retire(region)
        self._free = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CONTROL_SEC):
                for pause in UNTIL_FREE_SEC:
                    await asyncio.sleep(pause)
                    await self._forget_retired()
                    if not self._retired:
                        break
        for region in self._retired:
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
            smallest = min(self._free, key=lambda free: free.size)
            self._free.remove(smallest)
            self._retire(smallest)

    def _retire(self, region: Region) -> None:
        region.unlink()
        self._retired.append(region)

    async def _tidy(self) -> None:
        first = self._tidied_at is None
        if self._tidied_at is not None and time.monotonic() - self._tidied_at < TIDY_SEC:
            return
        self._tidied_at = time.monotonic()
        if first:
            await self._sweep()
        await self._forget_retired()

    async def _forget_retired(self) -> None:
        """Lets Triton forget the retired regions that it has done with; the others stay for the next time."""
        due, self._retired = self._retired, []
        while due:
            region = due.pop()
            try:
                await self._triton.unregister_system_shared_memory(region.name, client_timeout=CONTROL_SEC)
            except InferenceServerException as error:
                if IN_USE in (error.message() or ""):
                    self._retired.append(region)
                    continue
            except BaseException:
                self._retired += [region, *due]
                raise
            self._registered.discard(region.name)
            region.close()

    async def _sweep(self) -> None:
        """Removes what clients that were killed left behind, here and inside Triton."""
        shared_memory.sweep()
        with contextlib.suppress(InferenceServerException):
            status = await self._triton.get_system_shared_memory_status(client_timeout=CONTROL_SEC)
            for name in status.regions:
                if not shared_memory.owner_is_alive(name):
                    with contextlib.suppress(InferenceServerException):
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
