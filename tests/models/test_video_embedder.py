"""`video_embedder` in a real Triton with the built-in features."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops import errors
from reelops.infra.inference import EmbedderInfo, InferenceClient
from reelops.infra.inference.client import BATCH_CLIPS
from tritonclient.grpc import InferInput, InferRequestedOutput
from tritonclient.grpc.aio import InferenceServerClient

from tests import built_in_features
from tests.triton_fixture import RunningTriton

pytestmark = pytest.mark.triton


@pytest.fixture
async def inference(triton: RunningTriton) -> AsyncIterator[InferenceClient]:
    async with InferenceClient.connect(triton.address) as client:
        yield client


@pytest.fixture(scope="module")
def features() -> ModuleType:
    return built_in_features.load()


def clips(count: int, geometry: tuple[int, int, int], seed: int) -> NDArray[np.uint8]:
    """Gives clips of soft blobs that move, a little different in each."""
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (count, geometry[0], 8, 8, 3), dtype=np.uint8)
    tall, wide = -(-geometry[1] // 8), -(-geometry[2] // 8)
    return coarse.repeat(tall, axis=2).repeat(wide, axis=3)[:, :, : geometry[1], : geometry[2]]


async def test_the_model_is_what_its_features_say(inference: InferenceClient, features: ModuleType) -> None:
    info = await inference.embedder()
    assert info == EmbedderInfo(
        features.NAME, features.VERSION, features.DIM, tuple(features.GEOMETRY), tuple(features.GLIMPSES)
    )
    assert info.label == f"{features.NAME}:{features.VERSION}"


async def test_the_embedding_is_that_of_the_plain_features(inference: InferenceClient, features: ModuleType) -> None:
    frames = clips(5, tuple(features.GEOMETRY), seed=1)
    embeddings = await inference.embed(frames)
    assert embeddings.shape == (5, features.DIM)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(embeddings, features.embed(frames), rtol=1e-4, atol=1e-5)


async def test_single_frames_are_seen_with_the_embedding(inference: InferenceClient, features: ModuleType) -> None:
    frames = clips(11, tuple(features.GEOMETRY), seed=2)
    embeddings, glimpses = features.compute(frames)
    seen = await inference.see(frames, embedder=await inference.embedder())
    assert seen.glimpses is not None
    assert seen.glimpses.shape == (11, *features.GLIMPSES)
    np.testing.assert_allclose(seen.embeddings, embeddings, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(seen.glimpses, glimpses, rtol=1e-4, atol=1e-5)


async def test_requests_that_arrive_together_get_what_each_asked_for(
    triton: RunningTriton, features: ModuleType
) -> None:
    wanted = [("EMBEDDING",), ("GLIMPSES",), ("MODEL",), ("GLIMPSES", "EMBEDDING", "MODEL")] * 3
    batches = [clips(1 + number % 3, tuple(features.GEOMETRY), seed=number) for number in range(len(wanted))]
    server = InferenceServerClient(triton.address)

    async def ask(frames: NDArray[np.uint8], names: tuple[str, ...]) -> Any:
        tensor = InferInput("FRAMES", list(frames.shape), "UINT8").set_data_from_numpy(frames)
        return await server.infer("video_embedder", [tensor], outputs=[InferRequestedOutput(name) for name in names])

    try:
        answers = await asyncio.gather(*map(ask, batches, wanted))
    finally:
        await server.close()
    for answer, names, frames in zip(answers, wanted, batches, strict=True):
        assert {output.name for output in answer.get_response().outputs} == set(names)
        expected = dict(zip(("EMBEDDING", "GLIMPSES"), features.compute(frames), strict=True))
        for name in set(names) & set(expected):
            np.testing.assert_allclose(answer.as_numpy(name), expected[name], rtol=1e-4, atol=1e-5)


async def test_clips_of_several_videos_at_once_embed_as_they_do_alone(
    triton: RunningTriton, inference: InferenceClient
) -> None:
    info = await inference.embedder()
    videos = [clips(count, info.geometry, seed=count) for count in (1, 3, 11, 19)]
    async with InferenceClient.connect(triton.address, shared_memory=False) as other:
        together = await asyncio.gather(
            *((inference if index % 2 else other).embed(video) for index, video in enumerate(videos))
        )
    for video, embeddings in zip(videos, together, strict=True):
        alone = np.concatenate([await inference.embed(clip[None]) for clip in video])
        np.testing.assert_allclose(embeddings, alone, rtol=1e-5, atol=1e-6)


async def test_triton_joins_what_arrives_together(triton: RunningTriton, inference: InferenceClient) -> None:
    info = await inference.embedder()
    await inference.embed(clips(1, info.geometry, seed=4).repeat(96, axis=0))
    server = InferenceServerClient(triton.address)
    try:
        statistics = await server.get_inference_statistics("video_embedder")
    finally:
        await server.close()
    sizes = {int(batch.batch_size) for batch in statistics.model_stats[0].batch_stats}
    assert max(sizes) > BATCH_CLIPS, f"only batches of {sizes}"
    assert max(sizes) <= 32


async def test_no_clips_give_no_embeddings(inference: InferenceClient) -> None:
    info = await inference.embedder()
    assert (await inference.embed(np.zeros((0, *info.geometry, 3), np.uint8))).shape == (0, info.dim)


async def test_a_clip_of_another_geometry_is_refused(inference: InferenceClient) -> None:
    frames, height, width = (await inference.embedder()).geometry
    with pytest.raises(errors.Invalid) as refused:
        await inference.embed(np.zeros((1, frames, height, width + 2, 3), np.uint8))
    assert refused.value.code == "INFERENCE_INPUT_INVALID"


async def test_embedding_with_another_model_than_expected_conflicts(inference: InferenceClient) -> None:
    info = await inference.embedder()
    older = EmbedderInfo(info.name, "an older one", info.dim, info.geometry)
    with pytest.raises(errors.Conflict, match="an older one"):
        await inference.embed(clips(2, info.geometry, seed=3), expect=older)
