"""The training job: learns mean and variance of all embeddings and swaps the index version."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library.model import embeddings_key
from reelops.core.training import adapters, store
from reelops.core.training.adapters import Adapter
from reelops.core.training.model import adapter_key, completed_result, skipped_result
from reelops.core.training.moments import RunningMoments
from reelops.errors import Conflict, NotFound
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext

_LEARNING = 0.8
_log = logging.getLogger(__name__)


Report = Callable[[float, str], Awaitable[None]]
"""Told how far the building is, 0 to 1, and what it does; raises when the work is wanted no more."""


class IndexBuilder(Protocol):
    """Prepares what searching with a new adapter needs, so that the swap makes nobody wait."""

    async def prepare(self, embedding_model: str, adapter: Adapter, report: Report) -> None: ...

    async def discard(self, adapter_version: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a training learnt, and from which videos."""

    moments: RunningMoments
    used: Sequence[store.Source]
    learnt_until: datetime


class TrainingHandler:
    """Fits the adapter. Runs in a worker; nothing that it does is seen before its last transaction."""

    def __init__(self, *, db: Database, blobs: BlobStore, audit: Audit, index: IndexBuilder | None = None) -> None:
        self._db = db
        self._blobs = blobs
        self._audit = audit
        self._index = index

    async def __call__(self, ctx: JobContext) -> None:
        model = await store.present_model(self._db)
        if model is None:
            return await self._skip(ctx, new_videos=0)
        version = await store.active_version(self._db, model)
        since = version.learnt_until if version is not None else None
        new_videos = await store.count_new(self._db, model, since=since)
        if new_videos < ctx.job.payload["min_new_videos"]:
            return await self._skip(ctx, new_videos=new_videos)
        learnt = await self._learn(ctx, model)
        if learnt is None:
            return await self._skip(ctx, new_videos=0)
        await self._build(ctx, model, learnt)
        old = version.number if version is not None else store.FIRST_NUMBER
        return await self._swap(ctx, model, learnt, old_version=store.label_of(old))

    async def on_failure(self, job: Job) -> None:
        """Removes the adapter that will never be used, and says so in the trail."""
        if not await store.is_used(self._db, job.job_id):
            await self._blobs.delete([adapter_key(job.job_id)])
            if self._index is not None:
                await self._index.discard(job.job_id)
        await self._audit.record_failure(job, "training")

    async def _learn(self, ctx: JobContext, model: str) -> Learnt | None:
        learnt_until = utc_now()
        sources = await store.list_sources(self._db, model)
        moments: RunningMoments | None = None
        used: list[store.Source] = []
        for number, source in enumerate(sources):
            await ctx.report(_LEARNING * number / len(sources), f"learning from video {source.video_id}")
            rows = await self._read(source.video_id, model)
            if rows is None or not len(rows):
                continue
            moments = moments or RunningMoments(rows.shape[1])
            if rows.shape[1] != len(moments.mean):
                raise Conflict("EMBEDDING_MISMATCH", f"Video {source.video_id} has embeddings of another length.")
            await asyncio.to_thread(moments.add, rows)
            used.append(source)
        return None if moments is None else Learnt(moments=moments, used=used, learnt_until=learnt_until)

    async def _read(self, video_id: int, model: str) -> NDArray[np.float32] | None:
        try:
            data = await self._blobs.get_bytes(embeddings_key(video_id, model))
            rows = np.asarray(np.load(io.BytesIO(data), allow_pickle=False), dtype=np.float32)
        except NotFound:
            return None  # deleted meanwhile
        except (ValueError, EOFError, OSError):
            _log.warning("the embeddings of video %s are damaged", video_id)
            return None
        return rows if rows.ndim == 2 and np.isfinite(rows).all() else None

    async def _build(self, ctx: JobContext, model: str, learnt: Learnt) -> None:
        data = adapters.pack(learnt.moments.mean, learnt.moments.variance)
        await self._blobs.put_bytes(adapter_key(ctx.job.job_id), data)
        if self._index is not None:
            adapter = adapters.unpack(data, version=ctx.job.job_id, embedding_model=model)
            await self._index.prepare(
                model, adapter, lambda share, stage: ctx.report(_LEARNING + (1 - _LEARNING) * share, stage)
            )

    async def _swap(self, ctx: JobContext, model: str, learnt: Learnt, *, old_version: str) -> None:
        job, clips_used = ctx.job, learnt.moments.count
        async with ctx.finish() as connection:
            version = await store.swap(
                connection,
                embedding_model=model,
                adapter_version=job.job_id,
                adapter_key=adapter_key(job.job_id),
                videos_used=len(learnt.used),
                clips_used=clips_used,
                learnt_until=learnt.learnt_until,
                at=utc_now(),
            )
            ctx.result = completed_result(
                adapter_path=self._blobs.describe(adapter_key(job.job_id)),
                videos_used=len(learnt.used),
                clips_used=clips_used,
                embedding_dim=len(learnt.moments.mean),
                old_version=old_version,
                new_version=version.label,
                task_ids=(source.task_id for source in learnt.used),
            )
            facts = {"index_version": version.label, "videos_used": len(learnt.used), "clips_used": clips_used}
            await self._audit.append(
                connection, AuditEvent.of_job(job, "training", status="completed", model_name=model, facts=facts)
            )

    async def _skip(self, ctx: JobContext, *, new_videos: int) -> None:
        minimum = ctx.job.payload["min_new_videos"]
        async with ctx.finish() as connection:
            ctx.result = skipped_result(new_videos=new_videos, min_new_videos=minimum)
            facts = {"min_new_videos": minimum, "new_videos": new_videos}
            await self._audit.append(connection, AuditEvent.of_job(ctx.job, "training", status="skipped", facts=facts))
