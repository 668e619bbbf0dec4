"""Nobody is led into a private network: not by a number, a name, a redirect, or a name that changes its mind."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reelops import errors
from reelops.infra.fetching import Fetcher, FetchPolicy
from reelops.infra.fetching.addresses import Address, is_public
from reelops.infra.fetching.connecting import GuardedBackend, resolve
from reelops.infra.fetching.policy import Guard

from tests.infra.fetching.web import answering, fetcher, page, redirect, serving

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


@pytest.mark.parametrize("addresses", [[address] for address in PRIVATE] + [["8.8.8.8", "10.0.0.1"], ["fe80::1%eth0"]])
async def test_names_of_private_hosts_are_refused_and_the_address_is_not_told(
    addresses: list[str], tmp_path: Path
) -> None:
    resolver, asked = answering(addresses)
    with pytest.raises(errors.Invalid) as caught:
        await fetcher(resolver=resolver).fetch("http://inner.example/v", tmp_path / "v")
    assert asked == ["inner.example"]
    assert caught.value.code == "SOURCE_REFUSED"
    assert addresses[-1] not in f"{caught.value!r} {caught.value.details}"


async def test_loopback_is_refused_under_its_own_name(tmp_path: Path) -> None:
    async with serving({"/v": page(b"secret")}) as site:
        for host in ("localhost", "127.0.0.1", "[::1]", "127.1"):
            with pytest.raises(errors.ReelOpsError) as caught:
                await fetcher().fetch(site.url("/v", host), tmp_path / "v")
            assert caught.value.code in ("SOURCE_REFUSED", "SOURCE_INVALID", "SOURCE_NOT_FOUND", "SOURCE_UNAVAILABLE")
        assert site.requests == []


async def test_a_redirect_into_a_private_network_is_refused(tmp_path: Path) -> None:
    async with serving({"/v": page(b"secret")}) as inner, serving() as outer:
        targets = [
            inner.url("/v"), inner.url("/v", "localhost"), inner.url("/v", "2130706433"),
            inner.url("/v", "[::ffff:7f00:1]"), f"//127.0.0.1:{inner.port}/v", "http://169.254.169.254/latest/meta-data/",
            inner.url("/v", "inner.example"),
        ]  # fmt: skip
        resolver, _ = answering(["127.0.0.1"])
        for target in targets:
            outer.pages["/"] = redirect(target)
            with pytest.raises(errors.Invalid) as caught:
                await fetcher(outer, resolver=resolver).fetch(outer.url("/"), tmp_path / "v")
            assert caught.value.code in ("SOURCE_REFUSED", "SOURCE_INVALID")
        assert inner.requests == []
        assert list(tmp_path.iterdir()) == []


async def test_a_name_that_changes_its_address_gains_nothing(tmp_path: Path) -> None:
    async with serving({"/v": redirect("/w"), "/w": page(b"inner")}, host="127.0.0.1") as site:
        first_allowed_then_private = answering(["127.0.0.1"], ["127.0.0.2"])
        resolver, asked = first_allowed_then_private
        with pytest.raises(errors.Invalid) as caught:
            await fetcher(site, resolver=resolver).fetch(site.url("/v", "turncoat.example"), tmp_path / "v")
        # The first answer was connected to without asking again; the redirect asked again, and was refused.
        assert (caught.value.code, asked, site.paths) == ("SOURCE_REFUSED", ["turncoat.example"] * 2, ["/v"])
        assert f"Host: turncoat.example:{site.port}" in site.requests[0]


async def test_exempt_hosts_are_exempt_and_nothing_beside_them(tmp_path: Path) -> None:
    async with serving({"/v": page(b"x")}) as site, serving({"/v": page(b"x")}) as other:
        resolver, _ = answering(["127.0.0.1"])
        for allowed in (
            "media.example", f"media.example:{site.port}", "MEDIA.example.", "127.0.0.0/8", "127.0.0.1",
            f"127.0.0.1:{site.port}",
        ):  # fmt: skip
            one = fetcher(allow=(allowed,), resolver=resolver)
            assert (await one.fetch(site.url("/v", "media.example."), tmp_path / "v")).size == 1
            if str(site.port) in allowed:
                with pytest.raises(errors.Invalid):
                    await one.fetch(other.url("/v", "media.example"), tmp_path / "v")
            if "media" in allowed.lower():
                for host in ("127.0.0.1", "x.media.example", "media.example.org"):
                    with pytest.raises(errors.Invalid):
                        await one.fetch(site.url("/v", host), tmp_path / "v")


async def test_the_next_address_is_tried(tmp_path: Path) -> None:
    async with serving({"/v": page(b"x")}) as site:
        resolver, _ = answering(["127.0.0.9", "127.0.0.1"])
        one = fetcher(allow=("127.0.0.0/8",), resolver=resolver)
        assert (await one.fetch(site.url("/v", "two.example"), tmp_path / "v")).size == 1


async def test_this_machine_is_not_fetched_from_by_its_public_address(tmp_path: Path) -> None:
    class EverythingIsPublic(Guard):
        def lets(self, address: Address, port: int) -> bool:
            return True

    async with serving() as site:
        backend = GuardedBackend(EverythingIsPublic(()), resolve)
        with pytest.raises(errors.Invalid) as caught:
            await backend.connect_tcp("127.0.0.1", site.port, 5.0)
        assert caught.value.code == "SOURCE_REFUSED"


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (socket.EAI_NONAME, errors.Invalid, "SOURCE_NOT_FOUND"),
        (socket.EAI_AGAIN, errors.Unavailable, "SOURCE_UNAVAILABLE"),
    ],
)
async def test_names_that_cannot_be_looked_up(number: int, kind: type[Exception], code: str, tmp_path: Path) -> None:
    async def look_up(host: str, port: int) -> list[str]:
        raise socket.gaierror(number, "no")

    with pytest.raises(kind) as caught:
        await fetcher(resolver=look_up).fetch("http://a.example/v", tmp_path / "v")
    assert getattr(caught.value, "code", None) == code


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Makes a certificate for media.example that signs itself, and its key."""
    made, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=media.example"
    )
    command += f" -addext subjectAltName=DNS:media.example -keyout {key} -out {made}"
    subprocess.run(command.split(), check=True, capture_output=True)
    return made, key


async def test_https_holds_to_the_name_in_the_url(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificate)
    names: list[str | None] = []
    server.sni_callback = lambda _object, name, _context: names.append(name)
    resolver, _ = answering(["127.0.0.1"])
    folder = tmp_path / "out"
    folder.mkdir()
    async with serving({"/v": page(b"x")}, tls=server) as site:
        trusting = fetcher(site, resolver=resolver, tls=ssl.create_default_context(cafile=certificate[0]))
        assert (await trusting.fetch(site.url("/v", "media.example", "https"), folder / "v")).size == 1
        assert names == ["media.example"]
        for one, host in ((trusting, "other.example"), (fetcher(site, resolver=resolver), "media.example")):
            with pytest.raises(errors.Invalid, match="certificate"):
                await one.fetch(site.url("/v", host, "https"), folder / "w")
        assert len(site.requests) == 1
