"""Files come as they are, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from reelops import errors
from reelops.infra.blobs import Staging
from reelops.infra.fetching import Fetcher, FetchPolicy

from tests.infra.fetching.conftest import BODY
from tests.infra.fetching.web import Site, fetcher, page, redirect, refusal, repeating, serving


async def test_a_file_comes_whole_and_is_described(site: Site, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    got = await fetcher(site).fetch(
        site.url("/v.mp4?sig=1"), tmp_path / "a.bin", on_progress=lambda done, size: seen.append((done, size))
    )
    assert (tmp_path / "a.bin").read_bytes() == BODY
    assert (got.size, got.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert (got.content_type, got.filename) == ("video/mp4", "v.mp4")
    assert got.final_url == site.url("/v.mp4?sig=1")
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(BODY), len(BODY))
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


async def test_a_staged_file_is_whole_and_goes_with_its_block(site: Site, tmp_path: Path) -> None:
    staging = Staging(tmp_path, max_bytes=1 << 20)
    async with staging.receive() as staged:
        await fetcher(site).fetch(site.url("/v.mp4"), staged)
        assert staged.path.read_bytes() == BODY
    assert list(tmp_path.iterdir()) == []


async def test_nothing_of_ours_is_sent_along(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        await fetcher(site, proxy).fetch(site.url("/v.mp4"), tmp_path / "v")
        assert proxy.requests == []
    sent = {line.partition(":")[0].lower() for line in site.requests[0].splitlines()[1:] if line}
    assert sent == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert "Accept-Encoding: identity" in site.requests[0]


async def test_bodies_in_chunks_and_without_a_length_are_taken(site: Site, tmp_path: Path) -> None:
    site.pages["/chunks"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    site.pages["/open"] = b"HTTP/1.0 200 OK\r\n\r\nabcde"
    for path in ("/chunks", "/open"):
        assert (await fetcher(site).fetch(site.url(path), tmp_path / "v")).size == 5
        assert (tmp_path / "v").read_bytes() == b"abcde"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="holiday.mkv"', "holiday.mkv"),
        ("attachment; filename*=UTF-8''f%C3%AAte.mp4", "fête.mp4"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\x\\\\..\\\\y.mp4"', "y.mp4"),
        ('attachment; filename=".."', ""),
        ("nonsense;;;=", "v.mp4"),
    ],
)
async def test_names_are_bare(site: Site, tmp_path: Path, header: str, name: str) -> None:
    site.pages["/a/v.mp4"] = page(b"x", f"Content-Disposition: {header}")
    assert (await fetcher(site).fetch(site.url("/a/v.mp4"), tmp_path / "v")).filename == name


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Later", "308 For good"])
async def test_redirects_are_followed(site: Site, tmp_path: Path, status: str) -> None:
    site.pages["/old"] = redirect("sub/../v.mp4", status)
    got = await fetcher(site).fetch(site.url("/old"), tmp_path / "v")
    assert (got.size, got.final_url) == (len(BODY), site.url("/v.mp4"))


async def test_redirects_end(site: Site, tmp_path: Path) -> None:
    for step in range(5):
        site.pages[f"/{step}"] = redirect(f"/{step + 1}")
    site.pages["/5"] = page(b"there")
    assert (await fetcher(site).fetch(site.url("/0"), tmp_path / "v")).size == 5
    site.pages["/-1"] = redirect("/0")
    for start in ("/-1", "/loop"):
        site.pages["/loop"] = redirect("/loop")
        before = len(site.requests)
        with pytest.raises(errors.Invalid, match="more than 5 times"):
            await fetcher(site).fetch(site.url(start), tmp_path / "w")
        assert len(site.requests) - before == 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/v", "gopher://127.0.0.1/", "http://", "http://a:b@127.0.0.1/", ""]
)
async def test_redirects_to_other_protocols_are_refused(site: Site, tmp_path: Path, target: str) -> None:
    answer = redirect(target)
    assert (await refusal(site, answer, tmp_path)).code in ("SOURCE_INVALID", "SOURCE_REFUSED")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("404 Not Found", errors.Invalid, "SOURCE_NOT_FOUND"),
        ("410 Gone", errors.Invalid, "SOURCE_NOT_FOUND"),
        ("401 Who", errors.Invalid, "SOURCE_REFUSED"),
        ("403 No", errors.Invalid, "SOURCE_REFUSED"),
        ("206 Some", errors.Invalid, "SOURCE_REFUSED"),
        ("204 Nothing", errors.Invalid, "SOURCE_REFUSED"),
        ("304 Same", errors.Invalid, "SOURCE_REFUSED"),
        ("500 Oops", errors.Unavailable, "SOURCE_UNAVAILABLE"),
        ("503 Later", errors.Unavailable, "SOURCE_UNAVAILABLE"),
        ("429 Slower", errors.Unavailable, "SOURCE_UNAVAILABLE"),
    ],
)
async def test_answers_without_a_file_say_so(
    site: Site, tmp_path: Path, status: str, kind: type[errors.ReelOpsError], code: str
) -> None:
    body = b"" if status[:3] in ("204", "304") else b"some text"
    error = await refusal(site, page(body, status=status), tmp_path)
    assert (type(error), error.code) == (kind, code)
    assert status[:3] in error.message


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "text/plain",
        "application/json",
        "application/vnd.apple.mpegurl",
        "application/x-mpegURL",
        "audio/mpegurl",
        "audio/x-scpls",
        "video/vnd.mpegurl",
        "application/dash+xml",
        "image/svg+xml",
        "image/png",
        "multipart/x-mixed-replace; boundary=x",
    ],
)
async def test_what_is_no_video_by_its_type_is_refused(site: Site, tmp_path: Path, kind: str) -> None:
    error = await refusal(site, page(b"x", f"Content-Type: {kind}"), tmp_path)
    assert error.code == "SOURCE_REFUSED"


@pytest.mark.parametrize("kind", ["video/x-matroska", "application/octet-stream", "image/gif", "audio/mp4", ""])
async def test_types_that_may_be_video_are_taken(site: Site, tmp_path: Path, kind: str) -> None:
    site.pages["/x"] = page(b"x", f"Content-Type: {kind}")
    assert (await fetcher(site).fetch(site.url("/x"), tmp_path / "v")).size == 1


async def test_a_fetch_that_is_not_wanted_any_more_ends(site: Site, tmp_path: Path) -> None:
    site.pages["/slow"] = repeating("HTTP/1.1 200 OK\n\n", b"", pause_sec=0.05)
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    with pytest.raises(errors.Cancelled):
        await fetcher(site).fetch(site.url("/slow"), tmp_path / "v", cancelled=stop.is_set)
    assert list(tmp_path.iterdir()) == []


async def test_a_caller_who_goes_leaves_nothing(site: Site, tmp_path: Path) -> None:
    site.pages["/slow"] = repeating("HTTP/1.1 200 OK\n\n", b"x", pause_sec=0.05)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await fetcher(site).fetch(site.url("/slow"), tmp_path / "v")
    assert list(tmp_path.iterdir()) == []


async def test_a_wrong_list_of_hosts_is_refused_at_the_start() -> None:
    for text in ("http://a", "a b", "a:b", "a:0", "a:70000", "10.0.0.0/33", "10.0.0.1/8", "*"):
        with pytest.raises(ValueError, match="names no host"):
            Fetcher(FetchPolicy(allow_hosts=(text,)))
