"""The comments of the protos, by the full name of what they stand above."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from google.protobuf import descriptor_pb2

_MESSAGE, _ENUM, _SERVICE = 4, 5, 6
_FIELD, _NESTED, _NESTED_ENUM = 2, 3, 4
_MEMBER = 2


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its first sentence, and everything, paragraphs apart by an empty line."""

    text: str

    @property
    def summary(self) -> str:
        """The first sentence, without its full stop."""
        return self._parts()[0].removesuffix(".")

    @property
    def rest(self) -> str:
        """What follows the first sentence."""
        return "".join(self._parts()[1:])

    def _parts(self) -> list[str]:
        return re.split(r"(?<=\.)\s+", self.text, maxsplit=1)


def read_comments(descriptors: descriptor_pb2.FileDescriptorSet) -> Mapping[str, Comment]:
    """Reads the leading comments of services, methods, messages, fields, enums and values."""
    found: dict[str, Comment] = {}
    for file in descriptors.file:
        names = dict(_names(file))
        for place in file.source_code_info.location:
            name = names.get(tuple(place.path))
            if name and place.leading_comments:
                found[name] = Comment(_unwrapped(place.leading_comments))
    return found


def _unwrapped(text: str) -> str:
    """Joins the lines of each paragraph."""
    paragraphs = re.split(r"\n[ \t]*\n", text.strip())
    return "\n\n".join(" ".join(line.strip() for line in paragraph.splitlines()) for paragraph in paragraphs)


def _names(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    for index, service in enumerate(file.service):
        name = f"{file.package}.{service.name}"
        yield (_SERVICE, index), name
        for member, method in enumerate(service.method):
            yield (_SERVICE, index, _MEMBER, member), f"{name}.{method.name}"
    for index, message in enumerate(file.message_type):
        yield from _of_message((_MESSAGE, index), f"{file.package}.{message.name}", message)
    for index, enum in enumerate(file.enum_type):
        yield from _of_enum((_ENUM, index), f"{file.package}.{enum.name}", enum)


def _of_message(
    path: tuple[int, ...], name: str, message: descriptor_pb2.DescriptorProto
) -> Iterator[tuple[tuple[int, ...], str]]:
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, _FIELD, index), f"{name}.{field.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _of_message((*path, _NESTED, index), f"{name}.{nested.name}", nested)
    for index, enum in enumerate(message.enum_type):
        yield from _of_enum((*path, _NESTED_ENUM, index), f"{name}.{enum.name}", enum)


def _of_enum(
    path: tuple[int, ...], name: str, enum: descriptor_pb2.EnumDescriptorProto
) -> Iterator[tuple[tuple[int, ...], str]]:
    # The values of an enum are its siblings by name, but a comment is wanted by enum and value.
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, _MEMBER, index), f"{name}.{value.name}"
