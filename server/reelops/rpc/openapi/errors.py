"""What can go wrong, as the comments of the protos say it, in the body that the document of a surface gives errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_STATUSES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_SAID = re.compile(rf"\b({'|'.join(_STATUSES)})\b|`([A-Z][A-Z0-9_]*)`|\((\d{{3}})\)")

SENTENCES = {
    400: "The request is wrong.",
    401: "Credentials are missing or unknown.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "The resource is in a state that does not allow this.",
    413: "The request is too large.",
    415: "The request has another content type than the one that is taken.",
    416: "The file has no such bytes.",
    429: "Too many requests.",
    503: "A part of the service is away for now.",
    504: "It took too long.",
}


@dataclass(frozen=True, slots=True)
class SaidError:
    """One reason that a method gives, with its HTTP status."""

    status: int
    reason: str


def said_errors(comment: str) -> list[SaidError]:
    """Reads `Gives NOT_FOUND `A` and `B`, FAILED_PRECONDITION `C` (409)` out of a method's comment."""
    _, gives, text = comment.partition("Gives ")
    if not gives:
        return []
    found: list[SaidError] = []
    status, first = 0, 0
    for grpc, reason, http in _SAID.findall(text):
        if grpc:
            status, first = _STATUSES[grpc], len(found)
        elif reason and status:
            found.append(SaidError(status, reason))
        elif http:
            found[first:] = [SaidError(int(http), error.reason) for error in found[first:]]
    return found


_DETAIL: Schema = {
    "type": "object",
    "title": "Error",
    "description": "What is wrong, in a sentence.",
    "properties": {"detail": {"type": "string", "description": "A sentence for people."}},
    "required": ["detail"],
    "additionalProperties": False,
    "examples": [{"detail": "There is no job 550e8400-e29b-41d4-a716-446655440000."}],
}
_CODED: Schema = {
    "type": "object",
    "title": "Error",
    "description": "What is wrong: a code for machines, a sentence for people, and details.",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {
                    "type": "string",
                    "description": "`VALIDATION_ERROR`, `UNAUTHORIZED`, `FORBIDDEN`, `NOT_FOUND`, `CONFLICT`, "
                    "`RATE_LIMITED`, `INTERNAL_ERROR` and others by HTTP status.",
                },
                "message": {"type": "string", "description": "A sentence for people."},
                "details": {
                    "type": "object",
                    "description": "`field` and `constraint` of a wrong field, and the `reason`, where they are known.",
                    "properties": {
                        "field": {"type": "string"},
                        "constraint": {"type": "string"},
                        "reason": {"type": "string"},
                    },
                    "additionalProperties": {"type": "string"},
                },
            },
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
    "additionalProperties": False,
    "examples": [
        {
            "error": {
                "code": "VALIDATION_ERROR",
                "message": "Title is required",
                "details": {"field": "title", "constraint": "required"},
            }
        }
    ],
}
BODIES: Mapping[str, Schema] = {"sopilot": _DETAIL, "core": _CODED, "clipper": _CODED, "thumbnail": _CODED}
"""The body of errors, by surface."""
