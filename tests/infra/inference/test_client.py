"""The client when Triton is away, comes back, is slow, or its caller vanishes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from reelops import errors
from reelops.infra.inference import EmbedderInfo, InferenceClient
from reelops.infra.inference.shared_memory import MEMORY
from tritonclient.grpc.aio import InferenceServerClient

from tests.triton_fixture import ROOT, RunningTriton, free_ports, running_triton

pytestmark = pytest.mark.triton

VANISH = """
import asyncio, os, signal, sys
import numpy as np
from reelops.infra.inference import InferenceClient

async def main():
    async with InferenceClient.connect(sys.argv[1], shared_memory=True) as inference:
        rows = np.random.default_rng(1).standard_normal((400, 64)).astype(np.float32)
        await inference.align(rows, rows)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def my_regions() -> list[str]:
    return [path.name for path in MEMORY.glob(f"reelops-{os.getpid()}-*")]


async def registered(triton: RunningTriton) -> set[str]:
    client = InferenceServerClient(triton.address)
    try:
        return set((await client.get_system_shared_memory_status()).regions)
    finally:
        await client.close()


def rows(count: int, dim: int = 64) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(count).standard_normal((count, dim)).astype(np.float32)


async def test_a_triton_that_is_away_is_unavailable_after_some_retries() -> None:
    ports = free_ports()
    async with InferenceClient.connect(f"127.0.0.1:{ports.grpc}") as inference:
        assert not await inference.ready()
        for call in (inference.embedder(), inference.align(rows(900), rows(900))):
            with pytest.raises(errors.Unavailable) as away:
                await call
            assert away.value.code == "TRITON_UNAVAILABLE"
    assert not my_regions()


async def test_a_triton_that_restarts_is_found_again_and_told_of_the_memory_again() -> None:
    ports = free_ports()
    with running_triton(ports=ports) as first:
        async with InferenceClient.connect(first.address, shared_memory=True) as inference:
            before = await inference.align(rows(500), rows(400))
            os.kill(first.pid, signal.SIGKILL)
            with pytest.raises(errors.Unavailable):
                await inference.align(rows(500), rows(400))
            with running_triton(ports=ports) as second:
                after = await inference.align(rows(500), rows(400))
                np.testing.assert_array_equal(before.path, after.path)
            assert second.pid != first.pid
    assert not my_regions()


async def test_a_restart_between_two_calls_goes_unnoticed() -> None:
    ports = free_ports()
    with running_triton(ports=ports) as first:
        async with InferenceClient.connect(first.address, shared_memory=True) as inference:
            before = await inference.align(rows(500), rows(400))
            await asyncio.to_thread(_end, first)
            with running_triton(ports=ports):
                after = await inference.align(rows(500), rows(400))
    np.testing.assert_array_equal(before.path, after.path)


def _end(running: RunningTriton) -> None:
    os.kill(running.pid, signal.SIGTERM)
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("shared_memory", [True, False])
async def test_large_and_small_inputs_go_either_way(triton: RunningTriton, shared_memory: bool) -> None:
    async with InferenceClient.connect(triton.address, shared_memory=shared_memory) as inference:
        small = await inference.align(rows(3), rows(3))
        large = await inference.align(rows(700), rows(700))
        assert bool(my_regions()) == shared_memory
    assert small.path.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert len(large.path) == 700
    assert not my_regions()
    assert not await registered(triton)


async def test_many_callers_at_once_get_their_own_answers(triton: RunningTriton) -> None:
    async with InferenceClient.connect(triton.address, shared_memory=True) as inference:
        sizes = [300 + 7 * index for index in range(16)]
        answers = await asyncio.gather(*(inference.align(rows(size), rows(size)) for size in sizes))
    for size, answer in zip(sizes, answers, strict=True):
        assert answer.path.tolist() == [[index, index] for index in range(size)]


async def test_a_call_that_is_given_up_leaves_no_memory_and_does_not_disturb_the_next(triton: RunningTriton) -> None:
    async with InferenceClient.connect(triton.address, shared_memory=True) as inference:
        info = await inference.embedder()
        frames = np.zeros((64, *info.geometry, 3), np.uint8)
        for pause in (0.0, 0.01, 0.05, 0.1):
            task = asyncio.create_task(inference.embed(frames))
            await asyncio.sleep(pause)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        with pytest.raises(errors.Unavailable) as late:
            await inference.embed(frames, timeout_sec=0.02)
        assert late.value.code == "TRITON_TIMEOUT"
        embeddings = await inference.embed(frames)
        np.testing.assert_array_equal(embeddings, np.repeat(embeddings[:1], 64, axis=0))
    assert not my_regions()
    assert not await registered(triton)


@pytest.mark.faults
async def test_what_a_killed_client_left_is_removed_by_the_next(triton: RunningTriton) -> None:
    gone = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VANISH, triton.address, env={**os.environ, "PYTHONPATH": str(ROOT / "server")}
    )
    assert await gone.wait() == -signal.SIGKILL
    left = set(MEMORY.glob(f"reelops-{gone.pid}-*"))
    assert left
    assert {Path(path).name for path in left} <= await registered(triton)
    async with InferenceClient.connect(triton.address, shared_memory=True) as inference:
        await inference.align(rows(700), rows(700))
        assert not [path for path in left if path.exists()]
        assert not {path.name for path in left} & await registered(triton)


async def test_input_of_the_wrong_kind_is_refused_before_it_is_sent(triton: RunningTriton) -> None:
    async with InferenceClient.connect(triton.address) as inference:
        with pytest.raises(errors.Invalid, match="uint8 with 5 axes"):
            await inference.embed(np.zeros((1, 4, 4, 3), np.uint8))
        with pytest.raises(errors.Invalid, match="at least 0"):
            await inference.align(rows(3), rows(3), gap_cost=-0.5)


def test_a_label_names_model_and_version() -> None:
    assert EmbedderInfo("tiny", "2", 8, (1, 2, 3)).label == "tiny:2"
