"""A disk that is full: callers are told, jobs wait, and all goes on when there is room again."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.documents.test_sopilot_refusals import assert_refused
from tests.faults.conftest import SETTINGS
from tests.faults.tidiness import await_tidy
from tests.flow import ingest, upload, wait
from tests.service_fixture import RunningService, running_service

pytestmark = [pytest.mark.faults, pytest.mark.edge, pytest.mark.triton]

_SIZE = 4 << 20


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mounts a file system of 4 MiB, or skips where this user may not mount."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "none", str(folder)]
    try:
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("mounting a small file system needs more rights than these tests have")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


@contextlib.contextmanager
def filled(folder: Path, *, but: int = 0) -> Iterator[None]:
    """Fills a file system inside the block, but for some bytes."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass
    os.truncate(ballast, max(0, ballast.stat().st_size - but))
    try:
        yield
    finally:
        ballast.unlink()


@pytest.fixture(scope="module")
def cramped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningService, Path, Path]]:
    """A service whose staging and whose files are on two small disks."""
    folder = tmp_path_factory.mktemp("cramped")
    with (
        small_disk(folder / "data" / "staging") as staging,
        small_disk(folder / "data" / "blobs") as blobs,
        running_service(folder, **SETTINGS, REELOPS_DISK_RESERVE_MB="1") as running,
    ):
        yield running, staging, blobs


def test_an_upload_to_a_full_disk_is_a_503(cramped: tuple[RunningService, Path, Path], film: Path) -> None:
    service, staging, blobs = cramped
    with service.client("operator") as client:
        for disk in (staging, blobs):
            with filled(disk), film.open("rb") as file:
                answer = client.post("/videos", data={"task_id": "full"}, files={"file": file})
            assert "space" in assert_refused(answer, 503)
            await_tidy(service.data)
            assert ingest(client, film, "full") > 0
    await_tidy(service.data)


def test_an_ingest_waits_for_room(cramped: tuple[RunningService, Path, Path], film: Path) -> None:
    service, _, blobs = cramped
    with service.client("operator") as client:
        with filled(blobs, but=film.stat().st_size + 4096):
            job = upload(client, film, "waits")
            seen = client.get(f"/videos/jobs/{job}").json()
            for _ in range(20):
                seen = client.get(f"/videos/jobs/{job}").json()
                assert seen["status"] in ("queued", "running"), seen
        assert wait(client, f"/videos/jobs/{job}")["status"] == "completed"
    await_tidy(service.data)


@pytest.mark.parametrize("disk", ["staging", "blobs"])
def test_a_clip_waits_for_room_and_hurts_nobody(
    cramped: tuple[RunningService, Path, Path], film: Path, disk: str
) -> None:
    service, staging, blobs = cramped
    shutil.copyfile(film, service.media / "film.mp4")
    body = {"source": "film.mp4", "start_sec": 0.5, "duration_sec": 6}
    with service.client(None) as client, service.client("operator") as watching:
        with filled(staging if disk == "staging" else blobs):
            path = f"/api/v1/clip/{client.post('/api/v1/clip', json=body).json()['job_id']}"
            for _ in range(20):
                seen = client.get(path).json()
                assert seen["status"] in ("queued", "processing"), seen
                assert watching.get("/health").status_code == 200
                time.sleep(0.05)
        clip = _clip_ended(client, path)
        assert clip["status"] == "complete", clip
        name = clip["result"]["url"].rsplit("/", 1)[1]
        assert len(client.get(f"/files/{name}").content) == clip["result"]["size_bytes"]
    await_tidy(service.data)


def _clip_ended(client: httpx2.Client, path: str) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        clip: dict[str, Any] = client.get(path).json()
        if clip["status"] in ("complete", "failed"):
            return clip
        time.sleep(0.1)
    raise TimeoutError(clip)
