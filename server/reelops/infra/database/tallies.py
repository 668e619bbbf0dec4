"""How many rows the lists of an organisation have, kept as they change: counting a long list takes long.

A list is tallied by scope and state. A row counts in every scope that it is in: `*` is the whole list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reelops.infra.database.database import Database
from reelops.infra.database.schema import metadata

ALL = "*"

list_tally = sa.Table(
    "list_tally",
    metadata,
    sa.Column("list", sa.String(32), primary_key=True),
    sa.Column("org_id", sa.String(255), primary_key=True),
    sa.Column("scope", sa.String(300), primary_key=True),
    sa.Column("state", sa.String(16), primary_key=True),
    sa.Column("total", sa.BigInteger, nullable=False),
)

_OF_SCOPE = sa.select(sa.func.coalesce(sa.func.sum(list_tally.c.total), 0).label("total")).where(
    list_tally.c.list == sa.bindparam("list"),
    list_tally.c.org_id == sa.bindparam("org_id"),
    list_tally.c.scope == sa.bindparam("scope"),
)
_OF_STATE = _OF_SCOPE.where(list_tally.c.state == sa.bindparam("state"))


async def total(db: Database, name: str, org_id: str, *, scope: str = ALL, state: str | None = None) -> int:
    """Returns the rows that a list has in a scope, all or those of one state."""
    asked = {"list": name, "org_id": org_id, "scope": scope}
    if state is None:
        row = await db.fetch_one(_OF_SCOPE, asked)
    else:
        row = await db.fetch_one(_OF_STATE, asked | {"state": state})
    return 0 if row is None else int(row.total)


async def total_within(connection: AsyncConnection, name: str, org_id: str, *, scope: str = ALL) -> int:
    """Returns the rows that a list has in a scope as a transaction sees them."""
    found = await connection.execute(_OF_SCOPE, {"list": name, "org_id": org_id, "scope": scope})
    return int(found.scalar_one())


async def move(
    connection: AsyncConnection,
    name: str,
    org_id: str,
    scopes: Iterable[str],
    *,
    before: str | None,
    after: str | None,
    rows: int = 1,
) -> None:
    """Counts rows that went from one state to another; None is before they were added, and after they were deleted."""
    if before == after:
        return
    changes: Counter[tuple[str, str]] = Counter()
    for scope in {ALL, *scopes}:
        if before is not None:
            changes[scope, before] -= rows
        if after is not None:
            changes[scope, after] += rows
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # In one order for all, so that no two transactions wait for each other.
    for (scope, state), change in sorted(changes.items()):
        statement = insert(list_tally).values(list=name, org_id=org_id, scope=scope, state=state, total=change)
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=_key(), set_={"total": list_tally.c.total + statement.excluded.total}
            )
        )


def _key() -> Sequence[str]:
    return [column.name for column in list_tally.primary_key]
