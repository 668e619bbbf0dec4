"""One spelling of database URLs: what people write, what each driver wants."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from reelops.errors import Invalid


def parse(url: str) -> sa.URL:
    """Reads `sqlite:///PATH`, `postgresql://...` or the same with a driver named. Raises `Invalid`."""
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise Invalid("DATABASE_URL", "The database URL cannot be read.") from error
    dialect = "postgresql" if address.get_backend_name() == "postgres" else address.get_backend_name()
    if dialect not in ("sqlite", "postgresql"):
        raise Invalid("DATABASE_URL", f"The database URL names {dialect}; sqlite and postgresql are known.")
    if dialect == "sqlite" and address.database in (None, "", ":memory:"):
        raise Invalid("DATABASE_URL", "An SQLite URL has to name a file, as several processes share it.")
    return address.set(drivername=dialect)


def asynchronous(address: sa.URL) -> sa.URL:
    """Returns the URL for SQLAlchemy's asyncio engines."""
    return address.set(drivername="sqlite+aiosqlite" if is_sqlite(address) else "postgresql+psycopg")


def synchronous(address: sa.URL) -> sa.URL:
    """Returns the URL for SQLAlchemy's blocking engines."""
    return address.set(drivername="sqlite" if is_sqlite(address) else "postgresql+psycopg")


def is_sqlite(address: sa.URL) -> bool:
    """Says whether the database is a file."""
    return address.get_backend_name() == "sqlite"


def make_folder(address: sa.URL) -> None:
    """Makes the folder of an SQLite file, so that a first start needs no preparation."""
    if is_sqlite(address) and address.database is not None:
        Path(address.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
