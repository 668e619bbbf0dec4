"""ThumbnailService: pictures that invite to a video."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from reelops.api.wavestack.v1 import thumbnail_service_pb2 as pb
from reelops.api.wavestack.v1 import thumbnail_service_pb2_grpc
from reelops.core.editing.keeping import fresh_sec
from reelops.core.editing.thumbnails.failures import Fields
from reelops.core.editing.thumbnails.model import HEIGHT, WIDTH, Background, Expression, Style
from reelops.core.editing.thumbnails.orders import ThumbnailOrder, ThumbnailResult
from reelops.core.editing.thumbnails.service import Thumbnails
from reelops.surfaces.context import Context
from reelops.surfaces.files import send_file
from reelops.surfaces.moments import timestamp
from reelops.surfaces.wavestack.clients import client, reader
from reelops.surfaces.wavestack.urls import Urls

_DRAWN = Fields(source="options.picture")
_FRAMED = Fields(source="video_url", texts="overlays.")
_Options = pb.GenerateThumbnailRequest.Options


class ThumbnailServicer(thumbnail_service_pb2_grpc.ThumbnailServiceServicer):
    """Draws thumbnails."""

    def __init__(self, *, thumbnails: Thumbnails, urls: Urls) -> None:
        self._thumbnails = thumbnails
        self._urls = urls

    async def GenerateThumbnail(
        self, request: pb.GenerateThumbnailRequest, context: Context
    ) -> pb.GenerateThumbnailResponse:
        result = await self._thumbnails.generate(
            drawn_order(request),
            source=request.options.picture or None,
            fields=_DRAWN,
            org_id=client().org_id,
            by=client().name,
        )
        return pb.GenerateThumbnailResponse(thumbnail=to_message(result, self._urls.base(context)))

    async def GenerateThumbnailFromFrame(
        self, request: pb.GenerateThumbnailFromFrameRequest, context: Context
    ) -> pb.GenerateThumbnailFromFrameResponse:
        result = await self._thumbnails.generate(
            frame_order(request),
            source=request.video_url,
            fields=_FRAMED,
            org_id=client().org_id,
            by=client().name,
        )
        return pb.GenerateThumbnailFromFrameResponse(thumbnail=to_message(result, self._urls.base(context)))

    async def DownloadThumbnail(
        self, request: pb.DownloadThumbnailRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        asset, info = await self._thumbnails.file(request.name, reader())
        async for part in send_file(
            context,
            info,
            lambda start, end: self._thumbnails.read(asset, start, end),
            content_type="image/png",
            filename=asset.name,
            fresh_sec=fresh_sec(asset),
        ):
            yield part


def drawn_order(request: pb.GenerateThumbnailRequest) -> ThumbnailOrder:
    """Reads what a thumbnail is asked for with; what is unspecified has the default of the core."""
    options = request.options
    return ThumbnailOrder(
        asset_id="",
        style=style(request.style),
        title=request.title,
        subtitle=request.subtitle or None,
        include_face=options.include_face,
        expression=Expression(_Options.Expression.Name(options.face_expression or _Options.excited)),
        background=Background(_Options.Background.Name(options.background or _Options.gradient)),
        colors=tuple(options.colors),
    )


def frame_order(request: pb.GenerateThumbnailFromFrameRequest) -> ThumbnailOrder:
    """Reads what a thumbnail over a frame is asked for with."""
    return ThumbnailOrder(
        asset_id="",
        style=style(request.style),
        title=request.overlays.title,
        subtitle=request.overlays.subtitle or None,
        timestamp=request.timestamp if request.HasField("timestamp") else None,
    )


def style(number: pb.Thumbnail.Style.ValueType) -> Style:
    """Converts a style; custom where none is named."""
    return Style(pb.Thumbnail.Style.Name(number)) if number else Style.CUSTOM


def to_message(result: ThumbnailResult, base_url: str) -> pb.Thumbnail:
    """Converts a thumbnail; its file is below `base_url`."""
    return pb.Thumbnail(
        thumbnail_id=result.thumbnail_id,
        url=f"{base_url}/thumbnails/{result.name}",
        dimensions=pb.Thumbnail.Dimensions(width=WIDTH, height=HEIGHT),
        generated_at=timestamp(result.made_at),
        asset_id=result.asset_id,
        job_id=result.job_id,
        timestamp=result.timestamp,
        expires_at=timestamp(result.expires_at),
    )
