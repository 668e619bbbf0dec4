import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reelops.api.edge.v1 import edge_pb2 as _edge_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetQueueMetricsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetQueueMetricsResponse(_message.Message):
    __slots__ = ("generated_at", "runtime_mode", "queue", "jobs")
    GENERATED_AT_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_MODE_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    JOBS_FIELD_NUMBER: _ClassVar[int]
    generated_at: _timestamp_pb2.Timestamp
    runtime_mode: str
    queue: QueueBackend
    jobs: JobStatistics
    def __init__(self, generated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., runtime_mode: _Optional[str] = ..., queue: _Optional[_Union[QueueBackend, _Mapping]] = ..., jobs: _Optional[_Union[JobStatistics, _Mapping]] = ...) -> None: ...

class QueueBackend(_message.Message):
    __slots__ = ("backend", "redis_ok", "error", "queues")
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    REDIS_OK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    backend: str
    redis_ok: bool
    error: str
    queues: _containers.RepeatedCompositeFieldContainer[Queue]
    def __init__(self, backend: _Optional[str] = ..., redis_ok: _Optional[bool] = ..., error: _Optional[str] = ..., queues: _Optional[_Iterable[_Union[Queue, _Mapping]]] = ...) -> None: ...

class Queue(_message.Message):
    __slots__ = ("key", "name", "queued", "started", "failed", "finished", "deferred", "scheduled")
    KEY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    DEFERRED_FIELD_NUMBER: _ClassVar[int]
    SCHEDULED_FIELD_NUMBER: _ClassVar[int]
    key: str
    name: str
    queued: int
    started: int
    failed: int
    finished: int
    deferred: int
    scheduled: int
    def __init__(self, key: _Optional[str] = ..., name: _Optional[str] = ..., queued: _Optional[int] = ..., started: _Optional[int] = ..., failed: _Optional[int] = ..., finished: _Optional[int] = ..., deferred: _Optional[int] = ..., scheduled: _Optional[int] = ...) -> None: ...

class JobStatistics(_message.Message):
    __slots__ = ("ingest", "score", "training")
    INGEST_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    ingest: JobCounts
    score: JobCounts
    training: JobCounts
    def __init__(self, ingest: _Optional[_Union[JobCounts, _Mapping]] = ..., score: _Optional[_Union[JobCounts, _Mapping]] = ..., training: _Optional[_Union[JobCounts, _Mapping]] = ...) -> None: ...

class JobCounts(_message.Message):
    __slots__ = ("queued", "running", "completed", "failed")
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    queued: int
    running: int
    completed: int
    failed: int
    def __init__(self, queued: _Optional[int] = ..., running: _Optional[int] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ...) -> None: ...
