"""Videos, clips and uploads as the library keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from reelops import errors

NAME_LIMIT = 255
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".ts": "video/mp2t",
    ".ogv": "video/ogg",
}


class VideoRole(StrEnum):
    """What a video is to its task."""

    trainee = "trainee"
    gold = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDescription:
    """What an uploader says of a file. Checked by `checked`."""

    task_id: str
    role: VideoRole = VideoRole.trainee
    site_id: str | None = None
    camera_id: str | None = None
    operator_id_hash: str | None = None
    filename: str = ""
    privacy_mask: str | None = None
    privacy_mode: str = "black"

    def checked(self) -> UploadDescription:
        """Returns itself, or raises `Invalid` naming the first field that is wrong."""
        if not self.task_id.strip():
            raise errors.Invalid("TASK_MISSING", "task_id is required")
        for name in ("task_id", "site_id", "camera_id", "operator_id_hash"):
            value = getattr(self, name)
            if value is None:
                continue
            if len(value) > NAME_LIMIT:
                raise errors.Invalid("FIELD_TOO_LONG", f"{name} is longer than {NAME_LIMIT} characters", field=name)
            if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in value):
                raise errors.Invalid("FIELD_INVALID", f"{name} has control characters", field=name)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One ingested video. Times in seconds, `file_size` in bytes."""

    video_id: int
    job_id: str
    task_id: str
    role: VideoRole
    site_id: str | None
    camera_id: str | None
    operator_id_hash: str | None
    filename: str
    file_key: str
    file_size: int
    file_sha256: str
    num_clips: int
    source_fps: float
    sampled_fps: float
    duration_sec: float
    width: int
    height: int
    embedding_model: str
    requested_by: str
    created_at: datetime
    privacy_mask: str | None
    privacy_mode: str

    @property
    def embeddings_key(self) -> str:
        """Where its raw embeddings are kept."""
        return embeddings_key(self.video_id, self.embedding_model)

    @property
    def glimpses_key(self) -> str:
        """Where is kept what is seen at its single frames, if that is known."""
        return glimpses_key(self.video_id, self.embedding_model)

    @property
    def close_look_key(self) -> str:
        """Where is kept what a close look at it gave, if there was one."""
        return close_look_key(self.video_id, self.embedding_model)

    @property
    def embedding_keys(self) -> tuple[str, ...]:
        """All files that its embedding may have."""
        return embedding_keys(self.video_id, self.embedding_model)

    @property
    def content_type(self) -> str:
        """The media type of the file, from its ending."""
        return content_type(self.file_key)


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One clip of a video. Times in seconds from the first frame."""

    clip_idx: int
    start_sec: float
    end_sec: float
    mean_luma: float
    sharpness: float
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CloseLook:
    """A video looked at twice as often as usual, in clips half as long: for steps of a few seconds.

    `embeddings` are raw, float32 (clips, dimensions), `times` where each clip begins and ends in seconds, float64
    (clips, 2), and `glimpses` what is seen at single frames of a gold video, float16 (clips, frames, channels, cells).
    """

    embeddings: NDArray[np.float32]
    times: NDArray[np.float64]
    glimpses: NDArray[np.float16] | None = None

    @property
    def clip_times(self) -> tuple[tuple[float, float], ...]:
        """The times of the clips as plain numbers."""
        return tuple((float(start), float(end)) for start, end in self.times)


def ending(filename: str) -> str:
    """Returns the file name's ending in lower case (`.mp4`), or `.bin` where it has none that is sane."""
    match = _ENDING.search(filename.strip())
    return match.group().lower() if match else ".bin"


def content_type(key: str) -> str:
    """Returns the media type that belongs to a file's ending."""
    return _CONTENT_TYPES.get(ending(key), "application/octet-stream")


def raw_key(video_id: int, filename: str) -> str:
    """Returns where the uploaded file of a video is kept."""
    return f"raw/video_{video_id}{ending(filename)}"


def embeddings_key(video_id: int, model: str) -> str:
    """Returns where the raw embeddings of a video by one model are kept: float32 (clips, dimensions).

    Each model has its own file, so that a video that is embedded again changes over with its row, in one step.
    """
    return f"embeddings/video_{video_id}.{_short(model)}.raw.npy"


def glimpses_key(video_id: int, model: str) -> str:
    """Returns where is kept what one model sees at single frames of a video: float16 (clips, frames, channels, cells).

    Only gold videos have that, and only by models that tell it.
    """
    return f"embeddings/video_{video_id}.{_short(model)}.glimpses.npy"


def close_look_key(video_id: int, model: str) -> str:
    """Returns where is kept what one model makes of a close look at a video: an .npz file of a `CloseLook`."""
    return f"embeddings/video_{video_id}.{_short(model)}.close.npz"


def embedding_keys(video_id: int, model: str) -> tuple[str, ...]:
    """Returns all files that the embedding of a video by one model may have."""
    return tuple(key(video_id, model) for key in (embeddings_key, glimpses_key, close_look_key))


def video_id_of(key: str) -> int | None:
    """Returns the video that a blob's key belongs to, or None."""
    match = re.match(r"(?:raw|embeddings)/video_(\d+)\.", key)
    return int(match.group(1)) if match else None


def _short(model: str) -> str:
    return sha256(model.encode()).hexdigest()[:8]
