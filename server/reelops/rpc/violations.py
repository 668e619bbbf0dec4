"""Requests that break the rules of their proto: which field, which rule, and a sentence for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import protovalidate
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from reelops import errors
from reelops.rpc.edge.speech import Speech

# This document's sentences were there before the others', and callers read them.
_TERSE = "reelops.api.sopilot.v1"
_CONSTRAINTS = {
    "max_len": "max_length",
    "max_bytes": "max_length",
    "min_len": "min_length",
    "min_bytes": "min_length",
    "len": "length",
    "gt": "minimum",
    "gte": "minimum",
    "lt": "maximum",
    "lte": "maximum",
    "in": "enum",
    "not_in": "enum",
    "const": "enum",
    "defined_only": "enum",
    "finite": "format",
}
"""What callers know a rule by, where it is not its own name."""
_FORMATS = ("email", "hostname", "ip", "ipv4", "ipv6", "uri", "uri_ref", "uuid", "well_known_regex")
_BETWEEN = re.compile(r"must be greater than or equal to (\S+) and less than or equal to (\S+)")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path to a field: `field` is None for a oneof, `index` an item of a list or a key of a map."""

    name: str
    field: FieldDescriptor | None
    index: object = None


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken rule. `rule` is protovalidate's id (`string.max_len`), `said` its own words."""

    path: tuple[Step, ...]
    rule: str
    said: str
    constraint: str
    phrase: str

    def field(self, speech: Speech, *, indexed: bool = False) -> str:
        """Spells the path, dotted, with the indices of lists where asked."""
        names = (
            (speech.name(step.field) if step.field is not None else step.name)
            + (f"[{step.index}]" if indexed and step.index is not None else "")
            for step in self.path
        )
        return ".".join(names)

    def sentence(self, speech: Speech) -> str:
        """Says what is wrong with the field."""
        return f"{self.field(speech, indexed=True)} {self.phrase}" if self.path else self.said


class ViolatedRules(errors.Invalid):
    """A request that breaks the rules its proto declares."""

    def __init__(self, message: Descriptor, broken: Iterable[Broken]) -> None:
        self.broken = tuple(broken)
        self._terse = message.file.package == _TERSE
        first, speech = self.broken[0], Speech()
        known = {} if self._terse else {"constraint": first.constraint}
        super().__init__("FIELD_INVALID", self.sentence(speech), field=first.field(speech), **known)

    def __reduce__(self) -> tuple[object, ...]:
        return errors.Invalid(self.code, self.message, **self.details).__reduce__()

    def sentence(self, speech: Speech) -> str:
        """Says what is wrong, with the fields spelled as the caller spells them."""
        return "; ".join(self._one(broken, speech) for broken in self.broken)

    def _one(self, broken: Broken, speech: Speech) -> str:
        if not self._terse:
            return broken.sentence(speech)
        path = broken.field(speech)
        return f"{path}: {broken.said}" if path else broken.said


def check_rules(validator: protovalidate.Validator, message: Message) -> None:
    """Passes a message that keeps its proto's rules and has no NUL in a text. Raises `ViolatedRules`."""
    # PostgreSQL keeps no text with a NUL, SQLite cuts it off there: nobody may be taken for somebody else.
    for path in _with_nul(message, ()):
        said = "must not contain NUL"
        raise ViolatedRules(_descriptor(message), [Broken(path, "string.nul", said, "format", said)])
    violations = validator.collect_violations(message)
    if violations:
        descriptor = _descriptor(message)
        raise ViolatedRules(descriptor, [_broken(descriptor, violation) for violation in violations])


def _descriptor(message: Message) -> Descriptor:
    found: Descriptor = message.DESCRIPTOR  # type: ignore[assignment]
    return found


def _with_nul(message: Message, above: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    for field, value in message.ListFields():
        if field.cpp_type not in (FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_MESSAGE):
            continue
        if field.type == FieldDescriptor.TYPE_BYTES or (
            field.message_type and field.message_type.GetOptions().map_entry
        ):
            continue
        for index, item in enumerate(value) if field.is_repeated else ((None, value),):
            path = (*above, Step(field.name, field, index))
            if isinstance(item, Message):
                yield from _with_nul(item, path)
            elif "\x00" in item:
                yield path


def _broken(message: Descriptor, violation: protovalidate.Violation) -> Broken:
    rule, said = violation.proto.rule_id or "", violation.proto.message or "is invalid"
    path = tuple(_steps(message, violation.proto.field))
    constraint, phrase = _told(rule, said, violation, path)
    return Broken(path, rule, said, constraint, phrase)


def _steps(message: Descriptor, found: Any) -> Iterator[Step]:
    here: Descriptor | None = message
    for element in found.elements if found is not None else ():
        field = here.fields_by_name.get(element.field_name) if here is not None else None
        yield Step(element.field_name, field, element.subscript.value if element.subscript is not None else None)
        here = field.message_type if field is not None else None


_PHRASES: dict[str, Callable[[Any], str]] = {
    "required": lambda _: "is required",
    "string.min_len": lambda least: "must not be empty" if least == 1 else f"must have at least {least} characters",
    "string.max_len": lambda most: f"must have at most {most} characters",
    "string.in": lambda values: f"must be one of {', '.join(values)}",
    "string.pattern": lambda pattern: f"must match {pattern}",
    "bytes.max_len": lambda most: f"must have at most {most} bytes",
    "repeated.min_items": lambda least: f"must have at least {least} {'entry' if least == 1 else 'entries'}",
    "repeated.max_items": lambda most: f"must have at most {most} entries",
    "repeated.unique": lambda _: "must not have an entry twice",
}


def _told(rule: str, said: str, violation: protovalidate.Violation, path: tuple[Step, ...]) -> tuple[str, str]:
    """Returns the constraint that callers know the rule by, and what to say of the field."""
    kind = rule.rpartition(".")[2]
    between = _BETWEEN.fullmatch(said)
    if between:
        least, most = between.groups()
        is_above = violation.field_value is not None and violation.field_value > float(most)
        return "maximum" if is_above else "minimum", f"must be from {least} to {most}"
    constraint = "format" if kind in _FORMATS else _CONSTRAINTS.get(kind, kind)
    field = path[-1].field if path else None
    if constraint == "enum" and field is not None and field.enum_type is not None:
        names = ", ".join(value.name for value in field.enum_type.values if value.number)
        return constraint, f"must be one of {names}"
    if kind in ("gte", "lte"):
        return constraint, f"must be at {'least' if kind == 'gte' else 'most'} {said.rpartition(' ')[2]}"
    phrase = _PHRASES.get(rule)
    return constraint, phrase(violation.rule_value) if phrase else said.removeprefix("value ")
