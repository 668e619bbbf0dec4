"""Jobs as organisations see them: their own, and nothing of anybody else's."""

from __future__ import annotations

from typing import Any

import grpc
from reelops.api.jobs.v1 import jobs_service_pb2 as pb
from reelops.api.jobs.v1 import jobs_service_pb2_grpc
from reelops.infra.jobs import NewJob

from tests.rpc.calls.house import MILL, House, ask, signed

ROLE = {"authorization": "Bearer the-operator-token"}


async def enqueue(house: House) -> None:
    async with house.db.write() as conn:
        for number, org in enumerate(["shop", "mill", None, "shop"], start=1):
            new = NewJob(
                job_id=f"job-{number}", kind="test.kind", queue="test", payload={}, requested_by="x", org_id=org
            )
            await house.queue.enqueue(conn, new)


async def test_each_sees_their_own(house: House) -> None:
    await enqueue(house)
    stub = jobs_service_pb2_grpc.JobsServiceStub(house.channel)
    shop, mill = signed(await house.token()), signed(await house.token(MILL), "mill")

    async def listed(metadata: dict[str, str], **given: Any) -> list[str]:
        answer = await ask(stub.ListJobs, pb.ListJobsRequest(**given), metadata)
        return [job.job_id for job in answer.message.jobs]

    assert await listed(shop) == ["job-4", "job-1"]
    assert await listed(mill) == ["job-2"]
    assert await listed(ROLE) == ["job-4", "job-3", "job-2", "job-1"]
    assert await listed(shop, page_token="job-4") == ["job-1"]
    stolen = await ask(stub.ListJobs, pb.ListJobsRequest(page_token="job-2"), shop)
    unknown = await ask(stub.ListJobs, pb.ListJobsRequest(page_token="job-9"), shop)
    assert stolen.reason == unknown.reason == "PAGE_TOKEN_INVALID"


async def test_the_jobs_of_others_are_not_there(house: House) -> None:
    await enqueue(house)
    stub = jobs_service_pb2_grpc.JobsServiceStub(house.channel)
    shop = signed(await house.token())
    for number in (2, 3, 9):
        job_id = f"job-{number}"
        got = await ask(stub.GetJob, pb.GetJobRequest(job_id=job_id), shop)
        cancelled = await ask(stub.CancelJob, pb.CancelJobRequest(job_id=job_id), shop)
        for answer in (got, cancelled):
            assert (answer.code, answer.reason) == ("NOT_FOUND", "JOB_NOT_FOUND")
            assert answer.sentence == f"There is no job {job_id}."
        try:
            async for _ in stub.WatchJob(pb.WatchJobRequest(job_id=job_id), metadata=tuple(shop.items())):
                raise AssertionError("a job of somebody else was watched")
        except grpc.aio.AioRpcError as error:
            assert error.code() is grpc.StatusCode.NOT_FOUND
    assert (await ask(stub.GetJob, pb.GetJobRequest(job_id="job-3"), ROLE)).message.job.requested_by == "x"


async def test_ones_own_job_is_watched_and_cancelled(house: House) -> None:
    await enqueue(house)
    stub = jobs_service_pb2_grpc.JobsServiceStub(house.channel)
    shop = signed(await house.token())
    states = []
    async for answer in stub.WatchJob(pb.WatchJobRequest(job_id="job-1"), metadata=tuple(shop.items()), timeout=20):
        states.append(answer.job.state)
        if len(states) == 1:
            assert (await ask(stub.CancelJob, pb.CancelJobRequest(job_id="job-1"), shop)).code == "OK"
    assert states[-1] == answer.job.STATE_CANCELLED
    assert "client:shop-client" in answer.job.error_message


async def test_jobs_need_a_role_or_an_organisation(house: House) -> None:
    stub = jobs_service_pb2_grpc.JobsServiceStub(house.channel)
    nobody = await ask(stub.ListJobs, pb.ListJobsRequest(), {})
    assert (nobody.code, nobody.reason) == ("UNAUTHENTICATED", "CREDENTIALS_MISSING")
    garbage = await ask(stub.ListJobs, pb.ListJobsRequest(), {"authorization": "Bearer x"})
    assert (garbage.code, garbage.reason) == ("UNAUTHENTICATED", "CREDENTIALS_INVALID")
    assert len(garbage.challenges) == 2
    other = await ask(stub.ListJobs, pb.ListJobsRequest(), signed(await house.token(), "mill"))
    assert other.reason == "ORG_MISMATCH"
    viewer = await ask(
        stub.CancelJob, pb.CancelJobRequest(job_id="job-1"), {"authorization": "Bearer the-viewer-token"}
    )
    assert viewer.reason == "ROLE_REQUIRED"
    assert not any(name.startswith("x-ratelimit") for name in nobody.headers | other.headers)
