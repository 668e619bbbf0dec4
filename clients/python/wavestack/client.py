"""The asyncio client, and what both clients are made of."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .addresses import Addresses
from .aio import AioTransport
from .calls import Caller
from .clipping import AsyncClipper
from .drawing import AsyncThumbnails
from .library import AsyncAssets, AsyncProjects
from .queueing import AsyncQueue
from .retrying import Retry
from .sending import Sender
from .tokens import Tokens
from .transport import Transport

CALL_SEC = 30.0


def make_caller(
    transport: Transport, *, addresses: Addresses, api_key: str, org_id: str, timeout_sec: float, retry: Retry
) -> Caller:
    """Makes what calls for an organisation. Raises ValueError for a key or an organisation that no header can carry."""
    token = "" if ":" in api_key else api_key
    for name, value in (("api_key", token), ("org_id", org_id)):
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"{name} has characters that no header can carry")
    if not api_key or not org_id:
        raise ValueError("api_key and org_id have to be given")
    if timeout_sec <= 0:
        raise ValueError("the timeout has to be more than 0")
    sender = Sender(transport, retry)
    tokens = Tokens(sender, core_url=addresses.core, api_key=api_key, org_id=org_id, timeout_sec=timeout_sec)
    return Caller(sender, addresses, tokens, org_id, timeout_sec)


class AsyncWaveStackClient:
    """Speaks to WaveStack for an organisation, from asyncio.

    `api_key` is `client_id:client_secret` or a token. `base_url` is the core's; where the others are follows from its
    port, unless `clipper_url` and `thumbnail_url` say so. `timeout_sec` is for each attempt of a call, `retry` says how
    often calls are made again.

        async with AsyncWaveStackClient("http://localhost:3000", api_key=..., org_id="org_123") as client:
            clip = await client.clipper.create(source="https://example.com/video.mp4", start_sec=30, duration_sec=15)
            await client.clipper.download(await client.clipper.wait(clip), "clip.mp4")
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        org_id: str,
        *,
        clipper_url: str | None = None,
        thumbnail_url: str | None = None,
        timeout_sec: float = CALL_SEC,
        retry: Retry | None = None,
    ) -> None:
        addresses = Addresses.of(base_url, clipper_url=clipper_url, thumbnail_url=thumbnail_url)
        self._transport = AioTransport()
        caller = make_caller(
            self._transport,
            addresses=addresses,
            api_key=api_key,
            org_id=org_id,
            timeout_sec=timeout_sec,
            retry=retry or Retry(),
        )
        self.queue = AsyncQueue(caller)
        self.projects = AsyncProjects(caller)
        self.assets = AsyncAssets(caller)
        self.clipper = AsyncClipper(caller)
        self.thumbnails = AsyncThumbnails(caller)

    async def close(self) -> None:
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
