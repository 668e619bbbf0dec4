from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from reelops.api.edge.v1 import edge_pb2 as _edge_pb2
from reelops.api.sopilot.v1 import video_pb2 as _video_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SearchClipsRequest(_message.Message):
    __slots__ = ("task_id", "video_id", "clip_idx", "k")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    CLIP_IDX_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    video_id: int
    clip_idx: int
    k: int
    def __init__(self, task_id: _Optional[str] = ..., video_id: _Optional[int] = ..., clip_idx: _Optional[int] = ..., k: _Optional[int] = ...) -> None: ...

class SearchClipsResponse(_message.Message):
    __slots__ = ("task_id", "query_video_id", "query_clip_idx", "items")
    class Item(_message.Message):
        __slots__ = ("similarity", "video_id", "clip_idx", "start_sec", "end_sec", "role")
        SIMILARITY_FIELD_NUMBER: _ClassVar[int]
        VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
        CLIP_IDX_FIELD_NUMBER: _ClassVar[int]
        START_SEC_FIELD_NUMBER: _ClassVar[int]
        END_SEC_FIELD_NUMBER: _ClassVar[int]
        ROLE_FIELD_NUMBER: _ClassVar[int]
        similarity: float
        video_id: int
        clip_idx: int
        start_sec: float
        end_sec: float
        role: _video_pb2.Video.Role
        def __init__(self, similarity: _Optional[float] = ..., video_id: _Optional[int] = ..., clip_idx: _Optional[int] = ..., start_sec: _Optional[float] = ..., end_sec: _Optional[float] = ..., role: _Optional[_Union[_video_pb2.Video.Role, str]] = ...) -> None: ...
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    QUERY_VIDEO_ID_FIELD_NUMBER: _ClassVar[int]
    QUERY_CLIP_IDX_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    query_video_id: int
    query_clip_idx: int
    items: _containers.RepeatedCompositeFieldContainer[SearchClipsResponse.Item]
    def __init__(self, task_id: _Optional[str] = ..., query_video_id: _Optional[int] = ..., query_clip_idx: _Optional[int] = ..., items: _Optional[_Iterable[_Union[SearchClipsResponse.Item, _Mapping]]] = ...) -> None: ...
