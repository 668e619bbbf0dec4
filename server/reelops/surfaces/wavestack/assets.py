"""AssetService: what an organisation has in the library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reelops import errors
from reelops.api.wavestack.v1 import asset_service_pb2 as pb
from reelops.api.wavestack.v1 import asset_service_pb2_grpc
from reelops.core.library.assets.service import Assets, AssetUploads
from reelops.infra.blobs import StagedFile, Staging
from reelops.surfaces.context import Context
from reelops.surfaces.wavestack import convert
from reelops.surfaces.wavestack.clients import client

_LIMIT = 20


class AssetServicer(asset_service_pb2_grpc.AssetServiceServicer):
    """Shows assets and takes new ones in."""

    def __init__(self, *, assets: Assets, uploads: AssetUploads, staging: Staging) -> None:
        self._assets = assets
        self._uploads = uploads
        self._staging = staging

    async def ListAssets(self, request: pb.ListAssetsRequest, context: Context) -> pb.ListAssetsResponse:
        page = await self._assets.list(
            client().org_id,
            limit=request.limit or _LIMIT,
            offset=request.offset,
            kind=convert.asset_kind(request.type),
            state=convert.asset_state(request.status),
        )
        items = [convert.asset(asset) for asset in page.items]
        return pb.ListAssetsResponse(items=items, total=page.total, limit=page.limit, offset=page.offset)

    async def GetAsset(self, request: pb.GetAssetRequest, context: Context) -> pb.GetAssetResponse:
        return pb.GetAssetResponse(asset=convert.asset(await self._assets.get(request.id, client().org_id)))

    async def UploadAsset(
        self, request_iterator: AsyncIterator[pb.UploadAssetRequest], context: Context
    ) -> pb.UploadAssetResponse:
        who = client()
        async with self._staging.receive() as staged:
            described = await _receive(request_iterator, staged)
            await _check_whole(staged, described, context)
            asset = await self._uploads.add(staged, name=described.name, org_id=who.org_id, by=who.name)
        return pb.UploadAssetResponse(asset=convert.asset(asset))


async def _receive(
    requests: AsyncIterator[pb.UploadAssetRequest], staged: StagedFile
) -> pb.UploadAssetRequest.Description:
    """Writes the chunks of a stream and returns its description."""
    described: pb.UploadAssetRequest.Description | None = None
    async for request in requests:
        if described is None:
            if not request.HasField("description"):
                raise errors.Invalid("STREAM_INVALID", "the first message must hold the description")
            described = request.description
            staged.check_size(described.size_bytes)
        elif request.HasField("description"):
            raise errors.Invalid("STREAM_INVALID", "only the first message may hold a description")
        else:
            await staged.write(request.chunk)
    if described is None:
        raise errors.Invalid("STREAM_INVALID", "the stream is empty")
    return described


async def _check_whole(staged: StagedFile, described: pb.UploadAssetRequest.Description, context: Context) -> None:
    """Passes a stream that its caller ended: one that a lost connection ended looks the same at first."""
    await asyncio.sleep(0)
    if context.cancelled():
        raise errors.Cancelled("UPLOAD_CANCELLED", "the caller went away before the upload was complete")
    if described.size_bytes != staged.size:
        raise errors.Invalid("UPLOAD_INCOMPLETE", f"{described.size_bytes} bytes were announced, {staged.size} came")
