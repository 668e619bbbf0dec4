"""Errors on their way out: one place turns them into gRPC statuses, with what the edge needs for REST."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NoReturn

import grpc
from google.protobuf import duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from reelops import errors
from reelops.core.identity.service import CHALLENGES
from reelops.rpc.edge.speech import SPEECH, Speech
from reelops.rpc.violations import ViolatedRules, check_rules
from reelops.surfaces.context import Context

__all__ = ["ViolatedRules", "abort", "check_rules"]

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
_DETAIL_LIMIT = 500


async def abort(
    context: Context, error: errors.ReelOpsError, request_id: str, *, challenges: Sequence[str] = CHALLENGES
) -> NoReturn:
    """Ends the call with the error's code, sentence and reason; `challenges` say which credentials are taken."""
    code, http_status = _code(error)
    speech = SPEECH.get(str(dict(context.invocation_metadata() or ()).get("x-edge-surface")))
    message = _sentence(error, speech)[:_MESSAGE_LIMIT]
    trailing: list[tuple[str, str | bytes]] = [
        ("x-error-code", error.code),
        ("grpc-status-details-bin", _status(code, message, error, request_id).SerializeToString()),
    ]
    if speech is not None:
        trailing.append(("x-error-details", _details(error, speech)))
    if http_status:
        trailing.append(("x-http-status", http_status))
    if isinstance(error, errors.Unauthenticated):
        trailing += [("www-authenticate", challenge) for challenge in challenges]
    if "retry_after" in error.details:
        trailing.append(("retry-after", error.details["retry_after"]))
    if isinstance(error, errors.OutOfRange):
        trailing.append(("content-range", f"bytes */{error.details.get('size', '*')}"))
    await context.abort(code, message, tuple(trailing))
    raise AssertionError("abort returned")


def _sentence(error: errors.ReelOpsError, speech: Speech | None) -> str:
    return error.sentence(speech) if speech and isinstance(error, ViolatedRules) else error.message


def _details(error: errors.ReelOpsError, speech: Speech) -> str:
    """Writes what machines may want to know as a JSON object in ASCII, the field spelled as the caller spells it."""
    details = {key: value[:_DETAIL_LIMIT] for key, value in error.details.items()}
    if isinstance(error, ViolatedRules):
        details["field"] = error.broken[0].field(speech)
    elif speech.camel_case and "field" in details:
        details["field"] = re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), details["field"])
    return json.dumps({**details, "reason": error.code}, separators=(",", ":"))


def _code(error: errors.ReelOpsError) -> tuple[grpc.StatusCode, str]:
    for kind, code, http_status in _CODES:
        if isinstance(error, kind):
            return code, http_status
    return grpc.StatusCode.INTERNAL, ""


def _status(code: grpc.StatusCode, message: str, error: errors.ReelOpsError, request_id: str) -> status_pb2.Status:
    status = status_pb2.Status(code=code_pb2.Code.Value(code.name), message=message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=error.code, domain=_DOMAIN, metadata=error.details))
    status.details.add().Pack(error_details_pb2.RequestInfo(request_id=request_id))
    if "retry_after" in error.details:
        delay = duration_pb2.Duration(seconds=int(error.details["retry_after"]))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    if isinstance(error, ViolatedRules):
        bad = error_details_pb2.BadRequest()
        for broken in error.broken:
            bad.field_violations.add(field=broken.field(Speech()), description=broken.said)
        status.details.add().Pack(bad)
    return status
