"""Keys change while tokens live, in one server and in those beside it."""

from __future__ import annotations

import asyncio

from tests.rpc.calls.house import Answer, House, open_house, signed


async def until_refused(house: House, token: str) -> Answer:
    """Calls until the token holds no more."""
    async with asyncio.timeout(30):
        while (answer := await house.projects(signed(token))).code == "OK":
            pass
    return answer


async def kids(house: House) -> list[str]:
    """Names the published keys."""
    return [key.kid for key in (await house.jwks()).message.keys]


async def test_tokens_of_an_older_key_hold_until_they_expire(house: House) -> None:
    before = await house.token()
    await house.keys.rotate()
    after = await house.token()
    assert await kids(house) == ["wavestack-2", "wavestack-1"]
    for token in (before, after):
        assert (await house.projects(signed(token))).code == "OK"
    old = (await house.keys.list())[1]
    assert old.expires_at is not None and old.retired_at is not None
    assert (old.expires_at - old.retired_at).total_seconds() >= 3600


async def test_a_key_vanishes_when_its_last_token_has_expired(house_url: str) -> None:
    async with open_house(house_url, lifetime_sec=-30) as house:
        await house.keys.rotate()
        assert await kids(house) == ["wavestack-2"]
        await house.keys.rotate()
        assert await kids(house) == ["wavestack-3"]


async def test_a_key_that_is_retired_at_once_takes_its_tokens_along(house: House) -> None:
    seen, unseen = await house.token(), await house.token()
    assert (await house.projects(signed(seen))).code == "OK"
    await house.keys.rotate()
    middle = await house.token()
    await house.keys.rotate(retire_now=True)
    assert await kids(house) == ["wavestack-3"]
    assert (await house.projects(signed(unseen))).reason == "CREDENTIALS_INVALID"
    assert (await house.projects(signed(middle))).reason == "CREDENTIALS_INVALID"
    assert (await until_refused(house, seen)).reason == "CREDENTIALS_INVALID"
    assert (await house.projects(signed(await house.token()))).code == "OK"


async def test_servers_on_one_database_share_keys_and_clients(house: House, house_url: str) -> None:
    async with open_house(house_url) as other:
        token = await house.token()
        assert (await other.projects(signed(token))).code == "OK"
        await house.keys.rotate(retire_now=True)
        assert await kids(other) == ["wavestack-2"]
        assert (await other.projects(signed(await house.token()))).code == "OK"
        assert (await house.projects(signed(await other.token()))).code == "OK"
        assert (await until_refused(other, token)).reason == "CREDENTIALS_INVALID"
