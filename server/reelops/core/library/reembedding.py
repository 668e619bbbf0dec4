"""Embedding a task's videos again by the model that is configured now, so that old and new ones can be compared."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library import store
from reelops.core.library.embedding import Embedding
from reelops.core.library.jobs import Accompany, accompaniment, mask_of
from reelops.core.library.model import Video
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database, utc_now
from reelops.infra.jobs import Job, JobContext, JobQueue, NewJob

KIND = "sopilot.reembed"
QUEUE = "ingest"


class Reembedding:
    """Asks for the embedding of a task's videos by the present model."""

    def __init__(self, *, db: Database, queue: JobQueue, audit: Audit) -> None:
        self._db = db
        self._queue = queue
        self._audit = audit

    async def request(self, task_id: str, *, by: str) -> Job:
        """Queues it. Raises `NotFound("TASK_NOT_FOUND")` for a task without videos."""
        if not await store.list_videos(self._db, task_id=task_id, limit=1):
            raise errors.NotFound("TASK_NOT_FOUND", f"the task {task_id} has no videos")
        async with self._db.write() as connection:
            job = await self._queue.enqueue(
                connection,
                NewJob(
                    job_id=f"reembed_{utc_now():%Y%m%d_%H%M%S}_{secrets.token_hex(6)}",
                    kind=KIND,
                    queue=QUEUE,
                    payload={},
                    requested_by=by,
                    task_id=task_id,
                ),
            )
            await self._audit.append(connection, AuditEvent.of_job(job, "reembed", subject=f"task:{task_id}"))
        return job


class ReembedHandler:
    """Changes the videos of a task over to the present model, one after the other, each in one step."""

    def __init__(
        self,
        *,
        db: Database,
        blobs: BlobStore,
        embedding: Embedding,
        audit: Audit,
        accompany: Sequence[Accompany] = (),
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._embedding = embedding
        self._audit = audit
        self._accompany = accompany

    async def __call__(self, ctx: JobContext) -> None:
        task_id = ctx.job.task_id or ""
        model = await self._embedding.model()
        todo = await store.list_of_other_models(self._db, task_id=task_id, model=model.label)
        changed = 0
        for number, video in enumerate(todo):
            await ctx.report(number / len(todo), f"embedding video {video.video_id}")
            changed += await self._change_over(ctx, video)
        async with ctx.finish() as connection:
            ctx.result = {"videos_changed": changed, "embedding_model": model.label}
            await self._audit.append(
                connection,
                AuditEvent.of_job(
                    ctx.job, "reembed", status="completed", subject=f"task:{task_id}", model_name=model.label
                ),
            )

    async def on_failure(self, job: Job) -> None:
        """Says in the trail that it failed; videos that were changed over stay so."""
        await self._audit.record_failure(job, "reembed", subject=f"task:{job.task_id}")

    async def _change_over(self, ctx: JobContext, video: Video) -> bool:
        async with self._blobs.local(video.file_key) as path:
            mask = mask_of(video.privacy_mask, video.privacy_mode)
            embedded = await self._embedding.of_file(ctx, path, mask, role=video.role)
        changed_over = replace(video, embedding_model=embedded.model.label, num_clips=len(embedded.rows))
        for key, data in embedded.blobs(changed_over).items():
            await self._blobs.put_bytes(key, data)
        keeping = await accompaniment(self._accompany, changed_over, embedded)
        async with self._db.write() as connection:
            changed = await store.replace_clips(connection, video, embedded.model.label, embedded.rows)
            for keep in keeping if changed else ():
                await keep(connection)
        await self._delete_unused(video, changed_over)
        return changed

    async def _delete_unused(self, *versions: Video) -> None:
        """Deletes the files of these versions of a video that its row does not name: another job may be as far."""
        present = await store.get_video(self._db, versions[0].video_id)
        used = () if present is None else present.embedding_keys
        await self._blobs.delete([key for one in versions for key in one.embedding_keys if key not in used])
