"""IngestService: uploads and their jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from reelops import errors
from reelops.api.sopilot.v1 import ingest_service_pb2 as pb
from reelops.api.sopilot.v1 import ingest_service_pb2_grpc
from reelops.core.identity.caller import principal
from reelops.core.library.model import UploadDescription, VideoRole
from reelops.core.library.reembedding import Reembedding
from reelops.core.library.uploads import KIND, Uploads
from reelops.infra.blobs import StagedFile, Staging
from reelops.infra.jobs import Job, JobQueue
from reelops.surfaces.context import Context
from reelops.surfaces.sopilot import convert
from reelops.surfaces.sopilot.forms import Form, read_form


class IngestServicer(ingest_service_pb2_grpc.IngestServiceServicer):
    """Takes videos in."""

    def __init__(self, *, uploads: Uploads, staging: Staging, queue: JobQueue, reembedding: Reembedding) -> None:
        self._uploads = uploads
        self._staging = staging
        self._queue = queue
        self._reembedding = reembedding

    async def UploadVideoForm(
        self, request_iterator: AsyncIterator[httpbody_pb2.HttpBody], context: Context
    ) -> pb.UploadVideoFormResponse:
        job = await self._take_form(request_iterator, role=None)
        return pb.UploadVideoFormResponse(ingest_job_id=job.job_id, status=pb.IngestJob.queued)

    async def UploadGoldForm(
        self, request_iterator: AsyncIterator[httpbody_pb2.HttpBody], context: Context
    ) -> pb.UploadGoldFormResponse:
        job = await self._take_form(request_iterator, role=VideoRole.gold)
        return pb.UploadGoldFormResponse(ingest_job_id=job.job_id, status=pb.IngestJob.queued)

    async def UploadVideo(
        self, request_iterator: AsyncIterator[pb.UploadVideoRequest], context: Context
    ) -> pb.UploadVideoResponse:
        job = await self._take_stream(request_iterator, context)
        return pb.UploadVideoResponse(ingest_job_id=job.job_id, status=pb.IngestJob.queued)

    async def GetIngestJob(self, request: pb.GetIngestJobRequest, context: Context) -> pb.GetIngestJobResponse:
        job = await self._queue.get(request.ingest_job_id)
        if job.kind != KIND:
            raise errors.NotFound("JOB_NOT_FOUND", f"there is no ingest job {request.ingest_job_id}")
        return pb.GetIngestJobResponse(job=convert.ingest_job(job))

    async def ReembedTask(self, request: pb.ReembedTaskRequest, context: Context) -> pb.ReembedTaskResponse:
        job = await self._reembedding.request(request.task_id, by=principal().name)
        return pb.ReembedTaskResponse(job_id=job.job_id)

    async def _take_form(self, chunks: AsyncIterator[httpbody_pb2.HttpBody], *, role: VideoRole | None) -> Job:
        async with self._staging.receive() as staged:
            form = await read_form(chunks, staged)
            return await self._uploads.submit(staged, _described(form, role), by=principal().name)

    async def _take_stream(self, requests: AsyncIterator[pb.UploadVideoRequest], context: Context) -> Job:
        async with self._staging.receive() as staged:
            described: pb.UploadDescription | None = None
            async for request in requests:
                if described is None:
                    if not request.HasField("description"):
                        raise errors.Invalid("STREAM_INVALID", "the first message must hold the description")
                    described = request.description
                elif request.HasField("description"):
                    raise errors.Invalid("STREAM_INVALID", "only the first message may hold a description")
                else:
                    await staged.write(request.chunk)
            if described is None:
                raise errors.Invalid("STREAM_INVALID", "the stream is empty")
            if not staged.size:
                raise errors.Invalid("FILE_MISSING", "the stream has a description and no bytes")
            await _check_whole(staged, described, context)
            return await self._uploads.submit(staged, convert.description(described), by=principal().name)


async def _check_whole(staged: StagedFile, described: pb.UploadDescription, context: Context) -> None:
    """Passes a stream that its caller ended: one that a lost connection ended looks the same at first."""
    await asyncio.sleep(0)
    if context.cancelled():
        raise errors.Cancelled("UPLOAD_CANCELLED", "the caller went away before the upload was complete")
    if described.HasField("size_bytes") and described.size_bytes != staged.size:
        raise errors.Invalid("SIZE_MISMATCH", f"{described.size_bytes} bytes were announced, {staged.size} came")


def _described(form: Form, role: VideoRole | None) -> UploadDescription:
    """Reads a form's fields; empty optional ones count as absent, as browsers send them."""
    if form.filename is None:
        raise errors.Invalid("FILE_MISSING", "the form has no file")
    fields = form.fields
    return UploadDescription(
        task_id=fields.get("task_id", ""),
        role=role or _role(fields.get("role") or VideoRole.trainee.value),
        site_id=fields.get("site_id") or None,
        camera_id=fields.get("camera_id") or None,
        operator_id_hash=fields.get("operator_id_hash") or None,
        filename=form.filename,
        privacy_mask=fields.get("privacy_mask") or None,
        privacy_mode=fields.get("privacy_mode") or "black",
    )


def _role(name: str) -> VideoRole:
    try:
        return VideoRole(name)
    except ValueError:
        raise errors.Invalid("ROLE_INVALID", f"role must be trainee or gold, not {name[:100]!r}") from None
