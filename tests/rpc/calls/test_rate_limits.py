"""Limits as callers meet them: headers on every answer, refusals with the time to wait, exact across processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager

import grpc
import pytest_asyncio
from reelops.api.wavestack.v1 import (
    clip_service_pb2,
    clip_service_pb2_grpc,
    health_service_pb2,
    health_service_pb2_grpc,
)

from tests.rpc.calls.house import MILL, Answer, House, ask, open_house, signed

LIMIT = 4


@pytest_asyncio.fixture
async def narrow(house_url: str) -> AsyncIterator[House]:
    """A server that takes four calls a minute."""
    async with open_house(house_url, limits={"core": LIMIT, "clipper": LIMIT}) as running:
        yield running


def left(answer: Answer) -> tuple[int, int]:
    """Reads the headers: the limit and what remains. The reset has to be within the minute."""
    assert 0 < int(answer.headers["x-ratelimit-reset"]) - time.time() <= 61
    return int(answer.headers["x-ratelimit-limit"]), int(answer.headers["x-ratelimit-remaining"])


async def test_every_answer_says_what_is_left(narrow: House) -> None:
    assert left(await narrow.clip({})) == (4, 3)
    own_headers = await narrow.clip({}, "a" * 32)
    assert (left(own_headers), own_headers.headers["cache-control"]) == ((4, 2), "private")
    fault = await narrow.clip({}, "f" * 32)
    assert (fault.code, left(fault)) == ("INTERNAL", (4, 1))
    invalid = await narrow.clip({}, "")
    assert (invalid.code, left(invalid)) == ("INVALID_ARGUMENT", (4, 0))
    for _ in range(2):
        refused = await narrow.clip({})
        assert (refused.code, refused.reason, left(refused)) == ("RESOURCE_EXHAUSTED", "RATE_LIMITED", (4, 0))
        assert refused.headers["x-http-status"] == "429"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.retry_sec == int(refused.headers["retry-after"])


async def test_streams_and_uncounted_calls_show_the_headers(narrow: House) -> None:
    await narrow.clip({})
    stub = clip_service_pb2_grpc.ClipServiceStub(narrow.channel)
    for _ in range(LIMIT + 2):
        call = stub.DownloadClip(clip_service_pb2.DownloadClipRequest(name="x.mp4"))
        assert [chunk.data async for chunk in call] == [b"1", b"2"]
        headers = {key: str(value) for key, value in await call.initial_metadata() or ()}
        assert left(Answer(headers=headers)) == (4, 3)
        health = health_service_pb2_grpc.ClipperHealthServiceStub(narrow.channel)
        answer = await ask(health.GetClipperHealth, health_service_pb2.GetClipperHealthRequest())
        assert answer.code == "OK"
        left(answer)
    assert left(await narrow.clip({})) == (4, 2)


async def test_surfaces_and_organisations_count_apart(narrow: House) -> None:
    shop, mill = signed(await narrow.token()), signed(await narrow.token(MILL), "mill")
    for _ in range(LIMIT):
        await narrow.clip(shop)
    assert (await narrow.clip(shop)).reason == "RATE_LIMITED"
    assert left(await narrow.clip(mill)) == (4, 3)
    assert left(await narrow.clip({})) == (4, 3)
    assert left(await narrow.projects(shop)) == (4, 3)


async def test_guessing_is_limited_by_address_and_locks_nobody_else_out(narrow: House) -> None:
    shop = signed(await narrow.token())
    bad = {"authorization": "Bearer x", "x-org-id": "shop", "x-client-address": "192.0.2.9"}
    answers = [await narrow.projects(bad) for _ in range(LIMIT + 2)]
    assert [answer.code for answer in answers] == ["UNAUTHENTICATED"] * LIMIT + ["RESOURCE_EXHAUSTED"] * 2
    assert (await narrow.issue("a", "b", "c", **{"x-client-address": "192.0.2.9"})).reason == "RATE_LIMITED"
    assert (await narrow.projects({**bad, "x-client-address": "192.0.2.10"})).code == "UNAUTHENTICATED"
    assert (await narrow.projects({**shop, "x-client-address": "192.0.2.9"})).code == "OK"
    logins = [await narrow.issue("nobody", "x", "shop") for _ in range(LIMIT)]
    assert [answer.reason for answer in logins] == ["CLIENT_UNKNOWN"] * (LIMIT - 1) + ["RATE_LIMITED"]


async def test_two_processes_let_exactly_the_limit_through(house_url: str) -> None:
    with server_processes(house_url, 20) as ports:
        channels = [grpc.aio.insecure_channel(f"127.0.0.1:{port}") for port in ports]
        stubs = [clip_service_pb2_grpc.ClipServiceStub(channel) for channel in channels]
        request = clip_service_pb2.GetClipRequest(job_id="0" * 32)
        answers = await asyncio.gather(*(ask(stubs[number % 2].GetClip, request) for number in range(50)))
        for channel in channels:
            await channel.close()
    taken = [answer for answer in answers if answer.code == "OK"]
    assert Counter(answer.code for answer in answers) == {"OK": 20, "RESOURCE_EXHAUSTED": 30}
    assert sorted(left(answer)[1] for answer in taken) == list(range(20))
    assert len({answer.headers["x-ratelimit-reset"] for answer in answers}) == 1


@contextmanager
def server_processes(url: str, limit: int) -> Iterator[list[int]]:
    """Runs two servers in processes of their own and gives their ports."""
    command = [sys.executable, "-m", "tests.rpc.calls.server_process", url, str(limit)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with ExitStack() as stack:
        processes = [stack.enter_context(_process(command, environment)) for _ in range(2)]
        yield [int(next(line for line in process.stdout or () if line.strip().isdigit())) for process in processes]


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
            assert process.stdin is not None
            process.stdin.close()
            process.wait(20)
        finally:
            process.kill()
