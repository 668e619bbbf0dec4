"""Rewrites driver errors that mean "the database is away" in one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from reelops.errors import Unavailable

_SQLITE_AWAY = (
    "database is locked",
    "database table is locked",
    "unable to open database file",
    "disk i/o error",
    "database or disk is full",
    "attempt to write a readonly database",
)
# Connection exceptions, insufficient resources, operator intervention, lock timeouts, deadlocks, serialization.
_POSTGRES_AWAY = ("08", "53", "57", "55P03", "40001", "40P01")


@contextmanager
def translated() -> Iterator[None]:
    """Turns a lost, locked or full database into `Unavailable("DATABASE_UNAVAILABLE")`; leaves other errors alone."""
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError, sqlite3.OperationalError) as error:
        if not means_away(error):
            raise
        raise unavailable() from error


def unavailable() -> Unavailable:
    """Makes the error that says the database cannot be used for now."""
    return Unavailable("DATABASE_UNAVAILABLE", "The database does not answer for now; try again in a moment.")


def means_away(error: BaseException) -> bool:
    """Says whether the same statement could succeed later without any change."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or _driver_means_away(error.orig)
    return _driver_means_away(error)


def _driver_means_away(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return any(words in str(error).lower() for words in _SQLITE_AWAY)
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_POSTGRES_AWAY)
    # psycopg gives no state when the server could not be reached at all.
    return type(error).__module__.startswith("psycopg") and type(error).__name__ == "OperationalError"
