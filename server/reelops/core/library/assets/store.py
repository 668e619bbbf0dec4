"""Table and queries of assets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.library.assets.model import Asset, AssetKind, AssetState
from reelops.core.library.model import Video
from reelops.infra.database import Database, UtcDateTime, metadata, serial, tallies, utc_now
from reelops.infra.database.paging import Page

LIST = "assets"

assets = sa.Table(
    "assets",
    metadata,
    # Newest first is by this number: moments can be equal.
    sa.Column("number", serial(), primary_key=True, autoincrement=True),
    sa.Column("asset_id", sa.String(64), nullable=False, unique=True),
    sa.Column("org_id", sa.String(255), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content_type", sa.String(255)),
    sa.Column("file_key", sa.String(255), unique=True),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("sha256", sa.String(64)),
    sa.Column("duration_sec", sa.Double),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("job_id", sa.String(64), index=True),
    sa.Column("video_id", sa.Integer, unique=True),
    sa.Column("source_asset_id", sa.String(64)),
    sa.Column("error", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, index=True),
    sa.Index("ix_assets_org_id_number", "org_id", "number"),
    sa.Index("ix_assets_org_id_kind_number", "org_id", "kind", "number"),
    sa.Index("ix_assets_org_id_state_number", "org_id", "state", "number"),
    sa.Index("ix_assets_org_id_kind_state_number", "org_id", "kind", "state", "number"),
)

_COLUMNS = [column for column in assets.columns if column.name != "number"]
_BY_ID = sa.select(*_COLUMNS).where(assets.c.asset_id == sa.bindparam("asset_id"))
_BY_ID_OF_ORG = _BY_ID.where(assets.c.org_id == sa.bindparam("org_id"))
_BY_JOB = sa.select(*_COLUMNS).where(assets.c.job_id == sa.bindparam("job_id"))
_EXPIRED = (
    sa.select(*_COLUMNS)
    .where(assets.c.expires_at <= sa.bindparam("now"))
    .order_by(assets.c.expires_at)
    .limit(sa.bindparam("limit"))
)
_MADE = assets.c.kind != AssetKind.video.value
_MADE_BYTES = sa.select(sa.func.coalesce(sa.func.sum(assets.c.size_bytes), 0).label("total")).where(_MADE)


async def get_asset(db: Database, asset_id: str, org_id: str | None = None) -> Asset | None:
    """Returns an asset, or None; with `org_id`, None too where it is another organisation's."""
    if org_id is None:
        row = await db.fetch_one(_BY_ID, {"asset_id": asset_id})
    else:
        row = await db.fetch_one(_BY_ID_OF_ORG, {"asset_id": asset_id, "org_id": org_id})
    return _asset(row) if row is not None else None


async def get_asset_of_job(db: Database, job_id: str) -> Asset | None:
    """Returns the asset that a job makes, or None."""
    row = await db.fetch_one(_BY_JOB, {"job_id": job_id})
    return _asset(row) if row is not None else None


async def list_assets(
    db: Database,
    org_id: str,
    *,
    limit: int,
    offset: int = 0,
    kind: AssetKind | None = None,
    state: AssetState | None = None,
) -> Page[Asset]:
    """Lists assets of an organisation, newest first."""
    asked: dict[str, Any] = {"org_id": org_id, "limit": limit, "offset": offset}
    asked |= {} if kind is None else {"kind": kind.value}
    asked |= {} if state is None else {"state": state.value}
    rows = await db.fetch_all(_page(kind is not None, state is not None), asked)
    scope = tallies.ALL if kind is None else kind.value
    total = await tallies.total(db, LIST, org_id, scope=scope, state=state and state.value)
    return Page([_asset(row) for row in rows], total, limit, offset)


async def expired(db: Database, now: datetime, limit: int) -> Sequence[Asset]:
    """Lists assets whose time is over, the earliest first."""
    return [_asset(row) for row in await db.fetch_all(_EXPIRED, {"now": now, "limit": limit})]


async def made_bytes(db: Database) -> int:
    """Returns how many bytes all that was cut and drawn takes."""
    row = await db.fetch_one(_MADE_BYTES, {})
    return 0 if row is None else int(row.total)


