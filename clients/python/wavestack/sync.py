"""The blocking client."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .addresses import Addresses
from .blocking import BlockingTransport
from .client import CALL_SEC, make_caller
from .retrying import Retry
from .sync_making import Clipper, Thumbnails
from .sync_publishing import Assets, Projects, Queue
from .transport import drive


class WaveStackClient:
    """Speaks to WaveStack for an organisation; threads may share it.

    `api_key` is `client_id:client_secret` or a token. `base_url` is the core's; where the others are follows from its
    port, unless `clipper_url` and `thumbnail_url` say so. `timeout_sec` is for each attempt of a call, `retry` says how
    often calls are made again.

        with WaveStackClient("http://localhost:3000", api_key=..., org_id="org_123") as client:
            clip = client.clipper.create(source="https://example.com/video.mp4", start_sec=30, duration_sec=15)
            client.clipper.download(client.clipper.wait(clip), "clip.mp4")
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
        self._transport = BlockingTransport()
        caller = make_caller(
            self._transport,
            addresses=addresses,
            api_key=api_key,
            org_id=org_id,
            timeout_sec=timeout_sec,
            retry=retry or Retry(),
        )
        self.queue = Queue(caller)
        self.projects = Projects(caller)
        self.assets = Assets(caller)
        self.clipper = Clipper(caller)
        self.thumbnails = Thumbnails(caller)

    def close(self) -> None:
        drive(self._transport.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
