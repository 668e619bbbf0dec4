"""Turns what a caller names into a local file: checked when it is asked for, opened when the job runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from reelops import errors
from reelops.core.sourcing.files import locate
from reelops.core.sourcing.model import FIELD, SourceKind, SourceRef, invalid, kind_of
from reelops.infra.blobs import BlobStore, Staging
from reelops.infra.fetching import Fetcher

# Finds the blob's key (or the local path) of an asset that an organisation may use. Raises `NotFound`, and `Conflict`
# while the asset has no file yet.
OpenAsset = Callable[[str, str | None], Awaitable[str | Path]]


class Sources:
    """The sources of media: URLs, assets of the library, files below the media root."""

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        staging: Staging,
        blobs: BlobStore,
        open_asset: OpenAsset,
        media_root: Path | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._staging = staging
        self._blobs = blobs
        self._open_asset = open_asset
        self._media_root = media_root

    async def check(self, source: str, org_id: str | None) -> SourceRef:
        """Says whether the source can be opened, as far as that is known without the network.

        Raises `Invalid` (SOURCE_INVALID, SOURCE_REFUSED, SOURCE_NOT_FOUND) with the field, and `Conflict` for an asset
        that has no file yet.
        """
        kind = kind_of(source)
        if kind is SourceKind.URL:
            return SourceRef(kind=kind, value=self._checked_url(source), org_id=org_id)
        if kind is SourceKind.ASSET:
            await self._asset(source, org_id)
            return SourceRef(kind=kind, value=source, org_id=org_id)
        await asyncio.to_thread(locate, source, self._media_root)
        return SourceRef(kind=kind, value=source, org_id=org_id)

    @asynccontextmanager
    async def open(
        self,
        ref: SourceRef,
        *,
        on_progress: Callable[[int, int | None], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> AsyncIterator[Path]:
        """Gives a local file, for reading only; what had to be fetched is removed at the end.

        Everything is checked again: a job may run long after it was asked for. Raises what `check` and `Fetcher.fetch`
        raise. `on_progress` gets bytes received and bytes announced, for URLs alone.
        """
        if ref.kind is SourceKind.URL:
            async with self._staging.receive() as staged:
                await self._fetcher.fetch(ref.value, staged, on_progress=on_progress, cancelled=cancelled)
                yield staged.path
        elif ref.kind is SourceKind.ASSET:
            async with AsyncExitStack() as stack:
                yield await self._asset_file(ref, stack)
        else:
            yield await asyncio.to_thread(locate, ref.value, self._media_root)

    async def _asset_file(self, ref: SourceRef, stack: AsyncExitStack) -> Path:
        found = await self._asset(ref.value, ref.org_id)
        if isinstance(found, Path):
            return found
        try:
            return await stack.enter_async_context(self._blobs.local(found))
        except errors.NotFound:
            raise _no_asset(ref.value) from None

    def _checked_url(self, source: str) -> str:
        try:
            return self._fetcher.check(source)
        except errors.Invalid as error:
            raise invalid(error.message, code=error.code) from None

    async def _asset(self, asset_id: str, org_id: str | None) -> str | Path:
        try:
            return await self._open_asset(asset_id, org_id)
        except errors.NotFound:
            raise _no_asset(asset_id) from None
        except errors.Conflict as error:
            raise errors.Conflict(error.code, error.message, **{**error.details, "field": FIELD}) from None


def _no_asset(asset_id: str) -> errors.Invalid:
    return invalid(f"there is no asset {asset_id}", code="SOURCE_NOT_FOUND", constraint="exists")
