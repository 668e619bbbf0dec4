"""The errors that a call to ReelOps may raise.

ReelOpsError
  Invalid           the request is wrong (`violations` names the fields)
  Unauthenticated   no or unknown credentials
  Forbidden         known caller, missing role
  NotFound          no such resource
  Conflict          the resource is in another state
  Exhausted         past a size, quota or rate
  Unavailable       the service or a part of it is away; trying again later may help
  TimedOut          the deadline passed first
  Cancelled         the call was cancelled
  Unsupported       this service does not know the call
  Internal          the service failed
  JobFailed         the job that was waited for ended with an error
    JobCancelled    ... because somebody cancelled it
  IncompleteTransfer  a download came out shorter or longer than announced
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from reelops.api.jobs.v1 import job_pb2

type_of_status: dict[grpc.StatusCode, type[ReelOpsError]]
Metadata = Iterable[tuple[str, str | bytes]]


@dataclass(frozen=True, slots=True)
class Violation:
    """Says which field of a request is wrong, and why."""

    field: str
    message: str


class ReelOpsError(Exception):
    """A call that did not succeed.

    `reason` is UPPER_SNAKE and stable, `message` is a sentence for people, `details` holds short strings about the
    case, `request_id` finds the call in the service's log.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        request_id: str = "",
        details: Mapping[str, str] | None = None,
        violations: tuple[Violation, ...] = (),
        retry_after_sec: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.request_id = request_id
        self.details = dict(details or {})
        self.violations = violations
        self.retry_after_sec = retry_after_sec

    def __str__(self) -> str:
        return f"{self.message} [{self.reason}]" if self.reason else self.message


class Invalid(ReelOpsError):
    """The request is wrong and would be wrong again."""


class Unauthenticated(ReelOpsError):
    """The service knows nobody with these credentials."""


class Forbidden(ReelOpsError):
    """The caller's role does not allow this."""


class NotFound(ReelOpsError):
    """The named resource does not exist."""


class Conflict(ReelOpsError):
    """The resource is in a state that does not allow this."""


class Exhausted(ReelOpsError):
    """The request is past a size, a quota or a rate."""


class Unavailable(ReelOpsError):
    """The service, or a part that it needs, is away for now."""


class TimedOut(ReelOpsError, TimeoutError):
    """The deadline passed before the answer came."""


class Cancelled(ReelOpsError):
    """The call was cancelled before the answer came."""


class Unsupported(ReelOpsError):
    """The service at this address does not know the call."""


class Internal(ReelOpsError):
    """The service failed; its log has more under `request_id`."""


class JobFailed(ReelOpsError):
    """The job that was waited for ended with an error; `job` is its last state."""

    def __init__(self, job: job_pb2.Job) -> None:
        message = job.error_message or f"job {job.job_id} did not succeed"
        super().__init__(message, reason=job.error_code)
        self.job = job


class JobCancelled(JobFailed):
    """The job that was waited for was cancelled."""


class IncompleteTransfer(ReelOpsError):
    """A download came out shorter or longer than the service had announced."""


type_of_status = {
    grpc.StatusCode.INVALID_ARGUMENT: Invalid,
    grpc.StatusCode.OUT_OF_RANGE: Invalid,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: Forbidden,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    grpc.StatusCode.FAILED_PRECONDITION: Conflict,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exhausted,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimedOut,
    grpc.StatusCode.CANCELLED: Cancelled,
    grpc.StatusCode.UNIMPLEMENTED: Unsupported,
}


def from_status(code: grpc.StatusCode, message: str | None, trailing: Metadata, *, request_id: str) -> ReelOpsError:
    """Builds the error for a failed call from its status and trailing metadata.

    Reads `google.rpc.Status` from `grpc-status-details-bin` where it is present and readable. `request_id` is what the
    caller sent; what the service says wins.
    """
    entries = dict(trailing)
    kind = type_of_status.get(code, Internal)
    found = _Details.read(entries.get("grpc-status-details-bin", b""))
    said = entries.get("x-request-id", "")
    reason = found.reason or _text(entries.get("x-error-code", ""))
    if not reason and code is grpc.StatusCode.INTERNAL and "RST_STREAM" in (message or ""):
        # A proxy whose server dies in the middle of an answer resets the stream; nobody has said that anything failed.
        kind, reason = Unavailable, "CONNECTION_LOST"
    return kind(
        message or f"the call ended with {code.name}",
        reason=reason,
        request_id=found.request_id or _text(said) or request_id,
        details=found.details,
        violations=found.violations,
        retry_after_sec=found.retry_after_sec,
    )


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


@dataclass(frozen=True, slots=True)
class _Details:
    reason: str = ""
    details: Mapping[str, str] | None = None
    request_id: str = ""
    violations: tuple[Violation, ...] = ()
    retry_after_sec: float | None = None

    @staticmethod
    def read(packed: str | bytes) -> _Details:
        status = status_pb2.Status()
        try:
            status.ParseFromString(packed if isinstance(packed, bytes) else b"")
        except DecodeError:
            return _Details()
        info, request, bad, retry = (
            error_details_pb2.ErrorInfo(),
            error_details_pb2.RequestInfo(),
            error_details_pb2.BadRequest(),
            error_details_pb2.RetryInfo(),
        )
        delay: float | None = None
        for detail in status.details:
            for wanted in (info, request, bad, retry):
                if detail.Is(wanted.DESCRIPTOR):
                    detail.Unpack(wanted)
            if detail.Is(retry.DESCRIPTOR):
                delay = retry.retry_delay.ToTimedelta().total_seconds()
        return _Details(
            reason=info.reason,
            details=dict(info.metadata),
            request_id=request.request_id,
            violations=tuple(Violation(each.field, each.description) for each in bad.field_violations),
            retry_after_sec=delay,
        )