async def known_keys(db: Database, keys: Sequence[str]) -> set[str]:
    """Returns those of some files' keys that an asset has."""
    statement = sa.select(assets.c.file_key).where(assets.c.file_key.in_(keys))
    return {row.file_key for row in await db.fetch_all(statement)}


async def insert_asset(connection: AsyncConnection, asset: Asset) -> None:
    """Adds an asset."""
    await insert_assets(connection, [asset])


async def insert_assets(connection: AsyncConnection, new: Sequence[Asset]) -> None:
    """Adds many assets at once."""
    if not new:
        return
    await connection.execute(assets.insert(), [_values(asset) for asset in new])
    counts = Counter((asset.org_id, asset.kind.value, asset.state.value) for asset in new)
    for (org_id, kind, state), rows in sorted(counts.items()):
        await tallies.move(connection, LIST, org_id, [kind], before=None, after=state, rows=rows)


async def update_asset(connection: AsyncConnection, asset_id: str, **values: Any) -> bool:
    """Changes columns of an asset, and the moment of its last change; False where it is gone."""
    return await _update(connection, assets.c.asset_id == asset_id, values)


async def update_asset_of_video(connection: AsyncConnection, video_id: int, **values: Any) -> bool:
    """Changes columns of the asset of a video; False where it has none."""
    return await _update(connection, assets.c.video_id == video_id, values)


async def begin_asset_of_video(connection: AsyncConnection, video_id: int) -> bool:
    """Says that a pending asset of a video is being made now; one that is further stays as it is."""
    pending = (assets.c.video_id == video_id) & (assets.c.state == AssetState.pending.value)
    return await _update(connection, pending, {"state": AssetState.processing})


async def delete_asset(connection: AsyncConnection, asset_id: str) -> bool:
    """Deletes an asset's row; False where it is gone. Its file is the caller's to remove."""
    return await _delete(connection, assets.c.asset_id == asset_id)


async def detach_asset(connection: AsyncConnection, video: Video) -> list[str]:
    """Removes the asset of a video that is deleted; its file is the video's."""
    await _delete(connection, assets.c.video_id == video.video_id)
    return []


@cache
def _page(by_kind: bool, by_state: bool) -> sa.Select[Any]:
    statement = sa.select(*_COLUMNS).where(assets.c.org_id == sa.bindparam("org_id"))
    if by_kind:
        statement = statement.where(assets.c.kind == sa.bindparam("kind"))
    if by_state:
        statement = statement.where(assets.c.state == sa.bindparam("state"))
    return statement.order_by(assets.c.number.desc()).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))


async def _update(connection: AsyncConnection, which: sa.ColumnElement[bool], values: Mapping[str, Any]) -> bool:
    row = await _locked(connection, which)
    if row is None:
        return False
    changes = {"updated_at": utc_now(), **values}
    changes |= {"state": AssetState(values["state"]).value} if "state" in values else {}
    await connection.execute(assets.update().where(assets.c.number == row.number).values(changes))
    await _count(connection, row.org_id, row.kind, before=row.state, after=changes.get("state", row.state))
    return True


async def _delete(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> bool:
    row = await _locked(connection, which)
    if row is None:
        return False
    await connection.execute(assets.delete().where(assets.c.number == row.number))
    await _count(connection, row.org_id, row.kind, before=row.state, after=None)
    return True


async def _locked(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> Any | None:
    columns = (assets.c.number, assets.c.org_id, assets.c.kind, assets.c.state)
    return (await connection.execute(sa.select(*columns).where(which).with_for_update())).first()


async def _count(connection: AsyncConnection, org_id: str, kind: str, *, before: str | None, after: str | None) -> None:
    await tallies.move(connection, LIST, org_id, [kind], before=before, after=after)


def _values(asset: Asset) -> dict[str, Any]:
    values = {column.name: getattr(asset, column.name) for column in _COLUMNS}
    return values | {"kind": asset.kind.value, "state": asset.state.value}


def _asset(row: Any) -> Asset:
    return Asset(**row._asdict() | {"kind": AssetKind(row.kind), "state": AssetState(row.state)})
