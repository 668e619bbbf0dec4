"""The rules that protos declare on fields, as JSON Schema."""

from __future__ import annotations

from typing import Any

from buf.validate import validate_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FieldDescriptor

Schema = dict[str, Any]
_STRINGS = {"min_len": "minLength", "max_len": "maxLength", "len": "length", "pattern": "pattern", "const": "const"}
_BOUNDS = {"gt": "exclusiveMinimum", "gte": "minimum", "lt": "exclusiveMaximum", "lte": "maximum"}


def rules_of(field: FieldDescriptor) -> validate_pb2.FieldRules:
    """Returns the rules of a field; empty where there are none."""
    options = descriptor_pb2.FieldOptions.FromString(field.GetOptions().SerializeToString())
    rules: validate_pb2.FieldRules = options.Extensions[validate_pb2.field]
    return rules


def constraints(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> Schema:
    """Gives the JSON Schema keywords of a field's rules, those of a list's items left out."""
    kind = rules.WhichOneof("type")
    if kind is None:
        return {"minLength": 1} if rules.required and field.type == field.TYPE_STRING and not field.is_repeated else {}
    own = getattr(rules, kind)
    if kind == "string":
        return _of_string(own, required=rules.required)
    if kind == "bytes":
        return {}
    if kind == "repeated":
        result = {"minItems": own.min_items, "maxItems": own.max_items, "uniqueItems": own.unique}
        return {key: value for key, value in result.items() if value}
    if kind == "enum":
        return {}
    return {_BOUNDS[name]: getattr(own, name) for name in _BOUNDS if own.HasField(name)}


def allowed_numbers(rules: validate_pb2.FieldRules, numbers: list[int]) -> list[int]:
    """Gives those of an enum's numbers that the rules let pass."""
    if rules.WhichOneof("type") != "enum":
        return numbers
    wanted = set(getattr(rules.enum, "in")) or set(numbers)
    return [number for number in numbers if number in wanted and number not in rules.enum.not_in]


def is_required(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> bool:
    """Whether a request without the field breaks its rules."""
    if rules.required:
        return True
    kind = rules.WhichOneof("type")
    if kind is None or (field.has_presence and not field.is_repeated):
        return False
    own = getattr(rules, kind)
    if kind == "string":
        return bool(own.min_len)
    if kind == "repeated":
        return bool(own.min_items)
    if kind == "enum":
        return 0 in own.not_in or (bool(getattr(own, "in")) and 0 not in getattr(own, "in"))
    return _excludes_zero(own)


def _excludes_zero(own: Any) -> bool:
    names = {name for name in _BOUNDS if hasattr(own, name) and own.HasField(name)}
    return ("gt" in names and own.gt >= 0) or ("gte" in names and own.gte > 0)


def _of_string(own: Any, *, required: bool) -> Schema:
    result: Schema = {keyword: getattr(own, name) for name, keyword in _STRINGS.items() if own.HasField(name)}
    length = result.pop("length", None)
    if length is not None:
        result |= {"minLength": length, "maxLength": length}
    if required:
        result.setdefault("minLength", 1)
    if getattr(own, "in"):
        result["enum"] = list(getattr(own, "in"))
        result.pop("minLength", None)
    return result
