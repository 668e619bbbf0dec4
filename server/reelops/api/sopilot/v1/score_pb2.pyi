import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reelops.api.edge.v1 import edge_pb2 as _edge_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScoreJob(_message.Message):
    __slots__ = ("score_job_id", "status", "gold_video_id", "trainee_video_id", "requested_by", "score", "error_message", "queued_at", "started_at", "finished_at", "result")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        unspecified: _ClassVar[ScoreJob.Status]
        queued: _ClassVar[ScoreJob.Status]
        running: _ClassVar[ScoreJob.Status]
        completed: _ClassVar[ScoreJob.Status]
        failed: _ClassVar[ScoreJob.Status]
    unspecified: ScoreJob.Status
    queued: ScoreJob.Status
    running: ScoreJob.Status
    completed: ScoreJob.Status
    failed: ScoreJob.Status
    SCORE_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    GOLD_VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    TRAINEE_VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    score_job_id: str
    status: ScoreJob.Status
    gold_video_id: int
    trainee_video_id: int
    requested_by: str
    score: float
    error_message: str
    queued_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    finished_at: _timestamp_pb2.Timestamp
    result: ScoreResult
    def __init__(self, score_job_id: _Optional[str] = ..., status: _Optional[_Union[ScoreJob.Status, str]] = ..., gold_video_id: _Optional[int] = ..., trainee_video_id: _Optional[int] = ..., requested_by: _Optional[str] = ..., score: _Optional[float] = ..., error_message: _Optional[str] = ..., queued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., result: _Optional[_Union[ScoreResult, _Mapping]] = ...) -> None: ...

class ScoreResult(_message.Message):
    __slots__ = ("score", "metrics", "step_boundaries", "deviations", "alignment_preview", "clip_count", "step_map_preview", "profile", "embedding_model", "adapter_version", "penalties")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    STEP_BOUNDARIES_FIELD_NUMBER: _ClassVar[int]
    DEVIATIONS_FIELD_NUMBER: _ClassVar[int]
    ALIGNMENT_PREVIEW_FIELD_NUMBER: _ClassVar[int]
    CLIP_COUNT_FIELD_NUMBER: _ClassVar[int]
    STEP_MAP_PREVIEW_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_MODEL_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    PENALTIES_FIELD_NUMBER: _ClassVar[int]
    score: float
    metrics: ScoreMetrics
    step_boundaries: StepBoundaries
    deviations: _containers.RepeatedCompositeFieldContainer[Deviation]
    alignment_preview: _containers.RepeatedCompositeFieldContainer[AlignedPair]
    clip_count: ClipCount
    step_map_preview: StepMap
    profile: str
    embedding_model: str
    adapter_version: str
    penalties: _containers.RepeatedCompositeFieldContainer[Penalty]
    def __init__(self, score: _Optional[float] = ..., metrics: _Optional[_Union[ScoreMetrics, _Mapping]] = ..., step_boundaries: _Optional[_Union[StepBoundaries, _Mapping]] = ..., deviations: _Optional[_Iterable[_Union[Deviation, _Mapping]]] = ..., alignment_preview: _Optional[_Iterable[_Union[AlignedPair, _Mapping]]] = ..., clip_count: _Optional[_Union[ClipCount, _Mapping]] = ..., step_map_preview: _Optional[_Union[StepMap, _Mapping]] = ..., profile: _Optional[str] = ..., embedding_model: _Optional[str] = ..., adapter_version: _Optional[str] = ..., penalties: _Optional[_Iterable[_Union[Penalty, _Mapping]]] = ...) -> None: ...

class ScoreMetrics(_message.Message):
    __slots__ = ("miss", "swap", "deviation", "over_time", "temporal_warp", "path_stretch", "duplicate_ratio", "order_violation_ratio", "temporal_drift", "confidence_loss", "local_similarity_gap", "adaptive_low_similarity_threshold", "effective_low_similarity_threshold", "hard_miss_ratio", "mean_alignment_cost")
    MISS_FIELD_NUMBER: _ClassVar[int]
    SWAP_FIELD_NUMBER: _ClassVar[int]
    DEVIATION_FIELD_NUMBER: _ClassVar[int]
    OVER_TIME_FIELD_NUMBER: _ClassVar[int]
    TEMPORAL_WARP_FIELD_NUMBER: _ClassVar[int]
    PATH_STRETCH_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_RATIO_FIELD_NUMBER: _ClassVar[int]
    ORDER_VIOLATION_RATIO_FIELD_NUMBER: _ClassVar[int]
    TEMPORAL_DRIFT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_LOSS_FIELD_NUMBER: _ClassVar[int]
    LOCAL_SIMILARITY_GAP_FIELD_NUMBER: _ClassVar[int]
    ADAPTIVE_LOW_SIMILARITY_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_LOW_SIMILARITY_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    HARD_MISS_RATIO_FIELD_NUMBER: _ClassVar[int]
    MEAN_ALIGNMENT_COST_FIELD_NUMBER: _ClassVar[int]
    miss: int
    swap: int
    deviation: float
    over_time: float
    temporal_warp: float
    path_stretch: float
    duplicate_ratio: float
    order_violation_ratio: float
    temporal_drift: float
    confidence_loss: float
    local_similarity_gap: float
    adaptive_low_similarity_threshold: float
    effective_low_similarity_threshold: float
    hard_miss_ratio: float
    mean_alignment_cost: float
    def __init__(self, miss: _Optional[int] = ..., swap: _Optional[int] = ..., deviation: _Optional[float] = ..., over_time: _Optional[float] = ..., temporal_warp: _Optional[float] = ..., path_stretch: _Optional[float] = ..., duplicate_ratio: _Optional[float] = ..., order_violation_ratio: _Optional[float] = ..., temporal_drift: _Optional[float] = ..., confidence_loss: _Optional[float] = ..., local_similarity_gap: _Optional[float] = ..., adaptive_low_similarity_threshold: _Optional[float] = ..., effective_low_similarity_threshold: _Optional[float] = ..., hard_miss_ratio: _Optional[float] = ..., mean_alignment_cost: _Optional[float] = ...) -> None: ...

