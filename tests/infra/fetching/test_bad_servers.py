"""Servers that lie, drip, hang up or never end give no file, and cost no more than was allowed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from reelops import errors

from tests.infra.fetching.conftest import BODY
from tests.infra.fetching.web import Site, fetcher, page, refusal, repeating, serving


async def test_an_announced_size_past_the_limit_is_refused_before_a_byte_is_read(site: Site, tmp_path: Path) -> None:
    error = await refusal(site, page(b"", length=1 << 40), tmp_path)
    assert isinstance(error, errors.TooLarge)
    assert error.code == "SOURCE_TOO_LARGE"


@pytest.mark.parametrize("head", ["HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"])
async def test_an_endless_body_stops_at_the_limit(site: Site, tmp_path: Path, head: str) -> None:
    block = bytes(65_536) if "chunked" not in head else b"10000\r\n" + bytes(65_536) + b"\r\n"
    error = await refusal(site, repeating(head, block), tmp_path)
    assert (type(error), error.code) == (errors.TooLarge, "SOURCE_TOO_LARGE")


async def test_a_body_shorter_than_announced_is_no_file(site: Site, tmp_path: Path) -> None:
    error = await refusal(site, page(BODY, length=len(BODY) + 1), tmp_path)
    assert (type(error), error.code) == (errors.Unavailable, "SOURCE_INCOMPLETE")
    cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc"
    assert (await refusal(site, cut, tmp_path)).code == "SOURCE_INCOMPLETE"


async def test_a_body_longer_than_announced_is_what_was_announced(site: Site, tmp_path: Path) -> None:
    site.pages["/x"] = page(BODY, length=1000)
    assert (await fetcher(site).fetch(site.url("/x"), tmp_path / "v")).size == 1000
    assert (tmp_path / "v").read_bytes() == BODY[:1000]


@pytest.mark.parametrize(
    "answer",
    [
        page(b"x", "Content-Length: 5"),
        page(b"x", length=-1),
        page(b"x", "Transfer-Encoding: gzip"),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x00\x01\x02" * 1000,
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000,
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(20_000)) + b"\r\n",
    ],
)
async def test_what_is_no_proper_http_is_refused(site: Site, tmp_path: Path, answer: bytes) -> None:
    error = await refusal(site, answer, tmp_path)
    assert (type(error), error.code) == (errors.Invalid, "SOURCE_REFUSED")


async def test_a_server_that_hangs_up_may_be_asked_again(site: Site, tmp_path: Path) -> None:
    assert isinstance(await refusal(site, b"", tmp_path), errors.Unavailable)


async def test_nobody_listening_may_be_asked_again(tmp_path: Path) -> None:
    async with serving() as gone:
        pass
    with pytest.raises(errors.Unavailable) as caught:
        await fetcher(gone).fetch(gone.url("/v"), tmp_path / "v")
    assert caught.value.code == "SOURCE_UNAVAILABLE"


async def test_a_compressed_bomb_is_refused_unopened(site: Site, tmp_path: Path) -> None:
    for coding in ("gzip", "br", "deflate", "zstd", "gzip, gzip"):
        bomb = page(gzip.compress(bytes(1_000_000)), f"Content-Encoding: {coding}")
        assert (await refusal(site, bomb, tmp_path)).code == "SOURCE_REFUSED"


async def test_an_empty_file_is_refused(site: Site, tmp_path: Path) -> None:
    assert (await refusal(site, page(b""), tmp_path)).code == "SOURCE_REFUSED"


@pytest.mark.parametrize("head", ["", "HTTP/1.1 200 OK\n\n"])
async def test_a_server_that_says_nothing_more_is_left(site: Site, tmp_path: Path, head: str) -> None:
    error = await refusal(site, repeating(head, b"", pause_sec=0.05), tmp_path, idle_sec=0.3)
    assert isinstance(error, errors.Unavailable)


@pytest.mark.parametrize(
    ("head", "block"),
    [
        ("HTTP/1.1 200 OK\n\n", b"x"),
        ("", b"HTTP/1.1 102 Processing\r\n\r\n"),
        ("HTTP/1.1 200 OK\n", b"X: y\r\n"),
    ],
)
async def test_a_server_that_drips_is_left_in_the_end(site: Site, tmp_path: Path, head: str, block: bytes) -> None:
    error = await refusal(site, repeating(head, block, pause_sec=0.02), tmp_path, total_sec=0.5)
    assert (type(error), error.code) == (errors.Invalid, "SOURCE_TOO_SLOW")
