"""WaveStack over REST from Python: `WaveStackClient`, and `AsyncWaveStackClient` for asyncio."""

from .client import AsyncWaveStackClient
from .errors import (
    ApiError,
    ClipFailedError,
    ConflictError,
    ForbiddenError,
    IncompleteDownloadError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnexpectedAnswerError,
    ValidationError,
    WaveStackConnectionError,
    WaveStackError,
    WaveStackTimeoutError,
)
from .models import (
    Asset,
    Clip,
    ClipResult,
    CreatedQueueItem,
    Dimensions,
    Failure,
    Project,
    QueueItem,
    Thumbnail,
)
from .paging import Page
from .retrying import Retry
from .sync import WaveStackClient

__all__ = [
    "ApiError",
    "Asset",
    "AsyncWaveStackClient",
    "Clip",
    "ClipFailedError",
    "ClipResult",
    "ConflictError",
    "CreatedQueueItem",
    "Dimensions",
    "Failure",
    "ForbiddenError",
    "IncompleteDownloadError",
    "NotFoundError",
    "Page",
    "Project",
    "QueueItem",
    "RateLimitedError",
    "Retry",
    "ServerError",
    "Thumbnail",
    "UnauthorizedError",
    "UnexpectedAnswerError",
    "ValidationError",
    "WaveStackClient",
    "WaveStackConnectionError",
    "WaveStackError",
    "WaveStackTimeoutError",
]
