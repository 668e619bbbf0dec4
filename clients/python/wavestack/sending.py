"""Sending a request until there is an answer, and reading what is wrong where it is an error."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import (
    ApiError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnexpectedAnswerError,
    ValidationError,
    WaveStackError,
)
from .reading import Fields, parse
from .retrying import Deadline, Retry, helps, may_be_done, retry_after_sec
from .transport import Answer, Request, Transport

_OF_CODE: dict[str, type[ApiError]] = {
    "VALIDATION_ERROR": ValidationError,
    "UNAUTHORIZED": UnauthorizedError,
    "FORBIDDEN": ForbiddenError,
    "NOT_FOUND": NotFoundError,
    "CONFLICT": ConflictError,
    "RATE_LIMITED": RateLimitedError,
}
_OF_STATUS: dict[int, str] = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    429: "RATE_LIMITED",
}
_SHORTEST_SEC = 0.001


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends requests, again where that may help and does no harm."""

    transport: Transport
    retry: Retry

    async def send(
        self,
        request: Request,
        *,
        timeout_sec: float,
        repeatable: bool,
        gone_is_done: bool = False,
        deadline: Deadline | None = None,
    ) -> Answer:
        """Sends a request and returns the answer if it is a success; raises `WaveStackError` otherwise.

        `timeout_sec` is for each attempt, `deadline` for all of them with their pauses. With `gone_is_done`, a 404 to a
        request that may have been done before, its answer lost, is a success.
        """
        deadline = deadline or Deadline(None)
        attempt, in_doubt = 1, False
        while True:
            try:
                left = max(_SHORTEST_SEC, deadline.left(timeout_sec))
                return checked(await self.transport.send(request, timeout=left))
            except NotFoundError:
                if gone_is_done and in_doubt:
                    return Answer(200, {}, b"{}")
                raise
            except WaveStackError as failure:
                pause = self.retry.pause(failure, attempt) if helps(failure, repeatable=repeatable) else None
                if pause is None or deadline.left(pause + 1.0) <= pause:
                    raise
                in_doubt = in_doubt or may_be_done(failure)
            await self.transport.sleep(pause)
            attempt += 1


def checked(answer: Answer) -> Answer:
    """Returns an answer that is a success, and raises what any other says."""
    if 200 <= answer.status < 300:
        return answer
    raise error_of(answer)


def error_of(answer: Answer) -> WaveStackError:
    """Reads the error of an answer. One that has no body of WaveStack, as a proxy's has none, goes by its status."""
    if answer.status < 400:
        return UnexpectedAnswerError(f"the answer is neither a success nor an error: status {answer.status}")
    said = _said(answer.body)
    fallback = _OF_STATUS.get(answer.status, "INTERNAL_ERROR" if answer.status >= 500 else "ERROR")
    code = _text(said, "code") or fallback
    kind = ServerError if answer.status >= 500 else _OF_CODE.get(code) or _OF_CODE.get(fallback, ApiError)
    details = said.get("details") if said else None
    return kind(
        _text(said, "message") or f"the service answered with status {answer.status}",
        code=code,
        status=answer.status,
        details=details if isinstance(details, dict) else None,
        retry_after=retry_after_sec(answer.headers.get("retry-after")),
        request_id=answer.headers.get("x-request-id", ""),
    )


def _said(body: bytes) -> Fields | None:
    try:
        return parse(body).object("error")
    except UnexpectedAnswerError:
        return None


def _text(said: Fields | None, name: str) -> str:
    value = said.get(name) if said else None
    return value if isinstance(value, str) else ""
