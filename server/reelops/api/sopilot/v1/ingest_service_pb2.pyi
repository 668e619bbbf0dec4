import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reelops.api.edge.v1 import edge_pb2 as _edge_pb2
from reelops.api.sopilot.v1 import video_pb2 as _video_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IngestJob(_message.Message):
    __slots__ = ("ingest_job_id", "status", "task_id", "role", "requested_by", "video_id", "num_clips", "source_fps", "sampled_fps", "embedding_model", "error_message", "queued_at", "started_at", "finished_at")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        unspecified: _ClassVar[IngestJob.Status]
        queued: _ClassVar[IngestJob.Status]
        running: _ClassVar[IngestJob.Status]
        completed: _ClassVar[IngestJob.Status]
        failed: _ClassVar[IngestJob.Status]
    unspecified: IngestJob.Status
    queued: IngestJob.Status
    running: IngestJob.Status
    completed: IngestJob.Status
    failed: IngestJob.Status
    INGEST_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    NUM_CLIPS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FPS_FIELD_NUMBER: _ClassVar[int]
    SAMPLED_FPS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_MODEL_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    ingest_job_id: str
    status: IngestJob.Status
    task_id: str
    role: _video_pb2.Video.Role
    requested_by: str
    video_id: int
    num_clips: int
    source_fps: float
    sampled_fps: float
    embedding_model: str
    error_message: str
    queued_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    finished_at: _timestamp_pb2.Timestamp
    def __init__(self, ingest_job_id: _Optional[str] = ..., status: _Optional[_Union[IngestJob.Status, str]] = ..., task_id: _Optional[str] = ..., role: _Optional[_Union[_video_pb2.Video.Role, str]] = ..., requested_by: _Optional[str] = ..., video_id: _Optional[int] = ..., num_clips: _Optional[int] = ..., source_fps: _Optional[float] = ..., sampled_fps: _Optional[float] = ..., embedding_model: _Optional[str] = ..., error_message: _Optional[str] = ..., queued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UploadVideoFormResponse(_message.Message):
    __slots__ = ("ingest_job_id", "status")
    INGEST_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ingest_job_id: str
    status: IngestJob.Status
    def __init__(self, ingest_job_id: _Optional[str] = ..., status: _Optional[_Union[IngestJob.Status, str]] = ...) -> None: ...

class UploadGoldFormResponse(_message.Message):
    __slots__ = ("ingest_job_id", "status")
    INGEST_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ingest_job_id: str
    status: IngestJob.Status
    def __init__(self, ingest_job_id: _Optional[str] = ..., status: _Optional[_Union[IngestJob.Status, str]] = ...) -> None: ...

class UploadDescription(_message.Message):
    __slots__ = ("task_id", "role", "site_id", "camera_id", "operator_id_hash", "filename", "privacy_mask", "privacy_mode")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SITE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMERA_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_ID_HASH_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    PRIVACY_MASK_FIELD_NUMBER: _ClassVar[int]
    PRIVACY_MODE_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    role: _video_pb2.Video.Role
    site_id: str
    camera_id: str
    operator_id_hash: str
    filename: str
    privacy_mask: str
    privacy_mode: str
    def __init__(self, task_id: _Optional[str] = ..., role: _Optional[_Union[_video_pb2.Video.Role, str]] = ..., site_id: _Optional[str] = ..., camera_id: _Optional[str] = ..., operator_id_hash: _Optional[str] = ..., filename: _Optional[str] = ..., privacy_mask: _Optional[str] = ..., privacy_mode: _Optional[str] = ...) -> None: ...

class UploadVideoRequest(_message.Message):
    __slots__ = ("description", "chunk")
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    description: UploadDescription
    chunk: bytes
    def __init__(self, description: _Optional[_Union[UploadDescription, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class UploadVideoResponse(_message.Message):
    __slots__ = ("ingest_job_id", "status")
    INGEST_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ingest_job_id: str
    status: IngestJob.Status
    def __init__(self, ingest_job_id: _Optional[str] = ..., status: _Optional[_Union[IngestJob.Status, str]] = ...) -> None: ...

class GetIngestJobRequest(_message.Message):
    __slots__ = ("ingest_job_id",)
    INGEST_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ingest_job_id: str
    def __init__(self, ingest_job_id: _Optional[str] = ...) -> None: ...

class GetIngestJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: IngestJob
    def __init__(self, job: _Optional[_Union[IngestJob, _Mapping]] = ...) -> None: ...

class ReembedTaskRequest(_message.Message):
    __slots__ = ("task_id",)
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    def __init__(self, task_id: _Optional[str] = ...) -> None: ...

class ReembedTaskResponse(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...
