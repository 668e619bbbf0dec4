"""Judges what a server answers, before and while its body is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

from reelops import errors
from reelops.infra.fetching.policy import FetchPolicy, takes_type
from reelops.infra.fetching.urls import Location

REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_LATER = (408, 425, 429)
_LONGEST_NAME = 200
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers of an answer. Of headers that come twice the first one counts."""

    status: int
    headers: dict[str, str]

    @classmethod
    def of(cls, status: int, headers: Iterable[tuple[bytes, bytes]]) -> Answer:
        """Reads what the HTTP library gives."""
        read: dict[str, str] = {}
        for name, value in headers:
            read.setdefault(name.decode("latin-1").lower(), _text(value).strip())
        return cls(status, read)

    @property
    def content_type(self) -> str | None:
        """The type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() or None

    @property
    def length(self) -> int | None:
        """The announced bytes of the body."""
        digits = self.headers.get("content-length", "")
        return int(digits) if digits.isascii() and digits.isdigit() else None

    def check(self, host: str, policy: FetchPolicy) -> None:
        """Passes an answer whose body is worth reading.

        Raises `Invalid` (SOURCE_NOT_FOUND, SOURCE_REFUSED), `TooLarge("SOURCE_TOO_LARGE")` or
        `Unavailable("SOURCE_UNAVAILABLE")`.
        """
        if self.status != 200:
            raise self._failure(host)
        if self.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
            raise errors.Invalid("SOURCE_REFUSED", f"{host} sends the file compressed, although it was asked not to")
        if not takes_type(policy, self.content_type):
            kind = (self.content_type or "")[:100]
            raise errors.Invalid("SOURCE_REFUSED", f"{host} sends {kind}, which is no video file")
        if self.length is not None and self.length > policy.max_bytes:
            raise too_large(policy)

    def filename(self, location: Location) -> str:
        """Says what the file is called: by the server, else by its address; a bare name, perhaps an empty one."""
        header = Message()
        header["Content-Disposition"] = re.sub(r"[\r\n]", " ", self.headers.get("content-disposition", ""))
        named = header.get_filename() or unquote(location.path.partition("?")[0]).rpartition("/")[2]
        last = re.split(r"[/\\]", named)[-1]
        return re.sub(r"[\x00-\x1f\x7f-\x9f]", "", last).strip(" .")[-_LONGEST_NAME:]

    def _failure(self, host: str) -> errors.ReelOpsError:
        if self.status in _GONE:
            return errors.Invalid("SOURCE_NOT_FOUND", f"{host} has no such file (it answers {self.status})")
        if self.status >= 500 or self.status in _LATER:
            return errors.Unavailable(
                "SOURCE_UNAVAILABLE", f"{host} cannot send the file now (it answers {self.status})"
            )
        return errors.Invalid("SOURCE_REFUSED", f"{host} does not send the file (it answers {self.status})")


def too_large(policy: FetchPolicy) -> errors.TooLarge:
    """Gives the sentence for a file past the limit."""
    limit = f"{policy.max_bytes // _MB} MB" if policy.max_bytes >= _MB else f"{policy.max_bytes} bytes"
    return errors.TooLarge("SOURCE_TOO_LARGE", f"the file is larger than the limit of {limit}")


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
