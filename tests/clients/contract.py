"""What the Python client promises to whoever uses it, on any service that has the fixtures `endpoint` and `takes`."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Protocol

import pytest
from reelops_client import AsyncReelOps, GoldSteps, Job, NotFound, ReelOps, Step, Unauthenticated, Video
from reelops_client.errors import Conflict, Forbidden, Invalid

WAIT_SEC = 120


class Endpoint(Protocol):
    @property
    def grpc_address(self) -> str: ...
    @property
    def tokens(self) -> dict[str, str]: ...


class Takes(Protocol):
    @property
    def gold(self) -> Path: ...
    @property
    def trainee(self) -> Path: ...


def a_task() -> str:
    return f"assembly-{uuid.uuid4().hex[:8]}"


class ClientContract:
    """Inherit and provide the fixtures."""

    async def test_a_take_is_uploaded_scored_and_reported(
        self, endpoint: Endpoint, takes: Takes, tmp_path: Path
    ) -> None:
        task = a_task()
        progress: list[tuple[int, int | None]] = []
        updates: list[Job] = []
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["operator"]) as reelops:
            sopilot = reelops.sopilot
            gold_upload = await sopilot.upload(
                takes.gold, task_id=task, role="gold", on_progress=lambda sent, total: progress.append((sent, total))
            )
            gold = await gold_upload.wait(timeout=WAIT_SEC, on_update=updates.append)
            trainee = await (await sopilot.upload(takes.trainee, task_id=task)).wait(timeout=WAIT_SEC)
            handle = await sopilot.score(gold=gold.video_id, trainee=trainee.video_id)
            score = await handle.wait(timeout=WAIT_SEC)
            report = await sopilot.scores.report(handle.job_id, tmp_path / "report.pdf")
            videos = await sopilot.videos.list(task_id=task)
        size = takes.gold.stat().st_size
        assert progress[-1] == (size, size)
        assert progress == sorted(progress)
        assert updates[-1].state == Job.STATE_COMPLETED
        assert 0 <= score.result.score <= 100
        assert score.result.embedding_model
        assert report.read_bytes().startswith(b"%PDF")
        assert [(video.video_id, video.role) for video in videos] == [
            (trainee.video_id, Video.trainee),
            (gold.video_id, Video.gold),
        ]

    def test_the_blocking_client_does_the_same(self, endpoint: Endpoint, takes: Takes, tmp_path: Path) -> None:
        task = a_task()
        progress: list[tuple[int, int | None]] = []
        updates: list[Job] = []
        with ReelOps(endpoint.grpc_address, token=endpoint.tokens["admin"]) as reelops:
            sopilot = reelops.sopilot
            with takes.gold.open("rb") as file:
                gold = sopilot.upload(
                    file, task_id=task, role="gold", on_progress=lambda sent, total: progress.append((sent, total))
                ).wait(timeout=WAIT_SEC, on_update=updates.append)
            trainee = sopilot.upload(takes.trainee, task_id=task).wait(timeout=WAIT_SEC)
            score_job = sopilot.score(gold=gold.video_id, trainee=trainee.video_id, profile="sopilot-v1")
            score = score_job.wait(timeout=WAIT_SEC)
            copy = sopilot.videos.download(gold.video_id, tmp_path / "copy.mp4")
            jobs = list(reelops.jobs.list(task_id=task, page_size=1))
            deleted = sopilot.videos.delete(trainee.video_id)
            with pytest.raises(NotFound):
                sopilot.videos.get(trainee.video_id)
        assert progress[-1] == (takes.gold.stat().st_size,) * 2
        assert [update.progress for update in updates] == sorted(update.progress for update in updates)
        assert score.result.profile == "sopilot-v1"
        assert copy.read_bytes() == takes.gold.read_bytes()
        # A service may make the report ahead of the first who asks for it.
        kinds = sorted(job.kind for job in jobs if job.kind != "sopilot.report")
        assert kinds == ["sopilot.ingest", "sopilot.ingest", "sopilot.score"]
        assert deleted.removed_files

    async def test_steps_are_named_and_forgotten_again(self, endpoint: Endpoint, takes: Takes) -> None:
        task = a_task()
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["operator"]) as reelops:
            upload = await reelops.sopilot.upload(takes.gold, task_id=task, role="gold")
            gold = (await upload.wait(timeout=WAIT_SEC)).video_id
            steps = reelops.sopilot.steps
            found = await steps.list(task_id=task, gold=gold)
            named = [
                Step(name="Fit the plate", start_sec=0, end_sec=4, expected_sec=5, critical=True),
                Step(name="Drive the screws", start_sec=4, end_sec=8.5),
            ]
            kept = await steps.set(task_id=task, gold=gold, steps=named, version=found.version)
            with pytest.raises(Conflict) as stale:
                await steps.set(task_id=task, gold=gold, steps=named, version=found.version)
            with pytest.raises(Invalid) as overlap:
                await steps.set(task_id=task, gold=gold, steps=named[::-1])
            with pytest.raises(NotFound):
                await steps.list(task_id=a_task(), gold=gold)
            listed = await steps.list(task_id=task, gold=gold)
            forgotten = await steps.reset(task_id=task, gold=gold, version=listed.version)
        assert (found.source, found.steps[0].name) == (GoldSteps.found, "Step 1")
        assert (kept.source, kept.changed_by) == (GoldSteps.set, "token:operator")
        assert kept.version > found.version
        assert list(listed.steps) == named
        assert (stale.value.reason, overlap.value.reason) == ("STEPS_CHANGED", "STEPS_INVALID")
        assert forgotten.source == GoldSteps.found
        assert forgotten.version > listed.version
        assert list(forgotten.steps) == list(found.steps)

    async def test_takes_are_accepted_and_withdrawn(self, endpoint: Endpoint, takes: Takes) -> None:
        task = a_task()
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["operator"]) as reelops:
            take, gold = [
                (await (await reelops.sopilot.upload(path, task_id=task, role=role)).wait(timeout=WAIT_SEC)).video_id
                for path, role in ((takes.trainee, "trainee"), (takes.gold, "gold"))
            ]
            accepted = reelops.sopilot.accepted
            kept = await accepted.accept(task_id=task, video_id=take)
            again = await accepted.accept(task_id=task, video_id=take)
            listed = await accepted.list(task_id=task)
            with pytest.raises(Invalid) as refused:
                await accepted.accept(task_id=task, video_id=gold)
            await accepted.withdraw(task_id=task, video_id=take)
            with pytest.raises(NotFound) as gone:
                await accepted.withdraw(task_id=task, video_id=take)
            left = await accepted.list(task_id=task)
        assert (kept.video_id, kept.accepted_by, again) == (take, "token:operator", kept)
        assert (list(listed), list(left)) == ([kept], [])
        assert (refused.value.reason, gone.value.reason) == ("ROLE_MISMATCH", "TAKE_NOT_ACCEPTED")

    def test_a_fault_is_shown_where_it_has_a_place(self, endpoint: Endpoint, takes: Takes) -> None:
        task = a_task()
        with ReelOps(endpoint.grpc_address, token=endpoint.tokens["operator"]) as reelops:
            sopilot = reelops.sopilot
            gold = sopilot.upload(takes.gold, task_id=task, role="gold").wait(timeout=WAIT_SEC).video_id
            trainee = sopilot.upload(takes.trainee, task_id=task).wait(timeout=WAIT_SEC).video_id
            score = sopilot.score(gold=gold, trainee=trainee).wait(timeout=WAIT_SEC)
            for index, fault in enumerate(score.result.deviations):
                for video, time in (("gold", fault.gold_time), ("trainee", fault.trainee_time)):
                    if time.HasField("start_sec"):
                        frame = sopilot.scores.fault_frame(score.score_job_id, index, video=video)
                        assert frame[:2] + frame[-2:] == b"\xff\xd8\xff\xd9"
                    else:
                        with pytest.raises(NotFound) as absent:
                            sopilot.scores.fault_frame(score.score_job_id, index, video=video)
                        assert absent.value.reason == "FRAME_NOT_FOUND"
            with pytest.raises(NotFound) as unknown:
                sopilot.scores.fault_frame(score.score_job_id, 10_000)
        assert unknown.value.reason == "DEVIATION_NOT_FOUND"
        assert score.result.deviations

    async def test_clips_that_look_alike_are_found_within_the_task(self, endpoint: Endpoint, takes: Takes) -> None:
        task = a_task()
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["operator"]) as reelops:
            ids = [
                (await (await reelops.sopilot.upload(path, task_id=task)).wait(timeout=WAIT_SEC)).video_id
                for path in (takes.gold, takes.trainee)
            ]
            found = await reelops.sopilot.search(task_id=task, video_id=ids[0], clip=0, limit=3)
        assert 1 <= len(found) <= 3
        assert {item.video_id for item in found} <= set(ids)

    async def test_a_missing_video_is_told_with_its_reason_and_request(self, endpoint: Endpoint) -> None:
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["viewer"]) as reelops:
            with pytest.raises(NotFound) as failure:
                await reelops.sopilot.videos.get(4_000_000_000)
        assert failure.value.reason == "VIDEO_NOT_FOUND"
        assert failure.value.message
        assert failure.value.request_id

    async def test_an_unknown_job_is_told_at_once(self, endpoint: Endpoint) -> None:
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["viewer"]) as reelops:
            with pytest.raises(NotFound) as failure:
                await reelops.jobs.wait("no-such-job")
        assert failure.value.reason == "JOB_NOT_FOUND"

    @pytest.mark.parametrize("token", ["wrong", "x" * 2000, None])
    def test_unknown_credentials_are_told(self, endpoint: Endpoint, token: str | None) -> None:
        with ReelOps(endpoint.grpc_address, token=token) as reelops, pytest.raises(Unauthenticated):
            reelops.sopilot.videos.list()

    def test_a_viewer_may_not_upload(self, endpoint: Endpoint, takes: Takes) -> None:
        with ReelOps(endpoint.grpc_address, token=endpoint.tokens["viewer"]) as reelops, pytest.raises(Forbidden):
            reelops.sopilot.upload(takes.gold, task_id=a_task())

    def test_a_field_past_its_limits_is_invalid(self, endpoint: Endpoint, takes: Takes) -> None:
        with ReelOps(endpoint.grpc_address, token=endpoint.tokens["operator"]) as reelops:
            with pytest.raises(Invalid):
                reelops.sopilot.videos.list(limit=501)
            with pytest.raises(Invalid):
                reelops.sopilot.upload(takes.gold, task_id="")

    async def test_a_finished_job_cannot_be_cancelled(self, endpoint: Endpoint, takes: Takes) -> None:
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["operator"]) as reelops:
            handle = await reelops.sopilot.upload(takes.gold, task_id=a_task())
            await handle.wait(timeout=WAIT_SEC)
            with pytest.raises(Conflict) as failure:
                await handle.cancel()
        assert failure.value.reason == "JOB_FINISHED"

    async def test_operators_see_the_service(self, endpoint: Endpoint) -> None:
        async with AsyncReelOps(endpoint.grpc_address, token=endpoint.tokens["admin"]) as reelops:
            health = await reelops.sopilot.health()
            queues = await reelops.sopilot.queues()
            metrics = await reelops.sopilot.metrics()
            nightly = await reelops.sopilot.nightly()
            trail = await reelops.sopilot.audit.trail(limit=5)
            chain = await reelops.sopilot.audit.verify()
        assert health.status == "ok"
        assert health.db
        assert "sopilot_ingest" in {queue.key for queue in queues.queue.queues}
        assert "sopilot_ingest_jobs_total" in metrics
        assert 0 <= nightly.hour_local <= 23
        assert len(trail) <= 5
        assert chain.intact
