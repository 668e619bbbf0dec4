"""Puts videos into a library as an ingest would: rows, clips and embeddings."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from reelops.core.library import store
from reelops.core.library.model import ClipRow, Video, VideoRole, embeddings_key
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now

MODEL = "m:1"
CLIP_SEC = 4.0


def make_video(video_id: int, *, task_id: str, num_clips: int, model: str = MODEL, gold: bool = False) -> Video:
    """Makes the row of a video."""
    return Video(
        video_id=video_id, job_id=f"job-{video_id}", task_id=task_id,
        role=VideoRole.gold if gold else VideoRole.trainee, site_id=None, camera_id=None, operator_id_hash=None,
        filename="take.mp4", file_key=f"raw/video_{video_id}.mp4", file_size=1, file_sha256="0" * 64,
        num_clips=num_clips, source_fps=30.0, sampled_fps=4.0, duration_sec=CLIP_SEC * num_clips, width=64, height=48,
        embedding_model=model, requested_by="token:operator", created_at=utc_now(), privacy_mask=None,
        privacy_mode="black",
    )  # fmt: skip


async def film(
    db: Database,
    blobs: BlobStore,
    rows: NDArray[np.float32],
    *,
    task_id: str = "task",
    model: str = MODEL,
    gold: bool = False,
) -> Video:
    """Adds a video whose clips have these raw embeddings."""
    async with db.write() as connection:
        video_id = await store.reserve_video_id(connection)
    await save_embeddings(blobs, video_id, rows, model=model)
    video = make_video(video_id, task_id=task_id, num_clips=len(rows), model=model, gold=gold)
    clips = [ClipRow(n, CLIP_SEC * n, CLIP_SEC * (n + 1), 100.0, 100.0, ()) for n in range(len(rows))]
    async with db.write() as connection:
        await store.insert_video(connection, video, clips)
    return video


async def save_embeddings(blobs: BlobStore, video_id: int, rows: NDArray[np.float32], *, model: str = MODEL) -> None:
    """Writes the embeddings of a video."""
    buffer = io.BytesIO()
    np.save(buffer, rows.astype(np.float32), allow_pickle=False)
    await blobs.put_bytes(embeddings_key(video_id, model), buffer.getvalue())


async def remove(db: Database, blobs: BlobStore, video: Video) -> None:
    """Deletes a video."""
    async with db.write() as connection:
        await store.delete_video(connection, video)
    await blobs.delete([video.embeddings_key])
