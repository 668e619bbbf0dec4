"""Turns video files into embeddings: decode, sample, embed, a few clips at a time."""

from __future__ import annotations

import asyncio
import io
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelops import errors
from reelops.core.library.model import ClipRow, CloseLook, Video, VideoRole
from reelops.infra.inference import EmbedderInfo, InferenceClient, Seen
from reelops.infra.jobs import JobContext
from reelops.infra.media import (
    Clip,
    ClipGeometry,
    MediaInfo,
    MediaLimits,
    PrivacyMask,
    plan_sampling,
    probe,
    read_clips,
)
from reelops.infra.metrics import EMBEDDING_SECONDS

BATCH = 8
LONGEST_CLOSE_LOOK_SEC = 1200.0  # videos of steps of a few seconds are no longer


@dataclass(frozen=True, slots=True)
class Embedded:
    """What came out of a file: its clips and their raw embeddings, float32 (clips, dimensions).

    `glimpses` are what is seen at single frames, float16 (clips, frames, channels, cells), and `close_look` is a second
    look, both where they were asked for and the embedder tells single frames.
    """

    info: MediaInfo
    rows: tuple[ClipRow, ...]
    embeddings: NDArray[np.float32]
    model: EmbedderInfo
    glimpses: NDArray[np.float16] | None = None
    close_look: CloseLook | None = None

    def blobs(self, video: Video) -> dict[str, bytes]:
        """Gives the files that are kept of it, by their keys."""
        files = {video.embeddings_key: packed(self.embeddings)}
        if self.glimpses is not None:
            files[video.glimpses_key] = packed(self.glimpses)
        if self.close_look is not None:
            files[video.close_look_key] = packed_look(self.close_look)
        return files


class Embedding:
    """Reads a video file and embeds its clips, a few at a time: memory does not grow with the video's length."""

    def __init__(self, *, inference: InferenceClient, limits: MediaLimits) -> None:
        self._inference = inference
        self._limits = limits

    async def model(self) -> EmbedderInfo:
        """Says which model embeds now."""
        return await self._inference.embedder()

    async def of_file(self, ctx: JobContext, path: Path, mask: PrivacyMask | None, *, role: VideoRole) -> Embedded:
        """Embeds one file; a gold video is looked at closely too, and single frames of it.

        Raises `Invalid` for a file that is no video, `Unavailable` while Triton is away.
        """
        model = await self._inference.embedder()
        gold = role is VideoRole.gold
        asked = model if gold else replace(model, glimpses=None)
        info = await asyncio.to_thread(probe, path, limits=self._limits)
        progress: deque[float] = deque([0.0], maxlen=1)
        clips = read_clips(
            path,
            ClipGeometry(*model.geometry),
            limits=self._limits,
            mask=mask,
            on_progress=progress.append,
            cancelled=ctx.must_stop,
        )
        rows: list[ClipRow] = []
        parts: list[Seen] = []
        started = time.perf_counter()
        async for batch, seen in self._seen(clips, asked):
            await ctx.report(0.95 * progress[-1], "reading and embedding")
            parts.append(seen)
            rows += [_row(clip) for clip in batch]
        EMBEDDING_SECONDS.labels(embedder=model.label).observe(time.perf_counter() - started)
        if not rows:
            raise errors.Invalid("VIDEO_EMPTY", "the video has no frames")
        embeddings = np.concatenate([part.embeddings for part in parts])
        close = None
        if gold and worth_a_close_look(model, source_fps=info.source_fps, duration_sec=rows[-1].end_sec):
            await ctx.report(0.95, "looking closely")
            close = await self.closely(path, mask, model=model, cancelled=ctx.must_stop)
        return Embedded(info, tuple(rows), embeddings, model, _glimpses(parts), close)

    async def closely(
        self, path: Path, mask: PrivacyMask | None, *, model: EmbedderInfo, cancelled: Callable[[], bool]
    ) -> CloseLook:
        """Looks at a file twice as often as usual; single frames are told where `model` has them.

        Raises as `of_file` does, and `Conflict` where `model` is no longer the one that embeds.
        """
        geometry = ClipGeometry(*model.geometry)
        clips = read_clips(path, geometry, limits=self._limits, mask=mask, cancelled=cancelled, closely=True)
        times: list[tuple[float, float]] = []
        parts: list[Seen] = []
        async for batch, seen in self._seen(clips, model):
            parts.append(seen)
            times += [(clip.start_sec, clip.end_sec) for clip in batch]
        return CloseLook(np.concatenate([part.embeddings for part in parts]), np.array(times), _glimpses(parts))

    async def _seen(self, clips: Iterator[Clip], embedder: EmbedderInfo) -> AsyncIterator[tuple[list[Clip], Seen]]:
        """Embeds clips as they are read, batch after batch."""
        async for batch in _batches(clips):
            yield batch, await self._inference.see(np.stack([clip.frames for clip in batch]), embedder=embedder)


def worth_a_close_look(model: EmbedderInfo, *, source_fps: float, duration_sec: float) -> bool:
    """Says whether more can be seen by looking closely: there are frames enough, and the embedder tells short windows.

    A long video is looked at as usual only.
    """
    enough = plan_sampling(source_fps, closely=True).stride >= 1
    return model.glimpses is not None and enough and duration_sec <= LONGEST_CLOSE_LOOK_SEC


def packed(array: NDArray[np.floating]) -> bytes:
    """Gives the bytes of an .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def packed_look(look: CloseLook) -> bytes:
    """Gives the bytes of an .npz file."""
    buffer = io.BytesIO()
    glimpses = {} if look.glimpses is None else {"glimpses": look.glimpses}
    np.savez(buffer, allow_pickle=False, embeddings=look.embeddings, times=look.times, **glimpses)
    return buffer.getvalue()


def _glimpses(parts: Sequence[Seen]) -> NDArray[np.float16] | None:
    """Gives them as they are kept: what is found with them now is found again with them later."""
    seen = [part.glimpses.astype(np.float16) for part in parts if part.glimpses is not None]
    return np.concatenate(seen) if seen else None


def _row(clip: Clip) -> ClipRow:
    return ClipRow(clip.index, clip.start_sec, clip.end_sec, clip.mean_luma, clip.sharpness, clip.flags)


async def _batches(clips: Iterator[Clip]) -> AsyncIterator[list[Clip]]:
    """Reads batches in a thread, one ahead of the batch that is being embedded."""
    pending = asyncio.create_task(asyncio.to_thread(_take, clips))
    try:
        while batch := await pending:
            pending = asyncio.create_task(asyncio.to_thread(_take, clips))
            yield batch
    finally:
        # The generator must not be closed while a thread is inside it.
        await asyncio.wait([pending])
        close = getattr(clips, "close", None)
        if close is not None:
            await asyncio.to_thread(close)


def _take(clips: Iterator[Clip]) -> list[Clip]:
    return list(islice(clips, BATCH))
