from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from reelops.api.edge.v1 import edge_pb2 as _edge_pb2
from reelops.api.sopilot.v1 import score_pb2 as _score_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateScoreRequest(_message.Message):
    __slots__ = ("gold_video_id", "trainee_video_id", "scoring_profile")
    GOLD_VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    TRAINEE_VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    SCORING_PROFILE_FIELD_NUMBER: _ClassVar[int]
    gold_video_id: int
    trainee_video_id: int
    scoring_profile: str
    def __init__(self, gold_video_id: _Optional[int] = ..., trainee_video_id: _Optional[int] = ..., scoring_profile: _Optional[str] = ...) -> None: ...

class CreateScoreResponse(_message.Message):
    __slots__ = ("score_job_id", "status", "score")
    SCORE_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    score_job_id: str
    status: _score_pb2.ScoreJob.Status
    score: float
    def __init__(self, score_job_id: _Optional[str] = ..., status: _Optional[_Union[_score_pb2.ScoreJob.Status, str]] = ..., score: _Optional[float] = ...) -> None: ...

class GetScoreRequest(_message.Message):
    __slots__ = ("score_job_id",)
    SCORE_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    score_job_id: str
    def __init__(self, score_job_id: _Optional[str] = ...) -> None: ...

class GetScoreResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: _score_pb2.ScoreJob
    def __init__(self, job: _Optional[_Union[_score_pb2.ScoreJob, _Mapping]] = ...) -> None: ...

class DownloadScoreReportRequest(_message.Message):
    __slots__ = ("score_job_id",)
    SCORE_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    score_job_id: str
    def __init__(self, score_job_id: _Optional[str] = ...) -> None: ...
