"""Reading JSON objects into typed values; what is not as it should be is an `UnexpectedAnswerError`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from .errors import UnexpectedAnswerError

T = TypeVar("T")
_LARGEST = 2**63


def parse(body: bytes) -> Fields:
    """Reads the body of an answer, which has to be one JSON object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise UnexpectedAnswerError(f"the answer is not JSON: {body[:80]!r}") from None
    return Fields.of(value, "the answer")


class Fields:
    """The fields of a JSON object. `text`, `number` and so on raise where a field is missing or of another type."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    @staticmethod
    def of(value: object, name: str) -> Fields:
        if not isinstance(value, dict):
            raise UnexpectedAnswerError(f"{name} is not an object: {str(value)[:80]}")
        return Fields(value)

    def get(self, name: str) -> object:
        return self._values.get(name)

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        """Reads a field by one of the methods below; None where it is absent or null."""
        return None if self._values.get(name) is None else read(name)

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def number(self, name: str) -> float:
        value = self._values.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _LARGEST:
            raise self._wrong(name, "a number")
        return float(value)

    def whole(self, name: str) -> int:
        value = self.number(name)
        if not value.is_integer():
            raise self._wrong(name, "a whole number")
        return int(value)

    def count(self, name: str) -> int:
        """Reads a whole number that is 0 where it is absent."""
        return self.maybe(name, self.whole) or 0

    def moment(self, name: str) -> datetime:
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise self._wrong(name, "a moment") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def object(self, name: str) -> Fields:
        return Fields.of(self._values.get(name), f"{name!r} of the answer")

    def objects(self, name: str) -> tuple[Fields, ...]:
        return tuple(Fields.of(value, f"an entry of {name!r}") for value in self._list(name))

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._list(name)
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name, "a list of texts")
        return tuple(values)

    def _list(self, name: str) -> list[Any]:
        value = self._values.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value

    def _wrong(self, name: str, wanted: str) -> UnexpectedAnswerError:
        return UnexpectedAnswerError(f"{name!r} of the answer is not {wanted}: {str(self._values.get(name))[:80]}")
