"""Files come back as they went in, whole or not at all."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from reelops import errors
from reelops.infra.blobs import Staging, open_blobs


async def test_a_moved_file_is_read_back_whole_and_in_parts(tmp_path: Path) -> None:
    blobs = open_blobs(str(tmp_path / "blobs"))
    source = tmp_path / "source"
    content = os.urandom(3_000_000)
    source.write_bytes(content)
    await blobs.put_file("raw/video_1.mp4", source)
    assert not source.exists()
    assert b"".join([chunk async for chunk in blobs.stream("raw/video_1.mp4")]) == content
    part = b"".join([chunk async for chunk in blobs.stream("raw/video_1.mp4", start=999_999, end=2_500_001)])
    assert part == content[999_999:2_500_001]
    assert (await blobs.head("raw/video_1.mp4")).size == len(content)
    assert [info.key for info in await blobs.list("raw")] == ["raw/video_1.mp4"]


async def test_a_deleted_blob_is_named_once_and_gone(tmp_path: Path) -> None:
    blobs = open_blobs(str(tmp_path))
    await blobs.put_bytes("reports/a.pdf", b"%PDF")
    assert await blobs.delete(["reports/a.pdf", "reports/b.pdf"]) == ["reports/a.pdf"]
    with pytest.raises(errors.NotFound):
        await blobs.get_bytes("reports/a.pdf")
    with pytest.raises(errors.NotFound):
        async with blobs.local("reports/a.pdf"):
            pass


async def test_a_write_replaces_and_never_adds(tmp_path: Path) -> None:
    blobs = open_blobs(str(tmp_path))
    await blobs.put_bytes("a", b"first, and longer")
    await blobs.put_bytes("a", b"second")
    assert await blobs.get_bytes("a") == b"second"


async def test_what_a_killed_process_received_is_swept(tmp_path: Path) -> None:
    staging = Staging(tmp_path, max_bytes=100)
    abandoned = tmp_path / "4194303-abc.part"  # above the largest process id
    abandoned.write_bytes(b"half")
    async with staging.receive() as staged:
        await staged.write(b"x")
        assert staging.sweep(older_than_sec=3600) == 1
        assert staged.path.exists()
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_beside_a_staged_file_is_swept_with_it(tmp_path: Path) -> None:
    """A program that makes a file beside the staged one and is killed leaves both."""
    staging = Staging(tmp_path, max_bytes=10)
    gone = subprocess.Popen(["true"])
    gone.wait()
    mine = f"{os.getpid()}-{'a' * 32}.part"
    dead = f"{gone.pid}-{'b' * 32}.part"
    for name in (mine, f".{mine}.0a1b2c3d.part", dead, f".{dead}.0a1b2c3d.part", "somebody's.part"):
        (tmp_path / name).touch()
    assert staging.sweep(older_than_sec=60) == 2
    assert {path.name for path in tmp_path.iterdir()} == {mine, f".{mine}.0a1b2c3d.part", "somebody's.part"}


async def test_what_others_need_is_left_free(tmp_path: Path) -> None:
    staging = Staging(tmp_path, max_bytes=10 << 20, reserve_bytes=1 << 60)
    assert not staging.has_room()
    with pytest.raises(errors.Unavailable) as refused:
        async with staging.receive() as staged:
            await staged.write(bytes(3 << 20))
            await staged.close()
    assert refused.value.code == "STORAGE_FULL"
    assert list(tmp_path.iterdir()) == []
