"""QueueService: what an organisation is going to publish."""

from __future__ import annotations

from reelops.api.wavestack.v1 import queue_service_pb2 as pb
from reelops.api.wavestack.v1 import queue_service_pb2_grpc
from reelops.core.publishing.service import Publishing
from reelops.surfaces.context import Context
from reelops.surfaces.moments import timestamp
from reelops.surfaces.wavestack import convert
from reelops.surfaces.wavestack.clients import client

_LIMIT = 20


class QueueServicer(queue_service_pb2_grpc.QueueServiceServicer):
    """Creates, shows and deletes queue items."""

    def __init__(self, *, publishing: Publishing) -> None:
        self._publishing = publishing

    async def ListQueueItems(self, request: pb.ListQueueItemsRequest, context: Context) -> pb.ListQueueItemsResponse:
        page = await self._publishing.list(
            org_id=client().org_id,
            state=convert.item_state(request.status),
            project_id=request.project_id if request.HasField("project_id") else None,
            limit=request.limit or _LIMIT,
            offset=request.offset,
        )
        items = [convert.queue_item(item) for item in page.items]
        return pb.ListQueueItemsResponse(items=items, total=page.total, limit=page.limit, offset=page.offset)

    async def CreateQueueItem(self, request: pb.CreateQueueItemRequest, context: Context) -> pb.CreateQueueItemResponse:
        who = client()
        item = await self._publishing.create(convert.new_item(request), org_id=who.org_id, by=who.name)
        return pb.CreateQueueItemResponse(
            id=item.item_id, status=convert.item_status(item.state), created_at=timestamp(item.created_at)
        )

    async def GetQueueItem(self, request: pb.GetQueueItemRequest, context: Context) -> pb.GetQueueItemResponse:
        item = await self._publishing.get(request.id, org_id=client().org_id)
        return pb.GetQueueItemResponse(item=convert.queue_item(item))

    async def DeleteQueueItem(self, request: pb.DeleteQueueItemRequest, context: Context) -> pb.DeleteQueueItemResponse:
        who = client()
        item = await self._publishing.delete(request.id, org_id=who.org_id, by=who.name)
        return pb.DeleteQueueItemResponse(id=item.item_id, deleted=True)
