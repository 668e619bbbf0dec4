"""Table and queries of queue items."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.core.publishing.model import ItemState, Platform, QueueItem
from reelops.infra.database import Database, UtcDateTime, json_document, metadata, serial, tallies, utc_now
from reelops.infra.database.paging import Page

LIST = "queue"

queue_items = sa.Table(
    "queue_items",
    metadata,
    # Newest first is by this number: moments can be equal.
    sa.Column("number", serial(), primary_key=True, autoincrement=True),
    sa.Column("item_id", sa.String(64), nullable=False, unique=True),
    sa.Column("org_id", sa.String(255), nullable=False),
    sa.Column("project_id", sa.String(255)),
    sa.Column("asset_id", sa.String(255)),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("caption", sa.Text),
    sa.Column("hashtags", json_document(), nullable=False),
    sa.Column("platforms", json_document(), nullable=False),
    sa.Column("schedule_at", UtcDateTime),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("idempotency_key", sa.String(255), nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("job_id", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("error_code", sa.String(64)),
    sa.Column("error_message", sa.Text),
    sa.UniqueConstraint("org_id", "idempotency_key"),
    sa.Index("ix_queue_items_org_id_number", "org_id", "number"),
    sa.Index("ix_queue_items_org_id_state_number", "org_id", "state", "number"),
    sa.Index("ix_queue_items_org_id_project_id_number", "org_id", "project_id", "number"),
    sa.Index("ix_queue_items_org_id_project_id_state_number", "org_id", "project_id", "state", "number"),
)

_COLUMNS = [column for column in queue_items.columns if column.name != "number"]
_ALL = sa.select(*_COLUMNS)
_BY_ID = _ALL.where(queue_items.c.item_id == sa.bindparam("item_id"))
_BY_ID_OF_ORG = _BY_ID.where(queue_items.c.org_id == sa.bindparam("org_id"))
_BY_KEY = _ALL.where(
    queue_items.c.org_id == sa.bindparam("org_id"), queue_items.c.idempotency_key == sa.bindparam("idempotency_key")
)


async def get_item(db: Database, item_id: str, org_id: str | None) -> QueueItem | None:
    """Returns an item, or None; with `org_id`, None too where it is another organisation's."""
    if org_id is None:
        row = await db.fetch_one(_BY_ID, {"item_id": item_id})
    else:
        row = await db.fetch_one(_BY_ID_OF_ORG, {"item_id": item_id, "org_id": org_id})
    return _item(row) if row is not None else None


async def get_item_by_key(db: Database, org_id: str, key: str) -> QueueItem | None:
    """Returns the item that was created with an idempotency key, or None."""
    row = await db.fetch_one(_BY_KEY, {"org_id": org_id, "idempotency_key": key})
    return _item(row) if row is not None else None


async def list_items(
    db: Database,
    org_id: str,
    *,
    limit: int,
    offset: int,
    state: ItemState | None = None,
    project_id: str | None = None,
) -> Page[QueueItem]:
    """Lists items of an organisation, newest first."""
    asked: dict[str, Any] = {"org_id": org_id, "limit": limit, "offset": offset}
    asked |= {} if project_id is None else {"project_id": project_id}
    asked |= {} if state is None else {"state": state.value}
    rows = await db.fetch_all(_page(project_id is not None, state is not None), asked)
    scope = tallies.ALL if project_id is None else _scope(project_id)
    total = await tallies.total(db, LIST, org_id, scope=scope, state=state and state.value)
    return Page([_item(row) for row in rows], total, limit, offset)


async def insert_item(connection: AsyncConnection, item: QueueItem) -> bool:
    """Adds an item, yet uncounted; False where its key is taken.

    Another transaction that is adding the same key is waited for.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(queue_items).values(_values(item))
    statement = statement.on_conflict_do_nothing(index_elements=["org_id", "idempotency_key"])
    added = await connection.execute(statement.returning(queue_items.c.number))
    return added.first() is not None


async def count_item(connection: AsyncConnection, item: QueueItem) -> None:
    """Counts an item that was added. Jobs are locked before tallies everywhere, so this follows the enqueueing."""
    await _count(connection, item, before=None, after=item.state)


async def lock_item(connection: AsyncConnection, item_id: str, org_id: str | None = None) -> QueueItem | None:
    """Returns an item and keeps others from changing it until the transaction ends; None where there is none."""
    statement = _ALL.where(queue_items.c.item_id == item_id)
    if org_id is not None:
        statement = statement.where(queue_items.c.org_id == org_id)
    row = (await connection.execute(statement.with_for_update())).first()
    return _item(row) if row is not None else None


async def set_state(
    connection: AsyncConnection,
    item: QueueItem,
    state: ItemState,
    *,
    error_code: str | None = None,
    error_message: str | None = None,
) -> None:
    """Changes the state of an item. The caller holds its lock."""
    await connection.execute(
        queue_items.update()
        .where(queue_items.c.item_id == item.item_id)
        .values(state=state.value, error_code=error_code, error_message=error_message, updated_at=utc_now())
    )
    await _count(connection, item, before=item.state, after=state)


async def delete_item(connection: AsyncConnection, item: QueueItem) -> None:
    """Deletes an item. The caller holds its lock."""
    await connection.execute(queue_items.delete().where(queue_items.c.item_id == item.item_id))
    await _count(connection, item, before=item.state, after=None)


@cache
def _page(by_project: bool, by_state: bool) -> sa.Select[Any]:
    statement = _ALL.where(queue_items.c.org_id == sa.bindparam("org_id"))
    if by_project:
        statement = statement.where(queue_items.c.project_id == sa.bindparam("project_id"))
    if by_state:
        statement = statement.where(queue_items.c.state == sa.bindparam("state"))
    return statement.order_by(queue_items.c.number.desc()).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))


async def _count(
    connection: AsyncConnection, item: QueueItem, *, before: ItemState | None, after: ItemState | None
) -> None:
    scopes = [] if item.project_id is None else [_scope(item.project_id)]
    await tallies.move(
        connection, LIST, item.org_id, scopes, before=before and before.value, after=after and after.value
    )


def _scope(project_id: str) -> str:
    return f"project:{project_id}"


def _values(item: QueueItem) -> dict[str, Any]:
    values = {column.name: getattr(item, column.name) for column in _COLUMNS}
    return values | {
        "state": item.state.value,
        "hashtags": list(item.hashtags),
        "platforms": [platform.value for platform in item.platforms],
    }


def _item(row: Any) -> QueueItem:
    return QueueItem(
        **row._asdict()
        | {
            "state": ItemState(row.state),
            "hashtags": tuple(row.hashtags),
            "platforms": tuple(Platform(name) for name in row.platforms),
        }
    )
