"""What callers may name as a source, and what they get."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reelops import errors
from reelops.core.sourcing import SourceKind, SourceRef, Sources
from reelops.core.sourcing.model import kind_of
from reelops.infra.blobs import Staging, open_blobs
from reelops.infra.fetching import Fetcher, FetchPolicy
from reelops.infra.media import probe

from tests.infra.fetching.web import Site, page, serving
from tests.media import write_video

ORG = "org_1"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving({"/v.mp4": page(b"from the web")}) as running:
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A media root with files, links in and out, and things that are no files; a secret lies beside it."""
    folder = tmp_path / "media"
    (folder / "day 1").mkdir(parents=True)
    (folder / "day 1" / "take.mp4").write_bytes(b"a take")
    (folder / "concat:a|b.mp4").write_bytes(b"odd")
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "inside").symlink_to(folder / "day 1" / "take.mp4")
    (folder / "outside").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "nowhere").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture
def sources(tmp_path: Path, root: Path, site: Site) -> Sources:
    return make(tmp_path, root, site)


def make(tmp_path: Path, root: Path | None, site: Site) -> Sources:
    blobs = open_blobs(str(tmp_path / "blobs"))
    (tmp_path / "blobs" / "clips").mkdir(exist_ok=True)
    (tmp_path / "blobs" / "clips" / "a.mp4").write_bytes(b"a clip")

    async def open_asset(asset_id: str, org_id: str | None) -> str | Path:
        if asset_id == "asset_pending":
            raise errors.Conflict("ASSET_NOT_READY", "the asset has no file yet")
        if org_id != ORG or asset_id not in ("asset_1", "asset_2", "asset_lost"):
            raise errors.NotFound("ASSET_NOT_FOUND", "there is no such asset")
        if asset_id == "asset_2":
            return tmp_path / "secret"
        return "clips/a.mp4" if asset_id == "asset_1" else "clips/lost.mp4"

    return Sources(
        fetcher=Fetcher(FetchPolicy(allow_hosts=(f"127.0.0.1:{site.port}",))),
        staging=Staging(tmp_path / "staging", max_bytes=1 << 20),
        blobs=blobs,
        open_asset=open_asset,
        media_root=root,
    )


async def content(sources: Sources, source: str) -> bytes:
    ref = await sources.check(source, ORG)
    kept = SourceRef.of(json.loads(json.dumps(ref.to_payload())))
    assert kept == ref
    async with sources.open(kept) as path:
        return path.read_bytes()


async def refusal(sources: Sources, source: str, org_id: str | None = ORG) -> errors.Invalid:
    with pytest.raises(errors.Invalid) as caught:
        await sources.check(source, org_id)
    assert caught.value.details["field"] == "source"
    return caught.value


async def test_a_url_is_fetched_and_the_file_removed_at_the_end(sources: Sources, site: Site, tmp_path: Path) -> None:
    ref = await sources.check(site.url("/v.mp4?token=secret"), ORG)
    assert site.requests == []
    assert ref.kind is SourceKind.URL
    assert "secret" not in ref.label
    async with sources.open(ref) as path:
        assert path.read_bytes() == b"from the web"
        assert path.is_relative_to(tmp_path / "staging")
    assert list((tmp_path / "staging").iterdir()) == []
    with pytest.raises(ZeroDivisionError):
        async with sources.open(ref):
            raise ZeroDivisionError
    assert list((tmp_path / "staging").iterdir()) == []


async def test_a_list_that_comes_as_a_video_leads_nowhere(sources: Sources, site: Site, root: Path) -> None:
    other = write_video(root / "other.ts", count=5, codec="mpeg2video", size=(64, 64))
    named = (str(other), site.url("/v.mp4"), "file:///etc/passwd")
    lists = [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n"
        + "".join(f"#EXTINF:10,\n{name}\n" for name in named)
        + "#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\n" + "".join(f"file '{name}'\n" for name in named),
    ]
    for text in lists:
        site.pages["/film.mp4"] = page(text.encode(), "Content-Type: video/mp4")
        async with sources.open(await sources.check(site.url("/film.mp4"), ORG)) as path:
            with pytest.raises(errors.Invalid) as caught:
                await asyncio.to_thread(probe, path)
            assert caught.value.code == "VIDEO_UNREADABLE"
    assert site.paths == ["/film.mp4"] * 2


async def test_assets_are_opened_for_their_organisation_alone(sources: Sources, tmp_path: Path) -> None:
    assert await content(sources, "asset_1") == b"a clip"
    assert await content(sources, "asset_2") == b"secret"
    assert (tmp_path / "blobs" / "clips" / "a.mp4").exists()
    foreign, unknown = await refusal(sources, "asset_1", "org_2"), await refusal(sources, "asset_9", "org_2")
    assert foreign.code == unknown.code == "SOURCE_NOT_FOUND"
    assert foreign.message.replace("asset_1", "asset_9") == unknown.message
    with pytest.raises(errors.Conflict):
        await sources.check("asset_pending", ORG)


