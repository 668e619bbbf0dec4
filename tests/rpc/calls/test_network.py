"""Who may call without a token."""

from __future__ import annotations

from tests.rpc.calls.house import House, signed

INSIDE = [
    {},
    {"x-client-address": "127.0.0.1"},
    {"x-client-address": "::1"},
    {"x-client-address": "::ffff:127.0.0.1"},
    {"x-client-address": "127.0.0.1", "x-forwarded-for": "127.0.0.1, 127.0.0.2"},
    {"x-org-id": "default"},
    {"origin": "http://localhost:8000"},
    {"origin": "http://clipper.localhost:8000"},
    {"origin": "http://[::1]:8000"},
    {"origin": "https://app.example"},
]
OUTSIDE = [
    {"x-client-address": "192.0.2.1"},
    {"x-client-address": "10.0.0.1"},
    {"x-client-address": "2001:db8::1"},
    {"x-client-address": ""},
    {"x-client-address": "localhost"},
    {"x-client-address": "127.0.0.1 192.0.2.1"},
    {"x-client-address": "127.0.0.1", "x-forwarded-for": "192.0.2.1"},
    {"x-client-address": "127.0.0.1", "x-forwarded-for": "127.0.0.1, unknown"},
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"origin": "http://localhost.example"},
    {"origin": "http://[::1"},
]


async def test_hosts_of_the_network_call_for_the_default_organisation(house: House) -> None:
    for headers in INSIDE:
        assert (await house.clip(headers)).message == "network@default", headers


async def test_everybody_else_needs_a_token(house: House) -> None:
    token = await house.token()
    for headers in OUTSIDE:
        answer = await house.clip(headers)
        assert (answer.code, answer.reason) == ("UNAUTHENTICATED", "CREDENTIALS_MISSING"), headers
        assert answer.challenges == ['Bearer realm="wavestack"']
        assert (await house.clip({**headers, **signed(token)})).message == "client:shop-client@shop", headers


async def test_whoever_shows_something_is_held_to_it(house: House) -> None:
    assert (await house.clip({"x-org-id": "shop"})).reason == "ORG_MISMATCH"
    assert (await house.clip({"authorization": ""})).code == "UNAUTHENTICATED"
    assert (await house.clip({"authorization": "Bearer x"})).reason == "CREDENTIALS_INVALID"
    assert (await house.clip({"authorization": "Bearer the-operator-token"})).reason == "CREDENTIALS_INVALID"
    assert (await house.clip({"authorization": f"Bearer {await house.token()}"})).reason == "ORG_MISMATCH"
    assert (await house.clip(signed(await house.token(), "default"))).reason == "ORG_MISMATCH"


async def test_methods_for_organisations_trust_no_network(house: House) -> None:
    assert (await house.projects({})).reason == "CREDENTIALS_MISSING"
