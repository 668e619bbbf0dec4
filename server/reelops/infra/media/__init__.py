"""Video files: what they are, clips for an embedder, single pictures. Blocking calls, for threads."""

from reelops.infra.media.clips import read_clips
from reelops.infra.media.masking import MaskMode, PrivacyMask, Rectangle
from reelops.infra.media.model import Clip, ClipGeometry, MediaInfo, MediaLimits, Pixels
from reelops.infra.media.moments import best_moment
from reelops.infra.media.pictures import encode_jpeg
from reelops.infra.media.probing import probe
from reelops.infra.media.sampling import Sampling, plan_sampling
from reelops.infra.media.stills import Still, frame_at, frames_at, still_at

__all__ = [
    "Clip",
    "ClipGeometry",
    "MaskMode",
    "MediaInfo",
    "MediaLimits",
    "Pixels",
    "PrivacyMask",
    "Rectangle",
    "Sampling",
    "Still",
    "best_moment",
    "encode_jpeg",
    "frame_at",
    "frames_at",
    "plan_sampling",
    "probe",
    "read_clips",
    "still_at",
]
