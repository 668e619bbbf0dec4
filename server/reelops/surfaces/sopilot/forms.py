"""Multipart forms, read as they arrive: fields are small and kept, the file goes to where it is received."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from google.api import httpbody_pb2
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from reelops import errors
from reelops.infra.blobs import StagedFile

_FIELD_BYTES = 64 * 1024
_PARTS = 64
_HEADER_BYTES = 16 * 1024
_FILE = "file"


@dataclass(slots=True)
class Form:
    """A form that was read. `filename` is None where no file came."""

    fields: dict[str, str] = field(default_factory=dict)
    filename: str | None = None


async def read_form(chunks: AsyncIterator[httpbody_pb2.HttpBody], staged: StagedFile) -> Form:
    """Reads a whole form and writes the part named `file` to `staged` as it comes.

    Memory holds one chunk. Raises `Invalid` with `FORM_INVALID` for what is no whole multipart form, `TooLarge` for a
    file past its limit.
    """
    reader: _Reader | None = None
    content_type = ""
    async for chunk in chunks:
        content_type = content_type or chunk.content_type
        if not chunk.data:
            continue
        reader = reader or _Reader(_boundary(content_type))
        for data in reader.feed(chunk.data):
            await staged.write(data)
    if reader is None:
        raise errors.Invalid("FORM_INVALID", "the request has no body; a multipart form is needed")
    return reader.end()


def _boundary(content_type: str) -> bytes:
    kind, parameters = parse_options_header(content_type)
    boundary = parameters.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 256:
        raise errors.Invalid("FORM_INVALID", "the body must be multipart/form-data with a boundary")
    return boundary


class _Reader:
    """Feeds the parser and sorts what it calls back with."""

    def __init__(self, boundary: bytes) -> None:
        self._form = Form()
        self._file_data: list[bytes] = []
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._is_file = False
        self._value = bytearray()
        self._parts = 0
        self._whole = False
        self._parser = MultipartParser(
            boundary,
            callbacks={
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def feed(self, data: bytes) -> list[bytes]:
        """Reads one chunk and gives the file's bytes in it."""
        self._file_data = []
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise errors.Invalid("FORM_INVALID", f"the form is broken: {error}") from error
        return self._file_data

    def end(self) -> Form:
        """Gives the form. Raises `Invalid` when it is cut off."""
        if not self._whole:
            raise errors.Invalid("FORM_INVALID", "the form ends before its closing boundary")
        return self._form

    def _on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise errors.Invalid("FORM_INVALID", f"the form has more than {_PARTS} parts")
        self._headers = {}
        self._value = bytearray()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        if len(self._header_value) > _HEADER_BYTES:
            raise errors.Invalid("FORM_INVALID", "a part of the form has too long a header")

    def _on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        _, parameters = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = parameters.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = self._name == _FILE
        if not self._is_file:
            if self._name in self._form.fields:
                raise errors.Invalid("FORM_INVALID", f"the field {self._name} is there twice")
            return
        if self._form.filename is not None:
            raise errors.Invalid("FORM_INVALID", "the form has more than one file")
        self._form.filename = parameters.get(b"filename", b"").decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._file_data.append(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > _FIELD_BYTES:
            raise errors.Invalid("FORM_INVALID", f"the field {self._name[:100]} is too long")

    def _on_part_end(self) -> None:
        if self._is_file or not self._name:
            return
        try:
            self._form.fields[self._name] = self._value.decode()
        except UnicodeDecodeError:
            raise errors.Invalid("FORM_INVALID", f"the field {self._name} is not UTF-8 text") from None

    def _on_end(self) -> None:
        self._whole = True
