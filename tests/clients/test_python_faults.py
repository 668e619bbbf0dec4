"""The Python client when the network, the service or the caller misbehaves."""

from __future__ import annotations

import asyncio
import io
import resource
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from reelops_client import (
    AsyncReelOps,
    Exhausted,
    IncompleteTransfer,
    Internal,
    Job,
    JobCancelled,
    JobFailed,
    ReelOps,
    TimedOut,
    Unavailable,
)

from tests.clients.sopilot_fake import FakeService

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def reelops(fake: FakeService) -> Iterator[ReelOps]:
    with ReelOps(fake.grpc_address, token=fake.tokens["admin"]) as client:
        yield client


@pytest.fixture
async def async_reelops(fake: FakeService) -> AsyncIterator[AsyncReelOps]:
    async with AsyncReelOps(fake.grpc_address, token=fake.tokens["admin"]) as client:
        yield client


def uploaded(reelops: ReelOps, data: bytes = b"frames" * 100_000) -> int:
    return reelops.sopilot.upload(data, task_id="t").wait(timeout=30).video_id


def test_a_read_is_repeated_while_the_service_is_away(fake: FakeService, reelops: ReelOps) -> None:
    fake.plan("ListVideos", UNAVAILABLE, UNAVAILABLE)
    assert reelops.sopilot.videos.list() == []
    assert fake.state.calls["ListVideos"] == 3


def test_a_read_is_given_up_after_some_attempts(fake: FakeService, reelops: ReelOps) -> None:
    fake.plan("GetHealth", *[UNAVAILABLE] * 5)
    with pytest.raises(Unavailable) as failure:
        reelops.sopilot.health()
    assert failure.value.reason == "PLANNED"


def test_a_write_is_never_repeated(fake: FakeService, reelops: ReelOps) -> None:
    video = uploaded(reelops)
    for method, act in {
        "UploadVideo": lambda: reelops.sopilot.upload(b"x", task_id="t"),
        "CreateScore": lambda: reelops.sopilot.score(gold=video, trainee=video),
        "DeleteVideo": lambda: reelops.sopilot.videos.delete(video),
        "TrainNightly": reelops.sopilot.train,
    }.items():
        before = fake.state.calls[method]
        fake.plan(method, UNAVAILABLE)
        with pytest.raises(Unavailable):
            act()
        assert fake.state.calls[method] == before + 1


def test_another_failure_of_a_read_is_not_repeated(fake: FakeService, reelops: ReelOps) -> None:
    fake.plan("ListVideos", grpc.StatusCode.INTERNAL)
    with pytest.raises(Internal):
        reelops.sopilot.videos.list()
    assert fake.state.calls["ListVideos"] == 1


async def test_waiting_goes_on_after_the_connection_was_lost(fake: FakeService, async_reelops: AsyncReelOps) -> None:
    fake.plan("WatchJob", UNAVAILABLE, UNAVAILABLE, after=1)
    updates: list[Job] = []
    handle = await async_reelops.sopilot.upload(b"frames", task_id="t")
    ingested = await handle.wait(timeout=30, on_update=updates.append)
    assert ingested.video_id == 1
    assert fake.state.calls["WatchJob"] == 3
    assert [update.progress for update in updates] == sorted({update.progress for update in updates})


def test_waiting_blocked_goes_on_as_well(fake: FakeService, reelops: ReelOps) -> None:
    fake.plan("WatchJob", UNAVAILABLE, after=2)
    assert uploaded(reelops) == 1
    assert fake.state.calls["WatchJob"] == 2


async def test_waiting_ends_with_its_timeout_and_the_job_goes_on(
    fake: FakeService, async_reelops: AsyncReelOps
) -> None:
    handle = await async_reelops.sopilot.upload(b"frames", task_id="t")
    fake.state.work[handle.job_id].ahead.extend([(Job.STATE_RUNNING, 0.5)] * 100_000)
    with pytest.raises(TimedOut) as failure:
        await handle.wait(timeout=0.3)
    assert failure.value.reason == "WAIT_TIMED_OUT"
    assert isinstance(failure.value, TimeoutError)
    assert (await async_reelops.jobs.get(handle.job_id)).state == Job.STATE_RUNNING


def test_a_job_that_failed_says_why(reelops: ReelOps) -> None:
    with pytest.raises(JobFailed) as failure:
        reelops.sopilot.upload(b"not a video", task_id="t").wait(timeout=30)
    assert failure.value.reason == "VIDEO_UNREADABLE"
    assert failure.value.message == "The file is not a video."


