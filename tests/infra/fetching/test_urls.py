"""URLs that hide a private address, or anything else, are refused before the network is asked."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reelops import errors
from reelops.infra.fetching import Fetcher, FetchPolicy
from reelops.infra.fetching.addresses import is_public

PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1",
    "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2a00:1450::5efe:10.0.0.1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
]


def literal(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def refusal(url: str) -> errors.Invalid:
    with pytest.raises(errors.Invalid) as caught:
        Fetcher(FetchPolicy()).check(url)
    assert caught.value.code in ("SOURCE_INVALID", "SOURCE_REFUSED")
    return caught.value


@pytest.mark.parametrize("address", PRIVATE)
def test_private_numbers_are_refused_at_once(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    for url in (f"http://{literal(address)}/v", f"https://{literal(address)}:8443/v"):
        assert refusal(url).code == "SOURCE_REFUSED"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_numbers_pass(address: str) -> None:
    assert Fetcher(FetchPolicy()).check(f"http://{literal(address)}:81/v?a=b#c").endswith(":81/v?a=b")


private_hosts = st.one_of(
    st.sampled_from(PRIVATE).map(ipaddress.ip_address).filter(lambda address: address.version == 4).map(int),
    st.sampled_from(["127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"])
    .map(ipaddress.IPv4Network)
    .flatmap(lambda network: st.integers(int(network[0]), int(network[-1]))),
)


def number(value: int, base: str, zeros: int) -> str:
    written = {"decimal": str(value), "octal": f"0{'0' * zeros}{value:o}", "hex": f"0x{'0' * zeros}{value:x}"}
    return written[base]


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """Spells a private address as some program or other would read it."""
    value = draw(private_hosts)
    parts = draw(st.integers(1, 4))
    rest = 4 - (parts - 1)
    values = [value >> (24 - 8 * place) & 0xFF for place in range(parts - 1)] + [value & (1 << 8 * rest) - 1]
    bases = st.tuples(st.sampled_from(["decimal", "octal", "hex"]), st.integers(0, 3))
    host = ".".join(number(part, *draw(bases)) for part in values) + draw(st.sampled_from(["", "", "."]))
    mapped = ipaddress.IPv6Address(draw(st.sampled_from([0xFFFF << 32, 0, 0x64FF9B << 96])) | value)
    host = draw(st.sampled_from([host, host, f"[{mapped}]", f"[{mapped.exploded}]", f"[{mapped}%25lo]"]))
    if draw(st.booleans()):
        host = host.translate(
            draw(st.sampled_from([{46: 0x3002}, {46: 0xFF0E}, {ord("0") + n: 0xFF10 + n for n in range(10)}]))
        )
    return (
        draw(st.sampled_from(["http", "HTTPS"]))
        + "://"
        + host
        + draw(st.sampled_from(["", ":80", ":8080", "/v", "/?u=http://a.b"]))
    )


@settings(deadline=None)
@given(spellings())
def test_no_spelling_of_a_private_address_passes(url: str) -> None:
    refusal(url)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_every_way_to_embed_an_address_is_seen_through(address: ipaddress.IPv4Address) -> None:
    mapped, translated = (ipaddress.IPv6Address(prefix | int(address)) for prefix in (0xFFFF << 32, 0x64FF9B << 96))
    assert is_public(mapped) == is_public(translated) == is_public(address)
    if is_public(address):
        assert address.is_global
    assert not is_public(ipaddress.IPv6Address(0x2002 << 112 | int(address) << 80))
    assert not is_public(ipaddress.IPv6Address(int(address)))


@pytest.mark.parametrize(
    "url",
    [
        "http://user@8.8.8.8/", "http://user:pass@8.8.8.8/", "http://@8.8.8.8/", "http://8.8.8.8\\@127.0.0.1/",
        "http://8.8.8.8%2f@127.0.0.1/", "http:///v", "http://", "http:8.8.8.8", "//8.8.8.8/v", "8.8.8.8/v", "ftp://8.8.8.8/",
        "file:///etc/passwd", "http://8.8.8.8:0/", "http://8.8.8.8:65536/", "http://8.8.8.8:x/", "http://a..b/",
        "http://.a/", "http://a../", "http://exa%6dple.com/", "http://a b/", "http://a\tb/", "http://a\r\nX: y/",
        "http://8.8.8.8/\x00", "http://[::1", "http://[fe80::1%25eth0]/", "http://[v1.x]/",
        "http://" + "a" * 64 + ".com/", "http://" + "a." * 130 + "com/", "http://a.com/" + "x" * 5000, "http://1.2.3.256/",
        "http://1.2.3/",
        "http://0x/", "http://a.0x1f/", "http://localhost/", "http://LOCALHOST.:80/", "http://x.localhost/", "",
    ],
)  # fmt: skip
def test_urls_that_hide_something_are_refused(url: str) -> None:
    refusal(url)


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(max_size=40).map("http://{}".format))
def test_whatever_is_handed_in_is_judged(text: str) -> None:
    try:
        Fetcher(FetchPolicy()).check(text)
    except errors.Invalid as error:
        assert error.message


def test_names_of_other_alphabets_are_known_by_their_ascii_form() -> None:
    assert Fetcher(FetchPolicy()).check("https://Bücher.example./v") == "https://xn--bcher-kva.example/v"
