"""Clients of organisations: in the database, and configured."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa
from reelops.core.identity.clients import ConfiguredClient, ServiceClients, parse_service_clients
from reelops.core.identity.store import service_client
from reelops.errors import Conflict, Exhausted, Forbidden, Invalid, NotFound, Unauthenticated
from reelops.infra.database import Database

SHOP = ConfiguredClient("shop", "org_1", "öffne dich")


@pytest_asyncio.fixture
async def clients(db: Database) -> AsyncIterator[ServiceClients]:
    opened = ServiceClients(db=db, configured=[SHOP])
    yield opened
    opened.close()


async def test_a_client_gets_a_secret_that_is_kept_as_a_hash(db: Database, clients: ServiceClients) -> None:
    secret = await clients.add("mill", "org_2")
    assert len(secret) >= 40
    row = (await db.fetch_all(sa.select(service_client)))[0]
    assert row.secret_hash.startswith("$argon2id$")
    assert secret not in row.secret_hash
    found = await clients.authenticate(client_id="mill", client_secret=secret, org_id="org_2")
    assert (found.client_id, found.org_id) == ("mill", "org_2")
    assert [client.client_id for client in await clients.list()] == ["mill"]


async def test_another_secret_replaces_the_one_before(clients: ServiceClients) -> None:
    before = await clients.add("mill", "org_2")
    after = await clients.rotate("mill")
    with pytest.raises(Unauthenticated):
        await clients.authenticate(client_id="mill", client_secret=before, org_id="org_2")
    await clients.authenticate(client_id="mill", client_secret=after, org_id="org_2")
    assert (await clients.list())[0].rotated_at is not None


async def test_a_removed_client_is_gone(clients: ServiceClients) -> None:
    secret = await clients.add("mill", "org_2")
    await clients.remove("mill")
    with pytest.raises(Unauthenticated):
        await clients.authenticate(client_id="mill", client_secret=secret, org_id="org_2")
    for missing in (clients.remove("mill"), clients.rotate("mill"), clients.remove("shop")):
        with pytest.raises(NotFound):
            await missing


async def test_configured_clients_need_no_database(clients: ServiceClients) -> None:
    found = await clients.authenticate(client_id="shop", client_secret="öffne dich", org_id="org_1")
    assert found.org_id == "org_1"
    with pytest.raises(Forbidden):
        await clients.authenticate(client_id="shop", client_secret="öffne dich", org_id="org_2")
    for wrong in ("", "öffne", "\udcff", "x" * 1024):
        with pytest.raises(Unauthenticated):
            await clients.authenticate(client_id="shop", client_secret=wrong, org_id="org_1")


async def test_a_client_is_added_once(clients: ServiceClients) -> None:
    await clients.add("mill", "org_2")
    for taken in ("mill", "shop"):
        with pytest.raises(Conflict):
            await clients.add(taken, "org_2")
    for client_id, org_id in (("", "o"), ("a b", "o"), ("-a", "o"), ("a", ""), ("a", "ö"), ("a" * 256, "o")):
        with pytest.raises(Invalid):
            await clients.add(client_id, org_id)


async def test_a_crowd_of_guesses_is_told_to_come_again(clients: ServiceClients) -> None:
    guesses = [clients.authenticate(client_id=f"c{n}", client_secret="x", org_id="o") for n in range(40)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unauthenticated, Exhausted}
    busy = next(outcome for outcome in outcomes if isinstance(outcome, Exhausted))
    assert busy.details["retry_after"] == "1"
    await clients.authenticate(client_id="shop", client_secret="öffne dich", org_id="org_1")


def test_configured_clients_are_read() -> None:
    assert parse_service_clients(" ") == ()
    text = json.dumps([{"client_id": "a", "client_secret": "geheim", "org_id": "org_123"}])
    assert parse_service_clients(text) == (ConfiguredClient("a", "org_123", "geheim"),)
    assert "geheim" not in repr(parse_service_clients(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("geheim", "no JSON"),
        ('{"client_secret": "geheim"}', "no JSON list"),
        ('["geheim"]', "entry 1 is no object"),
        ('[{"client_id": "a", "client_secret": "geheim"}]', "entry 1 is no object"),
        ('[{"client_id": "a", "client_secret": "geheim", "org_id": "o", "x": 1}]', "entry 1 is no object"),
        ('[{"client_id": 1, "client_secret": "geheim", "org_id": "o"}]', "texts"),
        ('[{"client_id": "a b", "client_secret": "geheim", "org_id": "o"}]', "client_id has to be"),
        ('[{"client_id": "a", "client_secret": "geheim", "org_id": "ö"}]', "org_id has to be"),
        ('[{"client_id": "a", "client_secret": "", "org_id": "o"}]', "client_secret has to be"),
        (json.dumps([{"client_id": "a", "client_secret": "geheim", "org_id": "o"}] * 2), "entry 2.*twice"),
        ("[" * 5000, "no JSON"),
    ],
)
def test_wrong_ones_are_refused_with_the_reason_and_not_repeated(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_service_clients(text)
    assert "geheim" not in str(caught.value)
