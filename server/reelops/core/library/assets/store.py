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
# Bytes of what was cut and drawn, kept as they change: adding up a million rows for every request takes long.
_MADE = "bytes made"

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
_COUNTED = (assets.c.number, assets.c.org_id, assets.c.kind, assets.c.state, assets.c.size_bytes)
_BY_ID = sa.select(*_COLUMNS).where(assets.c.asset_id == sa.bindparam("asset_id"))
_BY_ID_OF_ORG = _BY_ID.where(assets.c.org_id == sa.bindparam("org_id"))
_BY_JOB = sa.select(*_COLUMNS).where(assets.c.job_id == sa.bindparam("job_id"))
_EXPIRED = (
    sa.select(*_COLUMNS)
    .where(assets.c.expires_at <= sa.bindparam("now"))
    .order_by(assets.c.expires_at)
    .limit(sa.bindparam("limit"))
)


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
    return await tallies.total(db, _MADE, "")


async def made_bytes_within(connection: AsyncConnection) -> int:
    """Returns the same as a write transaction sees it; exact after that transaction changed it, which locks it."""
    return await tallies.total_within(connection, _MADE, "")


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
    await _weigh(connection, sum(asset.size_bytes or 0 for asset in new if asset.kind is not AssetKind.video))


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


async def delete_assets(connection: AsyncConnection, asset_ids: Sequence[str]) -> None:
    """Deletes the rows of many assets at once; their files are the caller's to remove."""
    which = assets.c.asset_id.in_(asset_ids)
    # In the order of their numbers, so that no two transactions wait for each other.
    locked = sa.select(*_COUNTED).where(which).order_by(assets.c.number).with_for_update()
    rows = (await connection.execute(locked)).all()
    await connection.execute(assets.delete().where(assets.c.number.in_([row.number for row in rows])))
    counts = Counter((row.org_id, row.kind, row.state) for row in rows)
    for (org_id, kind, state), gone in sorted(counts.items()):
        await tallies.move(connection, LIST, org_id, [kind], before=state, after=None, rows=gone)
    await _weigh(connection, -sum(_made_bytes_of(row) for row in rows))


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
    if "size_bytes" in changes and row.kind != AssetKind.video.value:
        await _weigh(connection, (changes["size_bytes"] or 0) - _made_bytes_of(row))
    return True


async def _delete(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> bool:
    row = await _locked(connection, which)
    if row is None:
        return False
    await connection.execute(assets.delete().where(assets.c.number == row.number))
    await _count(connection, row.org_id, row.kind, before=row.state, after=None)
    await _weigh(connection, -_made_bytes_of(row))
    return True


async def _locked(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> Any | None:
    return (await connection.execute(sa.select(*_COUNTED).where(which).with_for_update())).first()


async def _count(connection: AsyncConnection, org_id: str, kind: str, *, before: str | None, after: str | None) -> None:
    await tallies.move(connection, LIST, org_id, [kind], before=before, after=after)


async def _weigh(connection: AsyncConnection, change: int) -> None:
    """Notes that what was made takes more or less room. Last of all: one row that every writer of these locks."""
    if change:
        await tallies.move(connection, _MADE, "", [], before=None, after=AssetState.ready, rows=change)


def _made_bytes_of(row: Any) -> int:
    return 0 if row.kind == AssetKind.video.value else row.size_bytes or 0


def _values(asset: Asset) -> dict[str, Any]:
    values = {column.name: getattr(asset, column.name) for column in _COLUMNS}
    return values | {"kind": asset.kind.value, "state": asset.state.value}


def _asset(row: Any) -> Asset:
    return Asset(**row._asdict() | {"kind": AssetKind(row.kind), "state": AssetState(row.state)})
