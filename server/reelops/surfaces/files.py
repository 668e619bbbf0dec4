"""Files on their way out: ranges, conditions, chunks (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

from google.api import httpbody_pb2

from reelops import errors
from reelops.infra.blobs import BlobInfo
from reelops.surfaces.context import Context

Read = Callable[[int, int], AsyncIterator[bytes]]
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*")


@dataclass(frozen=True, slots=True)
class Selection:
    """The bytes to send: `start` up to but not including `end`. `is_part` where a range was asked for."""

    start: int
    end: int
    is_part: bool


def select(header: str | None, size: int) -> Selection:
    """Reads a Range header. One that is not understood, or asks for several ranges, means the whole file.

    Raises `OutOfRange("RANGE_NOT_SATISFIABLE")`.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or match.groups() == ("", ""):
        return Selection(0, size, is_part=False)
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
        satisfiable = int(last) > 0 and size > 0
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return Selection(0, size, is_part=False)
        satisfiable = start < size
    if not satisfiable:
        raise errors.OutOfRange("RANGE_NOT_SATISFIABLE", f"the file has {size} bytes", size=str(size))
    return Selection(start, end, is_part=True)


async def send_file(
    context: Context,
    info: BlobInfo,
    read: Read,
    *,
    content_type: str,
    filename: str,
    inline: bool = True,
    fresh_sec: float = 0.0,
) -> AsyncIterator[httpbody_pb2.HttpBody]:
    """Sends a file, or the part that the caller asks for, or that nothing changed.

    For `fresh_sec` the caller may show it again without asking: for files that never change.
    """
    asked = {key: str(value) for key, value in context.invocation_metadata() or () if not isinstance(value, bytes)}
    etag = f'"{info.etag}"'
    headers = [
        ("accept-ranges", "bytes"),
        ("etag", etag),
        ("last-modified", format_datetime(info.modified_at, usegmt=True)),
        ("content-disposition", _disposition(filename, inline)),
        ("cache-control", f"private, max-age={int(fresh_sec)}, immutable" if fresh_sec >= 1 else "private, no-cache"),
    ]
    if _is_unchanged(asked, info, etag):
        await context.send_initial_metadata((*headers, ("x-http-status", "304")))
        yield httpbody_pb2.HttpBody(content_type=content_type)
        return
    selection = select(asked.get("range") if _range_applies(asked, info, etag) else None, info.size)
    headers.append(("x-content-length", str(selection.end - selection.start)))
    if selection.is_part:
        headers.append(("x-http-status", "206"))
        headers.append(("content-range", f"bytes {selection.start}-{selection.end - 1}/{info.size}"))
    await context.send_initial_metadata(tuple(headers))
    if asked.get("x-http-method") == "HEAD" or selection.start == selection.end:
        yield httpbody_pb2.HttpBody(content_type=content_type)
        return
    async for chunk in read(selection.start, selection.end):
        yield httpbody_pb2.HttpBody(content_type=content_type, data=chunk)


def _is_unchanged(asked: dict[str, str], info: BlobInfo, etag: str) -> bool:
    if "if-none-match" in asked:
        tags = [tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")]
        return "*" in tags or etag in tags
    return _is_not_after(info, asked.get("if-modified-since"))


def _range_applies(asked: dict[str, str], info: BlobInfo, etag: str) -> bool:
    condition = asked.get("if-range")
    if condition is None or condition.strip() == etag:
        return True
    return not condition.strip().startswith(('"', "W/")) and _is_not_after(info, condition)


def _is_not_after(info: BlobInfo, date: str | None) -> bool:
    if date is None:
        return False
    try:
        return info.modified_at.replace(microsecond=0) <= parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return False


def _disposition(filename: str, inline: bool) -> str:
    """Names the file twice: plain for old clients, in UTF-8 for all others (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", filename)[:150] or "file"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename[:150], safe='')}"