def test_a_job_that_was_cancelled_is_told_apart(reelops: ReelOps) -> None:
    handle = reelops.sopilot.upload(b"frames", task_id="t")
    assert handle.cancel().state == Job.STATE_CANCELLED
    with pytest.raises(JobCancelled):
        handle.wait(timeout=30)


def test_leaving_a_watch_early_frees_the_connection(fake: FakeService, reelops: ReelOps) -> None:
    handle = reelops.sopilot.upload(b"frames", task_id="t")
    for _ in range(100):
        next(iter(handle.watch()))
    assert reelops.sopilot.health().db


class TestUploads:
    @pytest.mark.parametrize("size", [1, 1024 * 1024 - 1, 1024 * 1024, 5 * 1024 * 1024 + 7])
    def test_every_byte_arrives_in_small_messages(self, fake: FakeService, reelops: ReelOps, size: int) -> None:
        data = bytes(range(251)) * (size // 251 + 1)
        handle = reelops.sopilot.upload(io.BytesIO(data[:size]), task_id="t", filename="ä.mp4")
        upload = fake.state.uploads[handle.job_id]
        assert upload.data == data[:size]
        assert upload.largest <= 1024 * 1024
        assert upload.description.filename == "ä.mp4"

    async def test_blocks_of_any_size_may_come_from_an_async_iterator(
        self, fake: FakeService, async_reelops: AsyncReelOps
    ) -> None:
        async def blocks() -> AsyncIterator[bytes]:
            for size in (3_000_000, 0, 10):
                yield b"b" * size

        told: list[tuple[int, int | None]] = []
        handle = await async_reelops.sopilot.upload(
            blocks(), task_id="t", on_progress=lambda sent, total: told.append((sent, total))
        )
        assert len(fake.state.uploads[handle.job_id].data) == 3_000_010
        assert told[-1] == (3_000_010, None)

    @pytest.mark.parametrize("blocking", [True, False])
    async def test_a_source_that_fails_is_told_as_it_is(self, fake: FakeService, blocking: bool) -> None:
        def blocks() -> Iterator[bytes]:
            yield b"b" * 100
            raise OSError("the card was pulled out")

        with pytest.raises(OSError, match="the card was pulled out"):
            if blocking:
                with ReelOps(fake.grpc_address, token="a-token") as reelops:
                    await asyncio.to_thread(reelops.sopilot.upload, blocks(), task_id="t")
            else:
                async with AsyncReelOps(fake.grpc_address, token="a-token") as async_reelops:
                    await async_reelops.sopilot.upload(blocks(), task_id="t")
        assert fake.state.uploads == {}

    @pytest.mark.parametrize("blocking", [True, False])
    async def test_a_refusal_in_the_middle_says_why(self, fake: FakeService, blocking: bool) -> None:
        fake.state.upload_limit_bytes = 3_000_000
        data = b"z" * 50_000_000
        with pytest.raises(Exhausted) as failure:
            if blocking:
                with ReelOps(fake.grpc_address, token="a-token") as reelops:
                    await asyncio.to_thread(reelops.sopilot.upload, data, task_id="t")
            else:
                async with AsyncReelOps(fake.grpc_address, token="a-token") as async_reelops:
                    await async_reelops.sopilot.upload(data, task_id="t")
        assert failure.value.reason == "UPLOAD_TOO_LARGE"

    @pytest.mark.parametrize("blocking", [True, False])
    async def test_memory_does_not_grow_with_the_upload(self, fake: FakeService, blocking: bool) -> None:
        fake.state.keep_uploads = False
        block, count = b"m" * (1024 * 1024), 300

        def blocks() -> Iterator[bytes]:
            for _ in range(count):
                yield block

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if blocking:
            with ReelOps(fake.grpc_address, token="a-token") as reelops:
                await asyncio.to_thread(reelops.sopilot.upload, blocks(), task_id="t")
        else:
            async with AsyncReelOps(fake.grpc_address, token="a-token") as async_reelops:
                await async_reelops.sopilot.upload(blocks(), task_id="t")
        assert [upload.messages for upload in fake.state.uploads.values()] == [count]
        grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        assert grown_mib < 96

    async def test_giving_up_an_upload_stops_it(self, fake: FakeService, async_reelops: AsyncReelOps) -> None:
        started = asyncio.Event()

        async def blocks() -> AsyncIterator[bytes]:
            yield b"b"
            started.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(async_reelops.sopilot.upload(blocks(), task_id="t"))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await async_reelops.sopilot.health()).db
        assert fake.state.uploads == {}

    def test_a_wrong_role_is_refused_before_anything_is_sent(self, fake: FakeService, reelops: ReelOps) -> None:
        with pytest.raises(ValueError, match="gold or trainee"):
            reelops.sopilot.upload(b"x", task_id="t", role="teacher")
        assert fake.state.calls["UploadVideo"] == 0


