"""Taking a received file in: it gets a video id and a job, or leaves nothing behind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from reelops import errors
from reelops.core.audit.model import AuditEvent
from reelops.core.audit.service import Audit
from reelops.core.library import store
from reelops.core.library.assets.model import DEFAULT_ORG, Asset
from reelops.core.library.assets.store import insert_asset
from reelops.core.library.assets.videos import awaited
from reelops.core.library.model import UploadDescription, VideoRole, raw_key
from reelops.infra.blobs import BlobStore, StagedFile
from reelops.infra.database import Database
from reelops.infra.jobs import Job, JobQueue, NewJob
from reelops.infra.media import PrivacyMask

KIND = "sopilot.ingest"
QUEUE = "ingest"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOrder:
    """What an ingest job has to do, as its payload keeps it."""

    video_id: int
    file_key: str
    file_size: int
    file_sha256: str
    description: UploadDescription

    def to_payload(self) -> dict[str, Any]:
        """Gives the plain form."""
        described = self.description
        return {
            "video_id": self.video_id,
            "file_key": self.file_key,
            "file_size": self.file_size,
            "file_sha256": self.file_sha256,
            "role": described.role.value,
            "site_id": described.site_id,
            "camera_id": described.camera_id,
            "operator_id_hash": described.operator_id_hash,
            "filename": described.filename,
            "privacy_mask": described.privacy_mask,
            "privacy_mode": described.privacy_mode,
        }

    @classmethod
    def of(cls, job: Job) -> IngestOrder:
        """Reads the payload of an ingest job."""
        plain = job.payload
        return cls(
            video_id=plain["video_id"],
            file_key=plain["file_key"],
            file_size=plain["file_size"],
            file_sha256=plain["file_sha256"],
            description=UploadDescription(
                task_id=job.task_id or "",
                role=VideoRole(plain["role"]),
                site_id=plain["site_id"],
                camera_id=plain["camera_id"],
                operator_id_hash=plain["operator_id_hash"],
                filename=plain["filename"],
                privacy_mask=plain["privacy_mask"],
                privacy_mode=plain["privacy_mode"],
            ),
        )


class Uploads:
    """Turns received files into ingest jobs. Their assets belong to the organisation `org_id`."""

    def __init__(
        self, *, db: Database, blobs: BlobStore, queue: JobQueue, audit: Audit, org_id: str = DEFAULT_ORG
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._queue = queue
        self._audit = audit
        self._org_id = org_id

    async def submit(self, staged: StagedFile, description: UploadDescription, *, by: str) -> Job:
        """Queues the ingest of a file that was received whole.

        The file is in its place before the job can be seen. Raises `Invalid` for an empty file or a wrong description.
        """
        description = description.checked()
        if staged.size == 0:
            raise errors.Invalid("FILE_EMPTY", "the file is empty")
        if description.privacy_mask is not None:
            PrivacyMask.parse(description.privacy_mask, mode=description.privacy_mode)
        await staged.close()
        async with self._db.write() as connection:
            video_id = await store.reserve_video_id(connection)
        order = IngestOrder(
            video_id=video_id,
            file_key=raw_key(video_id, description.filename),
            file_size=staged.size,
            file_sha256=staged.sha256,
            description=description,
        )
        await self._blobs.put_file(order.file_key, staged.path)
        queued = asyncio.ensure_future(self._enqueue(order, by=by))
        try:
            # A caller who leaves now must not part the job from its file: the transaction may be through already.
            return await asyncio.shield(queued)
        except asyncio.CancelledError:
            await asyncio.wait([queued])
            if queued.exception() is not None:
                await self._blobs.delete([order.file_key])
            raise
        except Exception:
            await self._blobs.delete([order.file_key])
            raise

    async def _enqueue(self, order: IngestOrder, *, by: str) -> Job:
        async with self._db.write() as connection:
            job = await self._queue.enqueue(
                connection,
                NewJob(
                    job_id=str(uuid4()),
                    kind=KIND,
                    queue=QUEUE,
                    payload=order.to_payload(),
                    requested_by=by,
                    task_id=order.description.task_id,
                ),
            )
            await insert_asset(connection, self._asset(order, job))
            await self._audit.append(connection, AuditEvent.of_job(job, "ingest", subject=f"video:{order.video_id}"))
        return job

    def _asset(self, order: IngestOrder, job: Job) -> Asset:
        return awaited(
            video_id=order.video_id,
            job_id=job.job_id,
            filename=order.description.filename,
            file_key=order.file_key,
            size_bytes=order.file_size,
            sha256=order.file_sha256,
            org_id=self._org_id,
        )
