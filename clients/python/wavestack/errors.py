"""The errors that a call to WaveStack may raise.

WaveStackError
  ApiError                  the service answered with an error (`code`, `status`, `details`)
    ValidationError         the request is wrong (`field`, `constraint`)
    UnauthorizedError       missing, wrong or expired credentials
    ForbiddenError          another organisation's, or not allowed
    NotFoundError           no such resource
    ConflictError           the resource is in another state, or the key was used for something else
    RateLimitedError        too many requests (`retry_after`)
    ServerError             the service, or a part of it, failed or is away
  WaveStackConnectionError  the service cannot be reached, or the connection was lost
  WaveStackTimeoutError     the answer did not come in time
  UnexpectedAnswerError     the answer is not what WaveStack answers with
  ClipFailedError           the clip that was waited for could not be cut
  IncompleteDownloadError   a file came out shorter or longer than announced
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .models import Clip


class WaveStackError(Exception):
    """A call that did not succeed; `message` is a sentence for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ApiError(WaveStackError):
    """An answer of the service that says what is wrong.

    `code` is the document's (`VALIDATION_ERROR`), `reason` a finer one where there is one (`ASSET_NOT_FOUND`), `status`
    the HTTP status, `retry_after` the seconds after which the service wants to be asked again, `request_id` finds the
    call in the service's log.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.details = dict(details or {})
        self.retry_after = retry_after
        self.request_id = request_id

    @property
    def reason(self) -> str:
        return str(self.details.get("reason", ""))

    def __str__(self) -> str:
        return f"{self.message} [{self.reason or self.code}]"


class ValidationError(ApiError):
    """The request is wrong and would be wrong again."""

    @property
    def field(self) -> str | None:
        """The field that is wrong, as the API spells it."""
        return _text(self.details.get("field"))

    @property
    def constraint(self) -> str | None:
        """What the field has to keep: `required`, `max_length`, `enum`, ..."""
        return _text(self.details.get("constraint"))


class UnauthorizedError(ApiError):
    """The service knows nobody with these credentials."""


class ForbiddenError(ApiError):
    """The caller may not do this, or not for this organisation."""


class NotFoundError(ApiError):
    """The organisation has no such resource."""


class ConflictError(ApiError):
    """The resource is in a state that does not allow this, or the idempotency key was used for something else."""


class RateLimitedError(ApiError):
    """Too many requests; `retry_after` says in how many seconds there are fewer."""


class ServerError(ApiError):
    """The service, or a part of it, failed or is away."""


class WaveStackConnectionError(WaveStackError, ConnectionError):
    """The service cannot be reached, or the connection was lost. `sent` is False where the request never left."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class WaveStackTimeoutError(WaveStackError, TimeoutError):
    """The answer did not come in time. `sent` is False where the request never left."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class UnexpectedAnswerError(WaveStackError):
    """What answered is not WaveStack, or speaks in another way than this client knows."""


class ClipFailedError(WaveStackError):
    """The clip that was waited for could not be cut; `clip` is its last state."""

    def __init__(self, clip: Clip) -> None:
        super().__init__(clip.error.message if clip.error else f"the clip {clip.job_id} could not be cut")
        self.clip = clip

    @property
    def code(self) -> str:
        return self.clip.error.code if self.clip.error else ""


class IncompleteDownloadError(WaveStackError):
    """A file came out shorter or longer than the service had announced."""


def _text(value: object) -> str | None:
    return None if value is None else str(value)
