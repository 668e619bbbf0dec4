"""Keys and clients from the command line, as a person types them."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from reelops.cli import loading, service
from reelops.cli.main import app
from reelops.configured import service_clients
from reelops.core.audit.service import Audit
from reelops.core.identity.clients import ServiceClients
from reelops.infra.database import Database
from reelops.settings import Settings
from typer.testing import CliRunner, Result

from tests.database_fixture import copy_sqlite

Type = Callable[..., Result]


@pytest.fixture
def data(empty_sqlite: Path, tmp_path: Path) -> Path:
    copy_sqlite(empty_sqlite, tmp_path)
    return tmp_path


@pytest.fixture
def type_in(data: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    monkeypatch.setenv("REELOPS_DATA", str(data))
    monkeypatch.delenv("WAVESTACK_SERVICE_CLIENTS", raising=False)
    monkeypatch.setattr(service.out, "width", 200)
    monkeypatch.setattr(service.err, "width", 200)
    runner = CliRunner()

    def run(*words: str) -> Result:
        for console in (service.out, service.err, loading._errors):
            console.file = None  # type: ignore[assignment]
        return runner.invoke(app, list(words), catch_exceptions=False)

    return run


def test_keys_are_rotated_and_listed(type_in: Type, data: Path) -> None:
    assert "wavestack-1 signs from now on" in type_in("keys", "rotate").output
    second = type_in("keys", "rotate").output
    assert "wavestack-2 signs from now on" in second
    assert "wavestack-1 is published until" in second
    listed = type_in("keys", "list").output
    assert listed.index("wavestack-2") < listed.index("wavestack-1")
    assert "PRIVATE" not in listed
    ended = type_in("keys", "rotate", "--now").output
    assert "end within seconds" in ended
    assert "wavestack-2" not in type_in("keys", "list").output
    assert stat.S_IMODE((data / "reelops.sqlite3").stat().st_mode) == 0o600


def test_a_client_that_was_added_gets_in(type_in: Type, data: Path) -> None:
    secret = type_in("clients", "add", "shop", "--org", "org_123").output.strip()

    async def log_in() -> str:
        async with Database.open(f"sqlite:///{data / 'reelops.sqlite3'}") as db:
            clients = ServiceClients(db=db)
            found = await clients.authenticate(client_id="shop", client_secret=secret, org_id="org_123")
            clients.close()
            return found.client_id

    assert asyncio.run(log_in()) == "shop"


def test_what_cannot_be_is_one_sentence(type_in: Type) -> None:
    assert type_in("clients", "add", "shop", "--org", "org_123").exit_code == 0
    taken = type_in("clients", "add", "shop", "--org", "org_123")
    assert (taken.exit_code, "error: There is a client shop already." in taken.output) == (1, True)
    listed = type_in("clients", "list").output
    assert "shop" in listed and "org_123" in listed
    first = type_in("clients", "rotate", "shop").output.strip()
    assert len(first) >= 40
    assert first not in type_in("clients", "list").output
    assert "shop is removed" in type_in("clients", "remove", "shop").output
    gone = type_in("clients", "remove", "shop")
    assert (gone.exit_code, "is not known" in gone.output) == (1, True)
    odd = type_in("clients", "add", "two words", "--org", "org_123")
    assert (odd.exit_code, "1 to 255 letters" in odd.output) == (1, True)


def test_configured_clients_are_listed_without_their_secrets(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    configured = [{"client_id": name, "client_secret": f"secret-of-{name}", "org_id": "org_9"} for name in ("a", "b")]
    assert type_in("clients", "add", "b", "--org", "org_123").exit_code == 0
    assert type_in("clients", "add", "shop", "--org", "org_123").exit_code == 0
    made = type_in("clients", "list").output
    assert _rows(made)[0][1:4] == ["local", "default", "configured"]
    monkeypatch.setenv("WAVESTACK_SERVICE_CLIENTS", json.dumps(configured))
    listed = type_in("clients", "list").output
    assert [(words[1], words[3]) for words in _rows(listed)] == [
        ("a", "configured"),
        ("b", "configured"),
        ("b", "database, but the configured one counts"),
        ("shop", "database"),
    ]
    assert "secret-of" not in listed


def _rows(output: str) -> list[list[str]]:
    """Reads the cells of a table; what stands before the first is empty."""
    return [[cell.strip() for cell in line.split("│")] for line in output.splitlines() if line.startswith("│")]


def test_what_was_done_is_in_the_trail(type_in: Type, data: Path) -> None:
    secret = type_in("clients", "add", "shop", "--org", "org_123").output.strip()
    type_in("keys", "rotate", "--now")

    async def read() -> list[tuple[str, str | None, str]]:
        async with Database.open(f"sqlite:///{data / 'reelops.sqlite3'}") as db:
            entries = await Audit(db=db).list()
            return [(entry.job_type, entry.subject, json.dumps(dict(entry.facts))) for entry in entries]

    entries = asyncio.run(read())
    assert [(kind, subject) for kind, subject, _ in entries] == [
        ("signing_key", "wavestack-1"),
        ("service_client", "shop"),
    ]
    assert "rotate --now" in entries[0][2]
    assert all(secret not in facts for _, _, facts in entries)


def test_the_embedded_run_makes_a_client_where_nobody_configured_one(data: Path) -> None:
    made = service_clients(Settings(data=data))
    assert [(client.client_id, client.org_id) for client in made] == [("local", "default")]
    configured = '[{"client_id": "a", "client_secret": "s", "org_id": "o"}]'
    assert [c.client_id for c in service_clients(Settings(data=data, WAVESTACK_SERVICE_CLIENTS=configured))] == ["a"]
    assert service_clients(Settings(data=data, SOPILOT_API_ROLE_TOKENS="admin:x")) == ()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WAVESTACK_SERVICE_CLIENTS", "secret-token", "WAVESTACK_SERVICE_CLIENTS: it is no JSON"),
        ("WAVESTACK_SERVICE_CLIENTS", '[{"client_id": "a", "client_secret": "secret-token"}]', "entry 1 is no object"),
        ("WAVESTACK_DEFAULT_ORG", "not one", "WAVESTACK_DEFAULT_ORG"),
        ("WAVESTACK_TOKEN_LIFETIME_SEC", "5", "WAVESTACK_TOKEN_LIFETIME_SEC"),
        ("WAVESTACK_RATE_LIMIT_CORE", "0", "WAVESTACK_RATE_LIMIT_CORE"),
        ("REELOPS_TRUSTED_NETWORKS", "10.0.0.1/8", "REELOPS_TRUSTED_NETWORKS: '10.0.0.1/8' is no network"),
    ],
)
def test_a_wrong_setting_is_told_and_secrets_are_not(
    type_in: Type, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = type_in("keys", "list")
    assert refused.exit_code == 2
    assert said in refused.output.replace("\n", " ")
    assert "secret-token" not in refused.output
