"""Addresses and networks as settings and calls spell them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reelops.core.identity.networks import LOOPBACK, TrustedNetworks, host_of, parse_address, parse_networks

NETWORKS = TrustedNetworks(parse_networks(f"{LOOPBACK}, 10.0.0.0/8 ,fd00::/8"), org_id="default")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "fd00::1", "::ffff:10.0.0.1", " ::1 "]
)
def test_addresses_inside(address: str) -> None:
    assert parse_address(address) in NETWORKS


@pytest.mark.parametrize("address", ["128.0.0.1", "::2", "11.0.0.1", "::ffff:11.0.0.1", "", "localhost", "10.0.0.1:80"])
def test_addresses_outside(address: str) -> None:
    assert parse_address(address) not in NETWORKS


@given(st.text())
def test_no_text_is_inside_by_mistake(text: str) -> None:
    inside = parse_address(text) in NETWORKS
    assert not inside or text.strip()[0].isalnum() or text.strip()[0] == ":"


@given(st.text())
def test_no_origin_breaks_it(text: str) -> None:
    NETWORKS.has_page(text)
    NETWORKS.has_page(f"http://{text}")


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "localhost", "10.0.0.0/8;::1"])
def test_wrong_networks_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        parse_networks(text)
    assert parse_networks("") == ()


def test_a_host_is_counted_once_however_many_addresses_it_has() -> None:
    assert host_of(parse_address("2001:db8::1")) == host_of(parse_address("2001:db8::ffff:1")) == "2001:db8::/64"
    assert host_of(parse_address("192.0.2.1")) == "192.0.2.1"
    assert host_of(None) == "unknown"
