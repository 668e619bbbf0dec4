"""Tokens of organisations on real calls: good ones, and every bad one that we could think of."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from reelops.core.identity import tokens
from reelops.errors import Unauthenticated

from tests.rpc.calls.house import MILL, SHOP, House, signed

_PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300)


async def test_a_client_gets_a_token_and_calls_with_it(house: House) -> None:
    issued = await house.issue(SHOP.client_id, SHOP.client_secret, "shop")
    assert (issued.message.token_type, issued.message.expires_in) == ("Bearer", 3600)
    assert issued.headers["cache-control"] == "no-store"
    answer = await house.projects(signed(issued.message.access_token))
    assert answer.message == "client:shop-client@shop"
    assert (await house.clip(signed(issued.message.access_token))).message == "client:shop-client@shop"


async def test_anybody_can_verify_a_token_by_the_published_keys(house: House) -> None:
    token = await house.token()
    published = await house.jwks()
    key = published.message.keys[0]
    assert (key.kty, key.kid, key.use, key.alg, key.e) == ("RSA", "wavestack-1", "sig", "RS256", "AQAB")
    found = jwt.decode(token, RSAKey.import_key({"kty": "RSA", "n": key.n, "e": key.e}), algorithms=["RS256"])
    assert found.header == {"alg": "RS256", "kid": "wavestack-1", "typ": "JWT"}
    assert {name: found.claims[name] for name in ("iss", "aud", "sub", "org_id")} == {
        "iss": "reelops",
        "aud": "wavestack",
        "sub": "shop-client",
        "org_id": "shop",
    }
    assert found.claims["exp"] - found.claims["iat"] == 3600
    assert found.claims["nbf"] == found.claims["iat"]
    assert len(found.claims["jti"]) == 32
    assert published.headers["cache-control"].startswith("public, max-age=")


async def test_wrong_ids_and_wrong_secrets_are_told_alike_and_noted(house: House) -> None:
    unknown = await house.issue("nobody", SHOP.client_secret, "shop")
    wrong = await house.issue(SHOP.client_id, MILL.client_secret, "shop")
    for answer in (unknown, wrong):
        assert (answer.code, answer.reason) == ("UNAUTHENTICATED", "CLIENT_UNKNOWN")
        assert answer.challenges == ['Bearer realm="wavestack"']
    assert unknown.sentence == wrong.sentence
    other = await house.issue(SHOP.client_id, SHOP.client_secret, "mill")
    assert (other.code, other.reason) == ("PERMISSION_DENIED", "ORG_MISMATCH")
    assert house.refused == [("CLIENT_UNKNOWN", "192.0.2.7")] * 2 + [("ORG_MISMATCH", "192.0.2.7")]


async def test_a_client_of_the_database_is_one_until_it_is_removed(house: House) -> None:
    secret = await house.clients.add("new-client", "mill")
    assert (await house.issue("new-client", "x" + secret, "mill")).reason == "CLIENT_UNKNOWN"
    token = (await house.issue("new-client", secret, "mill")).message.access_token
    assert (await house.projects(signed(token, "mill"))).message == "client:new-client@mill"
    await house.clients.remove("new-client")
    assert (await house.issue("new-client", secret, "mill")).reason == "CLIENT_UNKNOWN"
    while (answer := await house.projects(signed(token, "mill"))).code == "OK":
        pass
    assert answer.reason == "CREDENTIALS_INVALID"


async def test_the_organisation_has_to_be_named_and_be_the_tokens(house: House) -> None:
    token = await house.token()
    for org in ("mill", "", "SHOP", "shop ", "shop,mill", "default"):
        answer = await house.projects(signed(token, org))
        if org.strip() != "shop":
            assert (answer.code, answer.reason) == ("PERMISSION_DENIED", "ORG_MISMATCH"), org
    missing = await house.projects({"authorization": f"Bearer {token}"})
    assert (missing.code, missing.reason) == ("PERMISSION_DENIED", "ORG_MISMATCH")
    assert "missing" in missing.sentence


async def test_every_bad_token_is_refused(house: House) -> None:
    kid, private = await house.keys.signer()
    good = await house.token()
    for name, bad in bad_tokens(kid, private, good):
        for answer in (await house.projects(signed(bad)), await house.clip(signed(bad))):
            assert answer.code == "UNAUTHENTICATED", (name, answer)
            assert answer.reason == ("TOKEN_EXPIRED" if name == "expired" else "CREDENTIALS_INVALID"), name
            assert answer.challenges == ['Bearer realm="wavestack"'], name
            assert bad[:20] not in answer.sentence or not bad
    assert (await house.projects(signed(good))).code == "OK"


async def test_other_schemes_and_role_tokens_are_refused(house: House) -> None:
    for header in (
        "Bearer the-operator-token",
        "Basic c2hvcA==",
        "the-operator-token",
        "Bearer",
        "Bearer  ",
        "",
        "DPoP x",
    ):
        answer = await house.projects({"authorization": header, "x-org-id": "shop"})
        assert answer.code == "UNAUTHENTICATED", header
    assert (await house.projects({"x-org-id": "shop"})).reason == "CREDENTIALS_MISSING"


@given(authorization=_PRINTABLE, org_id=_PRINTABLE, prefix=st.sampled_from(["", "Bearer ", "bearer ", "Basic "]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_garbage_over_the_wire_is_refused(house: House, authorization: str, org_id: str, prefix: str) -> None:
    answer = await house.projects({"authorization": prefix + authorization, "x-org-id": org_id})
    assert answer.code == "UNAUTHENTICATED"


@given(
    authorization=st.one_of(st.binary(max_size=200), st.text(st.characters(codec=None), max_size=200)),
    org_ids=st.lists(st.one_of(st.binary(max_size=20), st.text(st.characters(codec=None), max_size=20)), max_size=3),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_bytes_break_it(house: House, authorization: str | bytes, org_ids: list[str | bytes]) -> None:
    for shown in (authorization, _bearer(authorization)):
        await _refused(house, shown, tuple(org_ids))


@given(org_id=_PRINTABLE)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_good_token_with_garbage_for_the_organisation_is_refused(house: House, org_id: str) -> None:
    token = tokens.sign(
        (await house.keys.signer())[1], kid="wavestack-1", client_id="shop-client", org_id="shop", lifetime_sec=60
    )
    answer = await house.projects(signed(token, org_id))
    assert answer.code == ("OK" if org_id.strip() == "shop" else "PERMISSION_DENIED")


def bad_tokens(kid: str, private: RSAKey, good: str) -> Iterator[tuple[str, str]]:
    """Gives bad tokens with what is wrong with them."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": "reelops", "aud": "wavestack", "sub": "shop-client", "org_id": "shop",
        "iat": now, "nbf": now, "exp": now + 600, "jti": "0" * 32,
    }  # fmt: skip
    head = {"alg": "RS256", "kid": kid, "typ": "JWT"}

    def made(header: dict[str, Any] | None = None, key: Any = private, **changes: Any) -> str:
        given = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        chosen = {**head, **(header or {})}
        return jwt.encode(chosen, given, key, algorithms=[chosen["alg"]])

    foreign = RSAKey.generate_key(2048)
    header, payload, signature = good.split(".")
    yield "expired", made(exp=now - 60, iat=now - 600, nbf=now - 600)
    yield "not yet", made(nbf=now + 600)
    yield "issued in the future", made(iat=now + 600)
    yield "another issuer", made(iss="somebody")
    yield "another audience", made(aud="sopilot")
    yield "another client's organisation", made(org_id="mill")
    yield "a client that is not there", made(sub="nobody")
    yield "an organisation that is no text", made(org_id=["shop"])
    yield "a client that is no text", made(sub=7)
    yield "an endless life", made(exp="never")
    for name in claims:
        yield f"without {name}", made(**{name: None})
    yield "signed by a foreign key", made(key=foreign)
    yield "a foreign key in its header", made({"jwk": foreign.as_dict(private=False)}, key=foreign)
    yield "an unknown key", made({"kid": "wavestack-99"})
    yield "a key that is a path", made({"kid": "../../dev/null"})
    yield "without a key", _raw({"alg": "RS256"}, claims, private)
    yield "another algorithm of the same key", made({"alg": "RS512"})
    confused = f"{_part({'alg': 'HS256', 'kid': kid})}.{payload}"
    mac = hmac.digest(private.as_pem(private=False), confused.encode(), "sha256")
    yield "signed with the public key", f"{confused}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    for algorithm in ("none", "None", "", None):
        unsigned = _part({"alg": algorithm, "kid": kid})
        yield f"unsigned {algorithm!r}", f"{unsigned}.{payload}."
        yield f"unsigned {algorithm!r} with a signature", f"{unsigned}.{payload}.{signature}"
    yield "tampered claims", f"{header}.{_part({**claims, 'org_id': 'mill'})}.{signature}"
    yield "tampered signature", f"{header}.{payload}.{signature[:-6]}AAAAAA"
    yield "no signature", f"{header}.{payload}."
    yield "truncated", good[:-1]
    yield "truncated early", good[:40]
    yield "two parts", f"{header}.{payload}"
    yield "four parts", f"{good}.{signature}"
    yield "encrypted", f"{header}.{payload}.{signature}.{payload}.{signature}"
    yield "twice", f"{good} {good}"
    yield "deep", f"{header}.{base64.urlsafe_b64encode(b'[' * 2000).decode()}.{signature}"
    yield "a deep header", f"{base64.urlsafe_b64encode(b'[' * 2000).decode()}.{payload}.{signature}"
    yield "enormous", f"{header}.{'A' * 12_000}.{signature}"
    yield "dots", "..."
    yield "no JSON", "e30.e30.e30"


def _raw(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[header["alg"]])


def _part(plain: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _bearer(value: str | bytes) -> str | bytes:
    return b"Bearer " + value if isinstance(value, bytes) else "Bearer " + value


async def _refused(house: House, authorization: str | bytes, org_ids: tuple[str | bytes, ...]) -> None:
    with pytest.raises(Unauthenticated):
        await house.organisations.authenticate(authorization, org_ids)
