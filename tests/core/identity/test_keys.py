"""Signing keys on both databases."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from reelops.core.identity import tokens
from reelops.core.identity.keys import SigningKeys
from reelops.core.identity.store import signing_key
from reelops.errors import Unauthenticated, Unconfigured
from reelops.infra.database import Database


def keys(db: Database, *, lifetime_sec: int = 3600, passphrase: str = "") -> SigningKeys:
    return SigningKeys(db=db, lifetime_sec=lifetime_sec, leeway_sec=0, passphrase=passphrase)


async def test_many_first_starts_make_one_key(db: Database) -> None:
    await asyncio.gather(*(keys(db).ensure() for _ in range(4)))
    assert [key.kid for key in await keys(db).list()] == ["wavestack-1"]


async def test_many_rotations_at_once_make_a_row_of_keys(db: Database) -> None:
    await asyncio.gather(*(keys(db).rotate() for _ in range(4)))
    assert [key.kid for key in await keys(db).list()] == [f"wavestack-{number}" for number in (4, 3, 2, 1)]
    assert (await keys(db).signer())[0] == "wavestack-4"


async def test_retired_keys_verify_and_sign_no_more(db: Database) -> None:
    await keys(db).ensure()
    kid, private = await keys(db).signer()
    token = tokens.sign(private, kid=kid, client_id="c", org_id="o", lifetime_sec=60).encode()
    await keys(db).rotate()
    old = await keys(db).get("wavestack-1")
    assert old is not None
    assert tokens.verify(token, old.public).client_id == "c"
    rows = await db.fetch_all(sa.select(signing_key.c.private_pem).order_by(signing_key.c.number))
    assert [row.private_pem is None for row in rows] == [True, False]
    new = await keys(db).get("wavestack-2")
    assert new is not None
    with pytest.raises(Unauthenticated):
        tokens.verify(token, new.public)


async def test_keys_vanish_with_their_last_token_and_leave_their_number(db: Database) -> None:
    brief = keys(db, lifetime_sec=0)
    await brief.rotate()
    await brief.rotate()
    assert [key.kid for key in await brief.list()] == ["wavestack-2"]
    assert await brief.get("wavestack-1") is None
    await brief.purge()
    assert len(await db.fetch_all(sa.select(signing_key.c.number))) == 1
    assert (await brief.rotate()).kid == "wavestack-3"


async def test_a_shorter_life_set_later_does_not_cut_tokens_off(db: Database) -> None:
    await keys(db).rotate()
    await keys(db).rotate()
    before = (await keys(db).list())[1].expires_at
    await keys(db, lifetime_sec=86400).rotate()
    assert next(key for key in await keys(db).list() if key.kid == "wavestack-1").expires_at == before


async def test_without_a_key_nothing_is_signed(db: Database) -> None:
    with pytest.raises(Unconfigured, match="keys rotate"):
        await keys(db).signer()


@pytest.mark.parametrize("kid", ["", "wavestack-0", "wavestack-01", "wavestack-1 ", "wavestack-²", "1", "x" * 5000])
async def test_other_names_are_no_keys(db: Database, kid: str) -> None:
    assert await keys(db).get(kid) is None


async def test_a_sealed_key_needs_its_passphrase(db: Database) -> None:
    await keys(db, passphrase="Öffne dich").ensure()
    stored = (await db.fetch_all(sa.select(signing_key.c.private_pem)))[0].private_pem
    assert "ENCRYPTED" in stored
    assert (await keys(db, passphrase="Öffne dich").signer())[0] == "wavestack-1"
    for wrong in ("", "x"):
        with pytest.raises(Unconfigured) as caught:
            await keys(db, passphrase=wrong).signer()
        assert caught.value.code == "SIGNING_KEY_SEALED"
    assert len(await keys(db).list()) == 1
