"""Errors on their way out: one place turns them into gRPC statuses, with what the edge needs for REST."""

from __future__ import annotations

from typing import NoReturn

import grpc
import protovalidate
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from reelops import errors
from reelops.core.identity.service import CHALLENGES
from reelops.surfaces.context import Context

Metadata = tuple[tuple[str, str | bytes], ...]

_DOMAIN = "reelops.dev"
_CODES: tuple[tuple[type[errors.ReelOpsError], grpc.StatusCode, str], ...] = (
    (errors.Invalid, grpc.StatusCode.INVALID_ARGUMENT, ""),
    (errors.Unauthenticated, grpc.StatusCode.UNAUTHENTICATED, ""),
    (errors.Forbidden, grpc.StatusCode.PERMISSION_DENIED, ""),
    (errors.NotFound, grpc.StatusCode.NOT_FOUND, ""),
    (errors.Conflict, grpc.StatusCode.FAILED_PRECONDITION, "409"),
    (errors.TooLarge, grpc.StatusCode.RESOURCE_EXHAUSTED, "413"),
    (errors.OutOfRange, grpc.StatusCode.OUT_OF_RANGE, "416"),
    (errors.Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED, "429"),
    (errors.Unconfigured, grpc.StatusCode.FAILED_PRECONDITION, "503"),
    (errors.Unavailable, grpc.StatusCode.UNAVAILABLE, ""),
    (errors.Cancelled, grpc.StatusCode.CANCELLED, ""),
)
_MESSAGE_LIMIT = 1024


class ViolatedRules(errors.Invalid):
    """A request that breaks the rules its proto declares."""

    def __init__(self, violations: list[protovalidate.Violation]) -> None:
        self.fields = [(_path(violation), violation.proto.message or "is invalid") for violation in violations]
        sentence = "; ".join(f"{path}: {message}" if path else message for path, message in self.fields)
        super().__init__("FIELD_INVALID", sentence, field=self.fields[0][0])


def check_rules(validator: protovalidate.Validator, message: Message) -> None:
    """Passes a message that keeps its proto's rules. Raises `ViolatedRules`, and `Invalid` for a NUL in a text."""
    for field, value in message.ListFields():
        # PostgreSQL keeps no text with a NUL, SQLite cuts it off there: nobody may be taken for somebody else.
        if isinstance(value, str) and "\x00" in value:
            raise errors.Invalid("FIELD_INVALID", f"{field.name}: must not contain NUL", field=field.name)
    violations = validator.collect_violations(message)
    if violations:
        raise ViolatedRules(violations)


async def abort(context: Context, error: errors.ReelOpsError, request_id: str) -> NoReturn:
    """Ends the call with the error's code, sentence and reason."""
    code, http_status = _code(error)
    message = error.message[:_MESSAGE_LIMIT]
    trailing: list[tuple[str, str | bytes]] = [
        ("x-error-code", error.code),
        ("grpc-status-details-bin", _status(code, message, error, request_id).SerializeToString()),
    ]
    if http_status:
        trailing.append(("x-http-status", http_status))
    if isinstance(error, errors.Unauthenticated):
        trailing += [("www-authenticate", challenge) for challenge in CHALLENGES]
    if isinstance(error, errors.OutOfRange):
        trailing.append(("content-range", f"bytes */{error.details.get('size', '*')}"))
    await context.abort(code, message, tuple(trailing))
    raise AssertionError("abort returned")


def _code(error: errors.ReelOpsError) -> tuple[grpc.StatusCode, str]:
    for kind, code, http_status in _CODES:
        if isinstance(error, kind):
            return code, http_status
    return grpc.StatusCode.INTERNAL, ""


def _status(code: grpc.StatusCode, message: str, error: errors.ReelOpsError, request_id: str) -> status_pb2.Status:
    status = status_pb2.Status(code=code_pb2.Code.Value(code.name), message=message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=error.code, domain=_DOMAIN, metadata=error.details))
    status.details.add().Pack(error_details_pb2.RequestInfo(request_id=request_id))
    if isinstance(error, ViolatedRules):
        bad = error_details_pb2.BadRequest()
        for path, description in error.fields:
            bad.field_violations.add(field=path, description=description)
        status.details.add().Pack(bad)
    return status


def _path(violation: protovalidate.Violation) -> str:
    field = violation.proto.field
    return ".".join(element.field_name for element in field.elements) if field is not None else ""
