"""The client without asyncio. It has the methods of the asyncio one, and runs the same code: see `blocking`."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .blocking import BlockingTransport
from .calls import CALL_SEC, TRANSFER_SEC, Caller, Limits
from .connection import Connection, Tls
from .jobs import AsyncJobs
from .sopilot import AsyncSOPilot
from .sync_jobs import Jobs
from .sync_sopilot import SOPilot
from .transport import drive


class ReelOps:
    """Speaks to a ReelOps service over gRPC, blocking the calling thread. Threads may share it.

    The arguments are those of `AsyncReelOps`. Progress of an upload is told from the thread that sends.

        with ReelOps("localhost:50051", token=...) as reelops:
            ingested = reelops.sopilot.upload("take.mp4", task_id="assembly").wait()
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
        self._transport = BlockingTransport(connection)
        caller = Caller(self._transport, Limits(timeout, transfer_timeout))
        jobs = AsyncJobs(caller)
        self.jobs = Jobs(jobs)
        self.sopilot = SOPilot(AsyncSOPilot(caller, jobs))

    def close(self) -> None:
        drive(self._transport.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