class StepBoundaries(_message.Message):
    __slots__ = ("gold", "trainee")
    GOLD_FIELD_NUMBER: _ClassVar[int]
    TRAINEE_FIELD_NUMBER: _ClassVar[int]
    gold: _containers.RepeatedScalarFieldContainer[int]
    trainee: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, gold: _Optional[_Iterable[int]] = ..., trainee: _Optional[_Iterable[int]] = ...) -> None: ...

class TimeRange(_message.Message):
    __slots__ = ("start_sec", "end_sec")
    START_SEC_FIELD_NUMBER: _ClassVar[int]
    END_SEC_FIELD_NUMBER: _ClassVar[int]
    start_sec: float
    end_sec: float
    def __init__(self, start_sec: _Optional[float] = ..., end_sec: _Optional[float] = ...) -> None: ...

class Deviation(_message.Message):
    __slots__ = ("type", "gold_step", "gold_time", "trainee_time", "confidence", "reason")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        unspecified: _ClassVar[Deviation.Type]
        step_missing: _ClassVar[Deviation.Type]
        order_swap: _ClassVar[Deviation.Type]
        execution_deviation: _ClassVar[Deviation.Type]
        step_repeated: _ClassVar[Deviation.Type]
        extra_step: _ClassVar[Deviation.Type]
        over_time: _ClassVar[Deviation.Type]
    unspecified: Deviation.Type
    step_missing: Deviation.Type
    order_swap: Deviation.Type
    execution_deviation: Deviation.Type
    step_repeated: Deviation.Type
    extra_step: Deviation.Type
    over_time: Deviation.Type
    TYPE_FIELD_NUMBER: _ClassVar[int]
    GOLD_STEP_FIELD_NUMBER: _ClassVar[int]
    GOLD_TIME_FIELD_NUMBER: _ClassVar[int]
    TRAINEE_TIME_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    type: Deviation.Type
    gold_step: int
    gold_time: TimeRange
    trainee_time: TimeRange
    confidence: float
    reason: str
    def __init__(self, type: _Optional[_Union[Deviation.Type, str]] = ..., gold_step: _Optional[int] = ..., gold_time: _Optional[_Union[TimeRange, _Mapping]] = ..., trainee_time: _Optional[_Union[TimeRange, _Mapping]] = ..., confidence: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...

class AlignedPair(_message.Message):
    __slots__ = ("gold_clip", "trainee_clip", "similarity")
    GOLD_CLIP_FIELD_NUMBER: _ClassVar[int]
    TRAINEE_CLIP_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    gold_clip: int
    trainee_clip: int
    similarity: float
    def __init__(self, gold_clip: _Optional[int] = ..., trainee_clip: _Optional[int] = ..., similarity: _Optional[float] = ...) -> None: ...

class ClipCount(_message.Message):
    __slots__ = ("gold", "trainee")
    GOLD_FIELD_NUMBER: _ClassVar[int]
    TRAINEE_FIELD_NUMBER: _ClassVar[int]
    gold: int
    trainee: int
    def __init__(self, gold: _Optional[int] = ..., trainee: _Optional[int] = ...) -> None: ...

class StepMap(_message.Message):
    __slots__ = ("gold", "trainee")
    GOLD_FIELD_NUMBER: _ClassVar[int]
    TRAINEE_FIELD_NUMBER: _ClassVar[int]
    gold: _containers.RepeatedScalarFieldContainer[int]
    trainee: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, gold: _Optional[_Iterable[int]] = ..., trainee: _Optional[_Iterable[int]] = ...) -> None: ...

class Penalty(_message.Message):
    __slots__ = ("name", "points", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    points: float
    reason: str
    def __init__(self, name: _Optional[str] = ..., points: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...
