"""The asyncio client."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .aio import AioTransport
from .calls import CALL_SEC, TRANSFER_SEC, Caller, Limits
from .connection import Connection, Tls
from .jobs import AsyncJobs
from .sopilot import AsyncSOPilot


class AsyncReelOps:
    """Speaks to a ReelOps service over gRPC.

    `address` is `host:port` (50051 where no port is said), `http://host:port`, `https://host` or `unix:path`; the
    service's gRPC port and its REST ports both serve. Give a `token`, or `basic` as user and password. `tls` is on for
    every host but this machine unless said otherwise. `timeout` is for small calls, `transfer_timeout` for a whole
    upload or download, in seconds.

        async with AsyncReelOps("localhost:50051", token=...) as reelops:
            handle = await reelops.sopilot.upload("take.mp4", task_id="assembly")
            ingested = await handle.wait()
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        basic: tuple[str, str] | None = None,
        tls: bool | Tls | None = None,
        timeout: float = CALL_SEC,
        transfer_timeout: float = TRANSFER_SEC,
    ) -> None:
        connection = Connection.of(address, token=token, basic=basic, tls=tls)
        self._transport = AioTransport(connection)
        caller = Caller(self._transport, Limits(timeout, transfer_timeout))
        self.jobs = AsyncJobs(caller)
        self.sopilot = AsyncSOPilot(caller, self.jobs)

    async def close(self) -> None:
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
