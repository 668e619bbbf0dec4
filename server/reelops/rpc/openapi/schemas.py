"""Messages as JSON Schema (2020-12), in the spelling that a surface has in REST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from reelops.api.edge.v1 import edge_pb2
from reelops.rpc.edge.descriptors import is_nullable
from reelops.rpc.edge.speech import Speech
from reelops.rpc.openapi.comments import Comment
from reelops.rpc.openapi.rules import allowed_numbers, constraints, is_required, rules_of

Schema = dict[str, Any]
_UINT32, _INT32 = 2**32 - 1, 2**31
_SCALARS: Mapping[int, Schema] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32", "minimum": -_INT32, "maximum": _INT32 - 1},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": _UINT32},
    FieldDescriptor.TYPE_INT64: {"type": "string", "format": "int64"},
    FieldDescriptor.TYPE_UINT64: {"type": "string", "format": "uint64"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
_KNOWN: Mapping[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?s$"},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Value": {},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Empty": {"type": "object", "maxProperties": 0},
}


class Direction(Enum):
    """Which way a message goes. An answer holds every plain field, a request only those that its rules ask for."""

    request = "request"
    answer = "answer"


class Schemas:
    """Collects the schemas of a document, each message once for each way it goes."""

    def __init__(self, speech: Speech, comments: Mapping[str, Comment]) -> None:
        self.components: dict[str, Schema] = {}
        self.speech = speech
        self._comments = comments
        self._names: dict[tuple[str, Direction], str] = {}

    def reference(self, message: Descriptor, direction: Direction) -> Schema:
        """Returns a schema of the message: a reference to its component, or a well-known one in place."""
        known = _KNOWN.get(message.full_name)
        if known is not None:
            return dict(known)
        key = (message.full_name, direction)
        if key not in self._names:
            self._names[key] = self._free_name(message, direction)
            self.components[self._names[key]] = {}
            self.components[self._names[key]] = self._object(message, direction)
        return {"$ref": f"#/components/schemas/{self._names[key]}"}

    def field(self, field: FieldDescriptor, direction: Direction) -> Schema:
        """Returns the schema of a field's value, described."""
        rules = rules_of(field)
        schema = self._value(field, direction, rules)
        if direction is Direction.answer and is_nullable(field):
            schema = _or_null(schema)
        comment = self._comments.get(field.full_name)
        if comment is None:
            return schema
        return {**schema, "description": comment.text}

    def query(self, field: FieldDescriptor) -> Schema:
        """Returns the schema of a query parameter."""
        return self._value(field, Direction.request, rules_of(field))

    def _object(self, message: Descriptor, direction: Direction) -> Schema:
        properties = {self.speech.name(field): self.field(field, direction) for field in message.fields}
        needed = [self.speech.name(field) for field in message.fields if _is_always_there(field, direction)]
        schema: Schema = {"type": "object", "title": message.name, "properties": properties}
        if needed:
            schema["required"] = needed
        if direction is Direction.request:
            schema["additionalProperties"] = False
        comment = self._comments.get(message.full_name)
        if comment is not None:
            schema["description"] = comment.text
        example = example_of(message)
        if example is not None:
            schema["examples"] = [example]
        return schema

    def _value(self, field: FieldDescriptor, direction: Direction, rules: Any) -> Schema:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            values = self._single(field.message_type.fields_by_name["value"], direction, None)
            return {"type": "object", "additionalProperties": values}
        asked = direction is Direction.request
        if not field.is_repeated:
            single = self._single(field, direction, rules if asked else None)
            return {**single, **constraints(field, rules)} if asked else single
        items = self._single(field, direction, rules.repeated.items if asked else None)
        if asked and rules.WhichOneof("type") == "repeated" and rules.repeated.HasField("items"):
            items = {**items, **constraints(field, rules.repeated.items)}
        return {"type": "array", "items": items, **(constraints(field, rules) if asked else {})}

    def _single(self, field: FieldDescriptor, direction: Direction, rules: Any) -> Schema:
        if field.message_type is not None:
            return self.reference(field.message_type, direction)
        if field.enum_type is not None:
            return self._enum(field.enum_type, rules)
        return dict(_SCALARS[field.type])

    def _enum(self, enum: EnumDescriptor, rules: Any) -> Schema:
        said = {value.number: self._comments.get(f"{enum.full_name}.{value.name}") for value in enum.values}
        # The zero that protobuf wants stands for an absent value and is never spelled.
        spelled = [value for value in enum.values if not _is_never_sent(said[value.number])]
        passing = set(allowed_numbers(rules, [value.number for value in spelled])) if rules is not None else None
        names = [value.name for value in spelled if passing is None or value.number in passing]
        return {"type": "string", "enum": names}

    def _free_name(self, message: Descriptor, direction: Direction) -> str:
        outer, name = message.containing_type, message.name
        while outer is not None:
            name, outer = f"{outer.name}.{name}", outer.containing_type
        taken = set(self._names.values())
        return name if name not in taken else f"{name}.{direction.value}"


def example_of(message: Descriptor) -> Any:
    """Returns the documented example of a message as REST spells it, or None."""
    options = descriptor_pb2.MessageOptions.FromString(message.GetOptions().SerializeToString())
    text = options.Extensions[edge_pb2.example]
    return json.loads(text) if text else None


def _is_always_there(field: FieldDescriptor, direction: Direction) -> bool:
    if direction is Direction.request:
        return is_required(field, rules_of(field))
    return field.is_repeated or not field.has_presence or is_nullable(field)


def _is_never_sent(comment: Comment | None) -> bool:
    return comment is not None and comment.text.startswith("Never sent")


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
