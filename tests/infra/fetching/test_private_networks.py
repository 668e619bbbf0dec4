"""Nobody is led into a private network: not by a name, a redirect, or a name that changes its mind."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from reelops import errors
from reelops.infra.fetching.addresses import Address
from reelops.infra.fetching.connecting import GuardedBackend, resolve
from reelops.infra.fetching.policy import Guard

from tests.infra.fetching.test_urls import PRIVATE
from tests.infra.fetching.web import answering, fetcher, page, redirect, serving


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