class TestDownloads:
    def test_a_lost_connection_is_taken_up_where_it_was(
        self, fake: FakeService, reelops: ReelOps, tmp_path: Path
    ) -> None:
        video = uploaded(reelops)
        fake.plan("DownloadVideoFile", UNAVAILABLE, UNAVAILABLE, after=3)
        seen: list[tuple[int, int | None]] = []
        path = reelops.sopilot.videos.download(
            video, tmp_path / "v.mp4", on_progress=lambda done, total: seen.append((done, total))
        )
        assert path.read_bytes() == fake.state.files[video]
        assert fake.state.metadata["DownloadVideoFile"]["range"] == f"bytes={6 * 16 * 1024}-"
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)
        assert seen[-1] == (600_000, 600_000)

    async def test_a_report_starts_again_and_comes_out_once(
        self, fake: FakeService, async_reelops: AsyncReelOps, tmp_path: Path
    ) -> None:
        sopilot = async_reelops.sopilot
        video = (await (await sopilot.upload(b"frames", task_id="t")).wait(timeout=30)).video_id
        score = await sopilot.score(gold=video, trainee=video)
        await score.wait(timeout=30)
        fake.plan("DownloadScoreReport", UNAVAILABLE, after=2)
        path = await sopilot.scores.report(score.job_id, tmp_path / "r.pdf")
        assert path.read_bytes() == fake.state.report

    @pytest.mark.parametrize("announced", [10, 10_000_000])
    def test_a_file_of_another_length_is_not_kept(
        self, fake: FakeService, reelops: ReelOps, tmp_path: Path, announced: int
    ) -> None:
        video = uploaded(reelops)
        score = reelops.sopilot.score(gold=video, trainee=video)
        score.wait(timeout=30)
        fake.state.announced_bytes = announced
        goal = tmp_path / "r.pdf"
        goal.write_bytes(b"the one from yesterday")
        with pytest.raises(IncompleteTransfer):
            reelops.sopilot.scores.report(score.job_id, goal)
        assert goal.read_bytes() == b"the one from yesterday"
        assert list(tmp_path.iterdir()) == [goal]

    def test_a_folder_that_is_not_there_is_told_before_anything_is_sent(
        self, fake: FakeService, reelops: ReelOps, tmp_path: Path
    ) -> None:
        with pytest.raises(FileNotFoundError):
            reelops.sopilot.videos.download(1, tmp_path / "nowhere" / "v.mp4")
        assert fake.state.calls["DownloadVideoFile"] == 0


def test_threads_may_share_the_blocking_client(fake: FakeService, reelops: ReelOps) -> None:
    videos: list[int] = []
    threads = [threading.Thread(target=lambda: videos.append(uploaded(reelops))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(videos) == list(range(1, 9))


async def test_the_blocking_client_works_beside_a_running_loop(fake: FakeService, reelops: ReelOps) -> None:
    assert reelops.sopilot.health().db


def test_nobody_at_the_address_is_told(unused_tcp_port: int) -> None:
    with ReelOps(f"127.0.0.1:{unused_tcp_port}", token="x") as reelops, pytest.raises(Unavailable):
        reelops.sopilot.train()


def test_calls_say_who_makes_them(fake: FakeService, reelops: ReelOps) -> None:
    reelops.sopilot.health()
    sent = fake.state.metadata["GetHealth"]
    assert str(sent["user-agent"]).startswith("reelops-python/")
    assert len(str(sent["x-request-id"])) == 36
    assert sent["authorization"] == "Bearer a-token"


def test_a_user_and_password_are_taken(fake: FakeService) -> None:
    with ReelOps(fake.grpc_address, basic=fake.basic) as reelops:
        assert reelops.sopilot.videos.list() == []
