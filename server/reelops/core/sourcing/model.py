"""What a caller may name as a source, and how it is told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reelops import errors

FIELD = "source"
_LONGEST = 4096
_ASSET = re.compile(r"asset_[A-Za-z0-9]{1,64}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_WEB = ("http", "https")


class SourceKind(StrEnum):
    """Where a source is."""

    URL = "url"
    ASSET = "asset"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """A source that passed the checks of request time, as a job's payload keeps it.

    `value` is a URL, an asset's id, or a path below the media root as the caller wrote it. A URL may hold a secret in
    its query: show `label` to people.
    """

    kind: SourceKind
    value: str
    org_id: str | None = None

    @property
    def label(self) -> str:
        """What people may see of it."""
        return self.value.partition("?")[0] if self.kind is SourceKind.URL else self.value

    def to_payload(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {"kind": self.kind.value, "value": self.value, "org_id": self.org_id}

    @classmethod
    def of(cls, payload: dict[str, Any]) -> SourceRef:
        """Reads the plain form."""
        return cls(kind=SourceKind(payload["kind"]), value=payload["value"], org_id=payload["org_id"])


def kind_of(source: str) -> SourceKind:
    """Tells what a caller named. Raises `Invalid("SOURCE_INVALID")` for what is none of the three.

    What looks like another protocol is one; a file of such a name is reached as `./name:with:colons.mp4`.
    """
    if not source or source.isspace():
        raise invalid("the source is empty", constraint="required")
    if len(source) > _LONGEST:
        raise invalid(f"the source is longer than {_LONGEST} characters", constraint="max_length")
    if "\0" in source:
        raise invalid("the source must not contain NUL")
    scheme = _SCHEME.match(source)
    if scheme is None:
        return SourceKind.ASSET if _ASSET.fullmatch(source) else SourceKind.FILE
    if scheme[1].lower() not in _WEB:
        raise invalid("the source must be an http or https URL, an asset's id, or a file below the media root")
    return SourceKind.URL


def invalid(sentence: str, *, code: str = "SOURCE_INVALID", constraint: str = "format") -> errors.Invalid:
    """Gives a refusal that names the field."""
    return errors.Invalid(code, sentence, field=FIELD, constraint=constraint)
