"""Writes what may stand in JSON bodies and query strings: the names everywhere, the types where a surface is strict."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from reelops.rpc.edge.descriptors import Route
from reelops.rpc.edge.speech import Speech, speech_of

Shape = dict[str, object]

_KINDS = {
    FieldDescriptor.CPPTYPE_BOOL: "boolean",
    FieldDescriptor.CPPTYPE_STRING: "string",
    FieldDescriptor.CPPTYPE_DOUBLE: "number",
    FieldDescriptor.CPPTYPE_FLOAT: "number",
    FieldDescriptor.CPPTYPE_INT32: "whole",
    FieldDescriptor.CPPTYPE_UINT32: "whole",
}
"""Kinds of `VALUE_KINDS` in strict.lua. 64-bit integers have none: they are numbers or strings in JSON."""


def body_shape(message: Descriptor, speech: Speech, above: frozenset[str] = frozenset()) -> Shape:
    """Describes a JSON object by its `fields`, each with its shape, or True where anything may stand."""
    inside = above | {message.full_name}
    return {"fields": {speech.name(field): _field_shape(field, speech, inside) or True for field in message.fields}}


def query_parameters(route: Route) -> dict[str, object]:
    """Names the query parameters of a route: what neither path nor body binds, nested fields dotted.

    Each is True where it may be given again, else what its value is held to.
    """
    if route.body == "*":
        return {}
    bound = {part.strip("{}").split("=")[0] for part in route.path.split("/") if part.startswith("{")} | {route.body}
    speech = speech_of(route.surface)
    return {
        ".".join(speech.name(field) for field in path): _parameter(path[-1], speech)
        for path in _leaves(route.method.input_type, (), frozenset())
        if path[0].name not in bound and ".".join(field.name for field in path) not in bound
    }


def _parameter(field: FieldDescriptor, speech: Speech) -> object:
    if field.is_repeated or not speech.strict:
        return True
    return _value_shape(field)


def _field_shape(field: FieldDescriptor, speech: Speech, above: frozenset[str]) -> Shape:
    """Describes one field; a repeated one as a list, of which only what is inside is known where nothing is strict."""
    if _is_plain(field, above):
        shape = body_shape(field.message_type, speech, above)
        if speech.strict:
            shape["kind"] = "object"
    else:
        shape = _value_shape(field) if speech.strict and not _is_map(field) else {}
    if field.is_repeated and speech.strict and not _is_map(field):
        return {"kind": "list", "item": shape}
    return shape


def _value_shape(field: FieldDescriptor) -> Shape:
    if field.enum_type is not None:
        names = _spoken(field.enum_type)
        return {"kind": "enum", "values": dict.fromkeys(names, True), "said": ", ".join(names)}
    if field.message_type is not None:
        return {"kind": "moment"} if field.message_type.full_name == "google.protobuf.Timestamp" else {}
    kind = _KINDS.get(field.cpp_type)
    return {"kind": kind} if kind else {}


def _spoken(enum: EnumDescriptor) -> list[str]:
    """Names the values that a document knows; zero stands for an absent one."""
    return [value.name for value in enum.values if value.number]


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _is_plain(field: FieldDescriptor, above: frozenset[str]) -> bool:
    message = field.message_type
    if message is None or _is_map(field) or message.full_name in above:
        return False
    return not message.full_name.startswith("google.protobuf.")


def _leaves(
    message: Descriptor, prefix: tuple[FieldDescriptor, ...], above: frozenset[str]
) -> Iterable[tuple[FieldDescriptor, ...]]:
    if message.full_name in above:
        return
    for field in message.fields:
        child = field.message_type
        if child is None or child.full_name.startswith("google.protobuf."):
            yield (*prefix, field)
        elif not field.is_repeated:
            yield from _leaves(child, (*prefix, field), above | {message.full_name})
