import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reelops.api.edge.v1 import edge_pb2 as _edge_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TrainingJob(_message.Message):
    __slots__ = ("training_job_id", "trigger", "status", "requested_by", "error_message", "queued_at", "started_at", "finished_at", "result")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        unspecified: _ClassVar[TrainingJob.Status]
        queued: _ClassVar[TrainingJob.Status]
        running: _ClassVar[TrainingJob.Status]
        completed: _ClassVar[TrainingJob.Status]
        failed: _ClassVar[TrainingJob.Status]
        skipped: _ClassVar[TrainingJob.Status]
    unspecified: TrainingJob.Status
    queued: TrainingJob.Status
    running: TrainingJob.Status
    completed: TrainingJob.Status
    failed: TrainingJob.Status
    skipped: TrainingJob.Status
    TRAINING_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    training_job_id: str
    trigger: str
    status: TrainingJob.Status
    requested_by: str
    error_message: str
    queued_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    finished_at: _timestamp_pb2.Timestamp
    result: TrainingResult
    def __init__(self, training_job_id: _Optional[str] = ..., trigger: _Optional[str] = ..., status: _Optional[_Union[TrainingJob.Status, str]] = ..., requested_by: _Optional[str] = ..., error_message: _Optional[str] = ..., queued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., result: _Optional[_Union[TrainingResult, _Mapping]] = ...) -> None: ...

class TrainingResult(_message.Message):
    __slots__ = ("status", "mode", "adapter_path", "videos_used", "clips_used", "embedding_dim", "reindex", "reason", "min_new_videos", "new_videos")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_PATH_FIELD_NUMBER: _ClassVar[int]
    VIDEOS_USED_FIELD_NUMBER: _ClassVar[int]
    CLIPS_USED_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_DIM_FIELD_NUMBER: _ClassVar[int]
    REINDEX_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MIN_NEW_VIDEOS_FIELD_NUMBER: _ClassVar[int]
    NEW_VIDEOS_FIELD_NUMBER: _ClassVar[int]
    status: str
    mode: str
    adapter_path: str
    videos_used: int
    clips_used: int
    embedding_dim: int
    reindex: Reindex
    reason: str
    min_new_videos: int
    new_videos: int
    def __init__(self, status: _Optional[str] = ..., mode: _Optional[str] = ..., adapter_path: _Optional[str] = ..., videos_used: _Optional[int] = ..., clips_used: _Optional[int] = ..., embedding_dim: _Optional[int] = ..., reindex: _Optional[_Union[Reindex, _Mapping]] = ..., reason: _Optional[str] = ..., min_new_videos: _Optional[int] = ..., new_videos: _Optional[int] = ...) -> None: ...

class Reindex(_message.Message):
    __slots__ = ("old_index_version", "new_index_version", "videos_refreshed", "clips_indexed", "tasks_touched")
    OLD_INDEX_VERSION_FIELD_NUMBER: _ClassVar[int]
    NEW_INDEX_VERSION_FIELD_NUMBER: _ClassVar[int]
    VIDEOS_REFRESHED_FIELD_NUMBER: _ClassVar[int]
    CLIPS_INDEXED_FIELD_NUMBER: _ClassVar[int]
    TASKS_TOUCHED_FIELD_NUMBER: _ClassVar[int]
    old_index_version: str
    new_index_version: str
    videos_refreshed: int
    clips_indexed: int
    tasks_touched: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, old_index_version: _Optional[str] = ..., new_index_version: _Optional[str] = ..., videos_refreshed: _Optional[int] = ..., clips_indexed: _Optional[int] = ..., tasks_touched: _Optional[_Iterable[str]] = ...) -> None: ...

class TrainNightlyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TrainNightlyResponse(_message.Message):
    __slots__ = ("training_job_id", "status", "trigger")
    TRAINING_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    training_job_id: str
    status: TrainingJob.Status
    trigger: str
    def __init__(self, training_job_id: _Optional[str] = ..., status: _Optional[_Union[TrainingJob.Status, str]] = ..., trigger: _Optional[str] = ...) -> None: ...

class GetTrainingJobRequest(_message.Message):
    __slots__ = ("training_job_id",)
    TRAINING_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    training_job_id: str
    def __init__(self, training_job_id: _Optional[str] = ...) -> None: ...

class GetTrainingJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: TrainingJob
    def __init__(self, job: _Optional[_Union[TrainingJob, _Mapping]] = ...) -> None: ...

class GetNightlyStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetNightlyStatusResponse(_message.Message):
    __slots__ = ("enabled", "next_run_local", "hour_local", "min_new_videos")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    NEXT_RUN_LOCAL_FIELD_NUMBER: _ClassVar[int]
    HOUR_LOCAL_FIELD_NUMBER: _ClassVar[int]
    MIN_NEW_VIDEOS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    next_run_local: str
    hour_local: int
    min_new_videos: int
    def __init__(self, enabled: _Optional[bool] = ..., next_run_local: _Optional[str] = ..., hour_local: _Optional[int] = ..., min_new_videos: _Optional[int] = ...) -> None: ...