async def test_an_asset_that_goes_before_its_job_runs_is_not_found(sources: Sources) -> None:
    ref = await sources.check("asset_lost", ORG)
    with pytest.raises(errors.Invalid) as caught:
        async with sources.open(ref):
            pass
    assert caught.value.code == "SOURCE_NOT_FOUND"


async def test_files_below_the_media_root_are_opened_where_they_lie(sources: Sources, root: Path) -> None:
    take = root / "day 1" / "take.mp4"
    for source in ("day 1/take.mp4", "./day 1//take.mp4", str(take), "inside", str(root / "inside")):
        assert await content(sources, source) == b"a take"
    assert await content(sources, "./concat:a|b.mp4") == b"odd"
    assert take.exists()


async def test_a_media_root_that_is_a_link_is_one_all_the_same(root: Path, tmp_path: Path, site: Site) -> None:
    (tmp_path / "linked").symlink_to(root)
    sources = make(tmp_path, tmp_path / "linked", site)
    for source in ("inside", str(tmp_path / "linked" / "inside"), str(root / "inside")):
        assert await content(sources, source) == b"a take"


@pytest.mark.parametrize(
    "source",
    [
        "outside", "up/secret", "up/nothing", "up", "/etc/passwd", "/etc/nothing", "{root}/../secret", "../secret",
        "day 1/../../secret", "{root}-beside/x", "/proc/self/environ", "/dev/zero", "pipe", "day 1", ".", "/", "{root}",
        "{root}/outside",
    ],
)  # fmt: skip
async def test_what_is_outside_or_no_file_is_refused(sources: Sources, root: Path, source: str) -> None:
    error = await refusal(sources, source.format(root=root))
    assert error.code == "SOURCE_REFUSED"
    with pytest.raises(errors.Invalid):
        async with sources.open(SourceRef(kind=SourceKind.FILE, value=source.format(root=root), org_id=ORG)):
            pass


async def test_what_is_outside_is_refused_alike_whether_it_exists(sources: Sources) -> None:
    for there, not_there in (("/etc/passwd", "/etc/nothing"), ("up/secret", "up/nothing")):
        assert (await refusal(sources, there)).message == (await refusal(sources, not_there)).message


@pytest.mark.parametrize("source", ["nothing.mp4", "nowhere", "loop", "day 1/take.mp4/x", "x" * 300, "\udcff"])
async def test_files_that_are_not_there_are_not_found(sources: Sources, source: str) -> None:
    assert (await refusal(sources, source)).code == "SOURCE_NOT_FOUND"


async def test_a_file_that_becomes_a_link_out_is_refused_when_the_job_runs(
    sources: Sources, root: Path, tmp_path: Path
) -> None:
    ref = await sources.check("day 1/take.mp4", ORG)
    (root / "day 1" / "take.mp4").unlink()
    (root / "day 1" / "take.mp4").symlink_to(tmp_path / "secret")
    with pytest.raises(errors.Invalid):
        async with sources.open(ref):
            pass


async def test_without_a_media_root_files_are_refused_and_the_setting_is_named(tmp_path: Path, site: Site) -> None:
    sources = make(tmp_path, None, site)
    for source in ("a.mp4", "/etc/passwd", "."):
        error = await refusal(sources, source)
        assert error.code == "SOURCE_REFUSED"
        assert "REELOPS_MEDIA_ROOT" in error.message


@pytest.mark.parametrize(
    "source",
    [
        "", " ", "a\0b", "x" * 5000, "file:///etc/passwd", "ftp://example.com/v.mp4", "s3://bucket/v.mp4",
        "concat:a|b.mp4", "data:video/mp4;base64,AA", "rtmp://example.com/v", "subfile,,start,0,end,9,,:/etc/passwd",
        "crypto:v", "pipe:0", "http:", "http://", "https://user@example.com/v", "http://ex ample.com/",
    ],
)  # fmt: skip
async def test_everything_else_is_invalid(sources: Sources, source: str) -> None:
    error = await refusal(sources, source)
    assert error.code in ("SOURCE_INVALID", "SOURCE_NOT_FOUND")


async def test_private_addresses_are_refused_when_asked_for(sources: Sources, site: Site) -> None:
    for url in (
        f"http://127.0.0.1:{site.port + 1}/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://localhost/",
    ):
        assert (await refusal(sources, url)).code == "SOURCE_REFUSED"


@settings(deadline=None)
@given(st.text(max_size=40))
def test_every_text_is_one_kind_of_source_or_refused(text: str) -> None:
    try:
        assert kind_of(text) in SourceKind
    except errors.Invalid as error:
        assert error.details["field"] == "source"
