"""Brings a database to the present schema, and says how the two differ."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from reelops.infra.database import addresses, engines
from reelops.infra.database.failures import translated

SCRIPTS = Path(__file__).parent / "migrations"
# Any number that nothing else of ours locks; the next one is for the job engine's own tables.
_POSTGRES_LOCK = 0x7265656C6F7073
_FOREIGN_TABLES = ("alembic_version",)


def migrate(url: str) -> None:
    """Creates or upgrades all tables, the job engine's too. Safe when several processes do it at the same moment."""
    address = addresses.parse(url)
    addresses.make_folder(address)
    with translated(), _exclusive(address) as connection:
        command.upgrade(configuration(connection), "head")
    _migrate_job_engine(address)


def close_to_others(url: str) -> None:
    """Makes a SQLite file, which holds secrets, readable by its owner alone. Its journals get the file's mode."""
    address = addresses.parse(url)
    if not addresses.is_sqlite(address):
        return
    path = str(address.database)
    for file in (Path(path), Path(f"{path}-wal"), Path(f"{path}-shm")):
        with suppress(FileNotFoundError, PermissionError):
            file.chmod(0o600)


def schema_version(url: str) -> str | None:
    """Returns the revision that a database is at, or None before its first migration."""
    with translated(), _connected(addresses.parse(url)) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def schema_differences(url: str, metadata: sa.MetaData) -> list[Any]:
    """Lists what would have to change in a database to equal `metadata`. The job engine's tables are left out."""
    with translated(), _connected(addresses.parse(url)) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_ours(metadata)}
        )
        return list(compare_metadata(context, metadata))


def configuration(connection: sa.Connection | None = None) -> Config:
    """Makes Alembic's configuration: no ini file, the scripts of this package."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(address: sa.URL) -> Iterator[sa.Connection]:
    engine = engines.make_blocking(address, pool_size=1, begin="BEGIN")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _exclusive(address: sa.URL) -> Iterator[sa.Connection]:
    # SQLite's BEGIN IMMEDIATE is itself the lock; both dialects roll back tables that were half made.
    engine = engines.make_blocking(address, pool_size=1)
    try:
        with engine.begin() as connection:
            if not addresses.is_sqlite(address):
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))
            yield connection
    finally:
        engine.dispose()


def _migrate_job_engine(address: sa.URL) -> None:
    # Imported only here: it takes more than a second, and readers of a database that is up to date never need it.
    from dbos import DBOS

    logging.getLogger("dbos").setLevel(logging.WARNING)
    url = address.render_as_string(hide_password=False)
    with _exclusive_engine_migration(address):
        DBOS.migrate(url)


@contextmanager
def _exclusive_engine_migration(address: sa.URL) -> Iterator[None]:
    if addresses.is_sqlite(address):
        yield  # it takes SQLite's write lock by itself
        return
    # No open transaction and no waiting statement here: the engine makes indexes CONCURRENTLY, which waits for those.
    engine = engines.make_blocking(address, pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_POSTGRES_LOCK + 1))).scalar_one():
                time.sleep(0.1)
            yield  # the lock goes with the connection
    finally:
        engine.dispose()


def _is_ours(metadata: sa.MetaData) -> Any:
    def include(thing: Any, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
        table = name if kind == "table" else thing.table.name
        return table in metadata.tables and table not in _FOREIGN_TABLES

    return include
