"""The asynchronous client of the models in Triton."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import InferRequestedOutput
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from reelops import errors
from reelops.infra.inference import calls, decoder, shared_memory, tensors
from reelops.infra.inference.model import Alignment, EmbedderInfo, FloatArray, Seen, StepReading, Takes
from reelops.infra.inference.regions import RegionPool

EMBEDDER = "video_embedder"
ALIGNER = "sequence_aligner"
OUTPUTS = (
    "PATH",
    "PATH_SIMILARITY",
    "COST",
    "GOLD_BEST",
    "GOLD_BEST_SIMILARITY",
    "TRAINEE_BEST",
    "TRAINEE_BEST_SIMILARITY",
    "PREVIEW",
)
# Two matrices of 2000 × 4096 without shared memory are 64 MiB; nothing that we send comes near the limit.
MESSAGE_BYTES = 128 << 20
BATCH_CLIPS = 8
BATCHES_IN_FLIGHT = 3
SMALL_BYTES = 64 << 10  # below this a message is cheaper than a region
ALIGNED = 64
CONTROL_SEC = 5.0
EMBED_SEC = 120.0
ALIGN_SEC = 60.0
DECODE_SEC = 120.0
CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    # A Triton that restarts is found again within a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
]


ONE = np.ones((1, 1), np.float32)
ONE_WINDOW = Takes(gold=ONE, trainee=ONE, windows=1, channels=1, grid=None, gold_windows=1, trainee_windows=1)


class InferenceClient:
    """Embeds clips, aligns sequences and reads takes. Belongs to the event loop that it was connected on."""

    def __init__(self, triton: Any, regions: RegionPool | None) -> None:
        self._triton = triton
        self._regions = regions
        self._in_flight = asyncio.Semaphore(BATCHES_IN_FLIGHT)

    @classmethod
    @contextlib.asynccontextmanager
    async def connect(cls, address: str, *, shared_memory: bool | None = None) -> AsyncIterator[InferenceClient]:
        """Opens a channel to Triton's gRPC `address` (host:port); Triton may come up later.

        `shared_memory` says whether Triton sees this machine's /dev/shm; None takes it to when the address is loopback.
        """
        shared = _is_local(address) if shared_memory is None else shared_memory
        triton = InferenceServerClient(address, channel_args=CHANNEL_OPTIONS)
        regions = RegionPool(triton) if shared else None
        try:
            yield cls(triton, regions)
        finally:
            if regions is not None:
                await regions.close()
            await triton.close()

    async def ready(self, *, timeout_sec: float = CONTROL_SEC) -> bool:
        """Says whether every model answers; asks each for real, as Triton calls a model ready whose process died."""
        try:
            async with asyncio.timeout(timeout_sec):
                if not await self._triton.is_server_ready(client_timeout=timeout_sec):
                    return False
                await self.align(ONE, ONE)
                await self.decode_steps(ONE_WINDOW)
                await self.embedder()
        except (InferenceServerException, errors.ReelOpsError, TimeoutError):
            return False
        return True

    async def embedder(self) -> EmbedderInfo:
        """Asks which embedder runs now. Raises `errors.Unavailable`."""
        answer = await calls.call(
            lambda left: self._triton.get_model_config(EMBEDDER, client_timeout=left), timeout_sec=CONTROL_SEC
        )
        frames, height, width, _ = (int(size) for size in answer.config.input[0].dims)
        given = {output.name: tuple(int(size) for size in output.dims) for output in answer.config.output}
        blank = np.zeros((1, frames, height, width, 3), np.uint8)
        result = await self._infer(EMBEDDER, {"FRAMES": blank}, ("MODEL",), timeout_sec=EMBED_SEC)
        name, version = (part.decode() for part in result["MODEL"][0])
        (dim,), glimpses = given["EMBEDDING"], given.get("GLIMPSES")
        return EmbedderInfo(
            name=name,
            version=version,
            dim=dim,
            geometry=(frames, height, width),
            glimpses=None if glimpses is None else (glimpses[0], glimpses[1], glimpses[2]),
        )

    async def embed(
        self, frames: NDArray[np.uint8], *, expect: EmbedderInfo | None = None, timeout_sec: float = EMBED_SEC
    ) -> FloatArray:
        """Embeds RGB clips (n, frames, height, width, 3) and gives (n, dim), not normalised.

        Large inputs go in several batches, a few at a time; `timeout_sec` holds for each. Raises `errors.Invalid` for
        a wrong geometry, `errors.Conflict` (EMBEDDER_CHANGED) when the model is not the one in `expect` or changes on
        the way, `errors.Unavailable` when Triton is away.
        """
        if frames.ndim == 5 and len(frames) == 0:
            return np.zeros((0, (expect or await self.embedder()).dim), np.float32)
        return (await self._embed(frames, ("EMBEDDING",), expect, timeout_sec)).embeddings

    async def see(self, frames: NDArray[np.uint8], *, embedder: EmbedderInfo, timeout_sec: float = EMBED_SEC) -> Seen:
        """Embeds at least one clip by this embedder, with what is seen at single frames where it tells.

        Otherwise as `embed`, and raises the same.
        """
        outputs = ("EMBEDDING",) if embedder.glimpses is None else ("EMBEDDING", "GLIMPSES")
        return await self._embed(frames, outputs, embedder, timeout_sec)

    async def _embed(
        self, frames: NDArray[np.uint8], outputs: tuple[str, ...], expect: EmbedderInfo | None, timeout_sec: float
    ) -> Seen:
        if frames.dtype != np.uint8 or frames.ndim != 5:
            raise errors.Invalid(
                "INFERENCE_INPUT_INVALID", f"Clips are uint8 with 5 axes, not {frames.dtype} {list(frames.shape)}."
            )
        batches = [frames[start : start + BATCH_CLIPS] for start in range(0, len(frames), BATCH_CLIPS)]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._embed_batch(batch, outputs, timeout_sec)) for batch in batches]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        results = [task.result() for task in tasks]
        labels = {label for label, _ in results} | ({expect.label} if expect else set())
        if len(labels) > 1:
            raise errors.Conflict(
                "EMBEDDER_CHANGED", f"The embedding model changed meanwhile: {' and '.join(sorted(labels))}."
            )
        found = [np.concatenate([arrays[name] for _, arrays in results]) for name in outputs]
        return Seen(*found)

    async def align(
        self,
        gold: FloatArray,
        trainee: FloatArray,
        *,
        gap_cost: float | None = None,
        timeout_sec: float = ALIGN_SEC,
    ) -> Alignment:
        """Aligns gold (m, dim) with trainee (n, dim) on 1 - cosine.

        Without `gap_cost` every clip is matched (dynamic time warping); with one (>= 0) a clip may stay unmatched for
        that price. Raises `errors.Invalid` for empty, unequal or non-finite input, `errors.Unavailable`.
        """
        if gap_cost is not None and gap_cost < 0:
            raise errors.Invalid("INFERENCE_INPUT_INVALID", f"A gap costs at least 0, not {gap_cost}.")
        for side, rows in (("gold", gold), ("trainee", trainee)):
            if rows.ndim != 2 or rows.size == 0:
                raise errors.Invalid("INFERENCE_INPUT_INVALID", f"The {side} sequence is empty: {list(rows.shape)}.")
        inputs = {
            "GOLD": np.ascontiguousarray(gold, np.float32),
            "TRAINEE": np.ascontiguousarray(trainee, np.float32),
            "GAP_COST": np.array([-1.0 if gap_cost is None else gap_cost], np.float32),
        }
        result = await self._infer(ALIGNER, inputs, OUTPUTS, timeout_sec=timeout_sec)
        values: dict[str, Any] = {name.lower(): result[name] for name in OUTPUTS}
        values["cost"] = float(values["cost"][0])
        return Alignment(**values)

    async def decode_steps(self, takes: Takes, *, timeout_sec: float = DECODE_SEC) -> StepReading:
        """Reads the trainee's take as steps of the gold's.

        Raises `errors.Invalid` for empty, unequal or non-finite input and for windows or steps that the takes do not
        have, `errors.Unavailable`.
        """
        return decoder.reading(
            await self._infer(decoder.MODEL, decoder.inputs(takes), decoder.OUTPUTS, timeout_sec=timeout_sec)
        )

    async def _embed_batch(
        self, clips: NDArray[np.uint8], outputs: tuple[str, ...], timeout_sec: float
    ) -> tuple[str, dict[str, FloatArray]]:
        async with self._in_flight:
            result = await self._infer(EMBEDDER, {"FRAMES": clips}, (*outputs, "MODEL"), timeout_sec=timeout_sec)
        labels = {b":".join(row).decode() for row in result["MODEL"]}
        return " and ".join(sorted(labels)), result

    async def _infer(
        self, model: str, arrays: Mapping[str, NDArray[Any]], outputs: tuple[str, ...], *, timeout_sec: float
    ) -> dict[str, NDArray[Any]]:
        if self._regions is None or sum(array.nbytes for array in arrays.values()) < SMALL_BYTES:
            return await self._send(model, [tensors.inline(*item) for item in arrays.items()], outputs, timeout_sec)
        try:
            return await self._infer_shared(self._regions, model, arrays, outputs, timeout_sec)
        except errors.ReelOpsError as error:
            if not calls.is_lost_region(error):
                raise
        return await self._infer_shared(self._regions, model, arrays, outputs, timeout_sec)

    async def _infer_shared(
        self,
        regions: RegionPool,
        model: str,
        arrays: Mapping[str, NDArray[Any]],
        outputs: tuple[str, ...],
        timeout_sec: float,
    ) -> dict[str, NDArray[Any]]:
        large = {name: array for name, array in arrays.items() if array.nbytes >= ALIGNED}
        sizes = [-(-array.nbytes // ALIGNED) * ALIGNED for array in large.values()]
        offsets = dict(zip(large, itertools.accumulate(sizes, initial=0), strict=False))
        async with regions.lend(sum(sizes)) as region:
            for name, array in large.items():
                await asyncio.to_thread(region.write, array, offsets[name])
            inputs = [
                tensors.shared(name, array, region.name, offsets[name])
                if name in large
                else tensors.inline(name, array)
                for name, array in arrays.items()
            ]
            return await self._send(model, inputs, outputs, timeout_sec)

    async def _send(
        self, model: str, inputs: list[Any], outputs: tuple[str, ...], timeout_sec: float
    ) -> dict[str, NDArray[Any]]:
        wanted = [InferRequestedOutput(name) for name in outputs]
        result = await calls.call(
            lambda left: self._triton.infer(model, inputs, outputs=wanted, client_timeout=left),
            timeout_sec=timeout_sec,
        )
        return {name: result.as_numpy(name) for name in outputs}


def _is_local(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    local = host in ("localhost", "::1") or host.startswith("127.") or address.startswith("unix:")
    return local and shared_memory.available()
