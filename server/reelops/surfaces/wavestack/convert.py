"""From the core's values to the document's words, and back."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from reelops import errors
from reelops.api.wavestack.v1 import asset_service_pb2, project_service_pb2, queue_item_pb2, queue_service_pb2
from reelops.core.library.assets.model import Asset, AssetKind, AssetState
from reelops.core.publishing.model import ItemState, NewItem, Platform, QueueItem
from reelops.core.publishing.projects.model import Project
from reelops.surfaces.moments import timestamp

_PLATFORM_NUMBERS = {platform: queue_item_pb2.QueueItem.Platform.Value(platform.value) for platform in Platform}
_PLATFORMS = {number: platform for platform, number in _PLATFORM_NUMBERS.items()}
_ITEM_STATUS_NUMBERS = {state: queue_item_pb2.QueueItem.Status.Value(state.value) for state in ItemState}
_ITEM_STATES = {number: state for state, number in _ITEM_STATUS_NUMBERS.items()}
_ASSET_STATUS_NUMBERS = {state: asset_service_pb2.Asset.Status.Value(state.value) for state in AssetState}
_ASSET_STATES = {number: state for state, number in _ASSET_STATUS_NUMBERS.items()}
_KIND_NUMBERS = {kind: asset_service_pb2.Asset.Kind.Value(kind.value) for kind in AssetKind}
_KINDS = {number: kind for kind, number in _KIND_NUMBERS.items()}


def queue_item(item: QueueItem) -> queue_item_pb2.QueueItem:
    """Converts a queue item."""
    made = queue_item_pb2.QueueItem(
        id=item.item_id,
        org_id=item.org_id,
        project_id=item.project_id,
        asset_id=item.asset_id,
        title=item.title,
        caption=item.caption,
        hashtags=item.hashtags,
        platforms=[_PLATFORM_NUMBERS[platform] for platform in item.platforms],
        schedule_at=timestamp(item.schedule_at),
        status=_ITEM_STATUS_NUMBERS[item.state],
        created_at=timestamp(item.created_at),
        updated_at=timestamp(item.updated_at),
    )
    if item.error_code is not None:
        made.error.code, made.error.message = item.error_code, item.error_message or ""
    return made


def item_status(state: ItemState) -> queue_item_pb2.QueueItem.Status.ValueType:
    """Converts the state of a queue item."""
    return _ITEM_STATUS_NUMBERS[state]


def item_state(status: queue_item_pb2.QueueItem.Status.ValueType) -> ItemState | None:
    """Converts a filter by status; None means all."""
    return _ITEM_STATES.get(status)


def new_item(request: queue_service_pb2.CreateQueueItemRequest) -> NewItem:
    """Converts what a caller says of a new queue item."""
    return NewItem(
        project_id=request.project_id if request.HasField("project_id") else None,
        asset_id=request.asset_id if request.HasField("asset_id") else None,
        title=request.title,
        caption=request.caption if request.HasField("caption") else None,
        hashtags=tuple(request.hashtags),
        platforms=tuple(_PLATFORMS[number] for number in request.platforms),
        schedule_at=moment(request.schedule_at, "schedule_at") if request.HasField("schedule_at") else None,
        idempotency_key=request.idempotency_key,
    )


def project(value: Project) -> project_service_pb2.Project:
    """Converts a project."""
    return project_service_pb2.Project(
        id=value.project_id,
        org_id=value.org_id,
        name=value.name,
        description=value.description,
        created_at=timestamp(value.created_at),
    )


def asset(value: Asset) -> asset_service_pb2.Asset:
    """Converts an asset."""
    return asset_service_pb2.Asset(
        id=value.asset_id,
        org_id=value.org_id,
        type=_KIND_NUMBERS[value.kind],
        status=_ASSET_STATUS_NUMBERS[value.state],
        name=value.name,
        content_type=value.content_type,
        size_bytes=value.size_bytes,
        duration_sec=value.duration_sec,
        width=value.width,
        height=value.height,
        job_id=value.job_id,
        source_asset_id=value.source_asset_id,
        error=value.error,
        created_at=timestamp(value.created_at),
        updated_at=timestamp(value.updated_at),
        expires_at=timestamp(value.expires_at),
    )


def asset_state(status: asset_service_pb2.Asset.Status.ValueType) -> AssetState | None:
    """Converts a filter by status; None means all."""
    return _ASSET_STATES.get(status)


def asset_kind(kind: asset_service_pb2.Asset.Kind.ValueType) -> AssetKind | None:
    """Converts a filter by type; None means all."""
    return _KINDS.get(kind)


def moment(value: Timestamp, field: str) -> datetime:
    """Converts a moment, to the microsecond. Raises `Invalid` for one outside of the years 1 to 9999."""
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.Invalid(
            "FIELD_INVALID", f"{field} is no moment of the years 1 to 9999", field=field, constraint="format"
        ) from None
