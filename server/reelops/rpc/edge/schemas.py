"""Writes which nulls belong into which answer."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from reelops.rpc.edge.descriptors import is_nullable
from reelops.rpc.edge.literals import Raw, quoted, spell
from reelops.rpc.edge.speech import Speech


class Schemas:
    """Collects the messages whose JSON has nulls to fill in, once for each spelling; they may refer to themselves."""

    def __init__(self) -> None:
        self._needed: dict[str, bool] = {}
        self._messages: dict[str, tuple[Descriptor, Speech]] = {}

    def of(self, answer: FieldDescriptor | Descriptor | None, speech: Speech) -> Raw | None:
        """Returns the expression of an answer's schema, or None where nothing is to fill in."""
        if answer is None:
            return None
        if isinstance(answer, Descriptor):
            return self._reference(answer, speech)
        return self._of_field(answer, speech)

    def text(self) -> str:
        """Returns the statements that define every schema that `of` has given out."""
        done: dict[str, str] = {}
        while missing := [key for key in self._messages if key not in done]:
            for key in missing:
                done[key] = self._definition(key, *self._messages[key])
        tables = (f"SCHEMAS[{quoted(key)}] = {{}}" for key in done)
        return "\n".join(["local SCHEMAS = {}", *tables, *done.values()])

    def _reference(self, message: Descriptor, speech: Speech) -> Raw | None:
        if not self._has_nulls(message, frozenset()):
            return None
        key = f"{message.full_name} camelCase" if speech.camel_case else str(message.full_name)
        self._messages[key] = message, speech
        return Raw(f"SCHEMAS[{quoted(key)}]")

    def _of_field(self, field: FieldDescriptor, speech: Speech) -> Raw | None:
        message = field.message_type
        if message is None or message.full_name.startswith("google.protobuf."):
            return None
        if not message.GetOptions().map_entry:
            return self._reference(message, speech)
        values = self._of_field(message.fields_by_name["value"], speech)
        return Raw(spell({"values": values})) if values else None

    def _definition(self, key: str, message: Descriptor, speech: Speech) -> str:
        name = quoted(key)
        nullable = [speech.name(field) for field in message.fields if is_nullable(field)]
        fields = {speech.name(field): schema for field in message.fields if (schema := self._of_field(field, speech))}
        lines = [f"SCHEMAS[{name}].nullable = {spell(nullable)}"] if nullable else []
        return "\n".join(lines + ([f"SCHEMAS[{name}].fields = {spell(fields)}"] if fields else []))

    def _has_nulls(self, message: Descriptor, above: frozenset[str]) -> bool:
        known = self._needed.get(message.full_name)
        if known is not None:
            return known
        if message.full_name in above:
            return False
        inside = above | {message.full_name}
        children = (field.message_type for field in message.fields if field.message_type is not None)
        found = any(is_nullable(field) for field in message.fields) or any(
            self._has_nulls(child, inside) for child in children
        )
        if found or not above:
            self._needed[message.full_name] = found
        return found
