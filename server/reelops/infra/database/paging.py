"""A page of a list, and how many rows the whole list has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows `offset` to `offset + limit` of a list that has `total`."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int
