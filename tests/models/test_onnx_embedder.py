"""`video_embedder` with a configured ONNX file: same tensors, another model behind them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops.infra.inference import EmbedderInfo, InferenceClient

from tests.models import onnx_files
from tests.triton_fixture import MODELS, RunningTriton, running_triton, triton_venv

pytestmark = pytest.mark.triton

DIM = 24
SEED = 20260101
MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])
METADATA = {
    "name": "tiny-jepa",
    "version": "2.1",
    "layout": "NCTHW",
    "frames": "6",
    "height": "20",
    "width": "28",
    "scale": str(1 / 255),
    "mean": ",".join(map(str, MEAN)),
    "std": ",".join(map(str, STD)),
}


def random_clips(count: int, geometry: tuple[int, int, int], seed: int) -> NDArray[np.uint8]:
    print(f"seed {seed}")
    return np.random.default_rng(seed).integers(0, 256, (count, *geometry, 3), dtype=np.uint8)


def expected(clips: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Does what METADATA asks for, and then what the encoder does, in plain numpy."""
    prepared = (clips / 255 - MEAN) / STD
    tokens = prepared.mean(axis=(2, 3)) @ onnx_files.weights(DIM, SEED)
    return np.asarray(tokens.mean(axis=1))


@pytest.fixture(scope="module")
def onnx_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTriton]:
    path = tmp_path_factory.mktemp("onnx") / "encoder.onnx"
    onnx_files.write_token_encoder(path, dim=DIM, seed=SEED, metadata=METADATA)
    with running_triton(environment={"REELOPS_EMBEDDER_ONNX": str(path)}) as running:
        yield running


async def test_the_file_says_who_it_is(onnx_triton: RunningTriton) -> None:
    async with InferenceClient.connect(onnx_triton.address) as inference:
        assert await inference.embedder() == EmbedderInfo("tiny-jepa", "2.1", DIM, (6, 20, 28))


async def test_a_file_tells_embeddings_alone(onnx_triton: RunningTriton) -> None:
    clips = random_clips(3, (6, 20, 28), seed=3)
    async with InferenceClient.connect(onnx_triton.address) as inference:
        seen = await inference.see(clips, embedder=await inference.embedder())
        assert seen.glimpses is None
        assert np.array_equal(seen.embeddings, await inference.embed(clips))


async def test_clips_of_several_clients_are_prepared_and_embedded_by_the_file(onnx_triton: RunningTriton) -> None:
    counts = (1, 2, 9, 17)
    videos = [random_clips(count, (6, 20, 28), seed=count) for count in counts]

    async def embed(video: NDArray[np.uint8], shared_memory: bool) -> NDArray[np.float32]:
        async with InferenceClient.connect(onnx_triton.address, shared_memory=shared_memory) as inference:
            return await inference.embed(video, expect=await inference.embedder())

    together = await asyncio.gather(*(embed(video, bool(index % 2)) for index, video in enumerate(videos)))
    for video, embeddings in zip(videos, together, strict=True):
        assert embeddings.dtype == np.float32
        np.testing.assert_allclose(embeddings, expected(video), rtol=1e-4, atol=1e-4)


async def test_a_file_in_the_repository_is_taken_and_named_by_its_content_when_it_says_nothing(tmp_path: Path) -> None:
    repository = tmp_path / "models"
    others = ("sequence_aligner", "step_decoder")  # each would compile its kernels for this folder
    shutil.copytree(MODELS, repository, ignore=shutil.ignore_patterns(*others, "__pycache__"))
    path = repository / "video_embedder" / "1" / "model.onnx"
    geometry = (4, 12, 16)
    onnx_files.write_fixed_encoder(path, geometry=geometry, batch=4, dim=DIM, seed=SEED)
    clips = random_clips(7, geometry, seed=7)
    with running_triton(repository=repository, cache_dir=tmp_path / "cache") as running:
        async with InferenceClient.connect(running.address) as inference:
            info = await inference.embedder()
            embeddings = await inference.embed(clips)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    assert info == EmbedderInfo("model", f"sha256-{digest}", DIM, geometry)
    plain = clips.mean(axis=(1, 2, 3)) @ onnx_files.weights(DIM, SEED)
    np.testing.assert_allclose(embeddings, plain, rtol=1e-4)


def test_a_configured_file_that_is_not_there_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere.onnx")
    with (
        pytest.raises(RuntimeError, match=r"REELOPS_EMBEDDER_ONNX names .*nowhere\.onnx, which is not a file"),
        running_triton(environment={"REELOPS_EMBEDDER_ONNX": missing}),
    ):
        pass


@pytest.mark.parametrize(
    ("kind", "offered", "chosen"),
    [
        ("CPU", ["CUDAExecutionProvider", "CPUExecutionProvider"], ["CPUExecutionProvider"]),
        ("GPU", ["CPUExecutionProvider"], ["CPUExecutionProvider"]),
        (
            "GPU",
            ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
            [["CUDAExecutionProvider", {"device_id": 1}], "CPUExecutionProvider"],
        ),
    ],
)
def test_the_accelerator_is_used_where_the_instance_asks_and_the_runtime_has_it(
    kind: str, offered: list[str], chosen: list[object]
) -> None:
    # ONNX Runtime lives in Triton's venv only.
    code = f"import json, onnx_embedder as o; print(json.dumps(o.providers({kind!r}, 1, {offered!r})))"
    folder = MODELS / "video_embedder" / "1"
    done = subprocess.run(
        [triton_venv() / "bin" / "python", "-B", "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == chosen
