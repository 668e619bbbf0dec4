import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reelops.api.edge.v1 import edge_pb2 as _edge_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Video(_message.Message):
    __slots__ = ("video_id", "task_id", "role", "site_id", "camera_id", "num_clips", "embedding_model", "created_at")
    class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        unspecified: _ClassVar[Video.Role]
        trainee: _ClassVar[Video.Role]
        gold: _ClassVar[Video.Role]
    unspecified: Video.Role
    trainee: Video.Role
    gold: Video.Role
    VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SITE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMERA_ID_FIELD_NUMBER: _ClassVar[int]
    NUM_CLIPS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_MODEL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    video_id: int
    task_id: str
    role: Video.Role
    site_id: str
    camera_id: str
    num_clips: int
    embedding_model: str
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, video_id: _Optional[int] = ..., task_id: _Optional[str] = ..., role: _Optional[_Union[Video.Role, str]] = ..., site_id: _Optional[str] = ..., camera_id: _Optional[str] = ..., num_clips: _Optional[int] = ..., embedding_model: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
