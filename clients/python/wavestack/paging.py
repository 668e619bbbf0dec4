"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .reading import Fields

PAGE_SIZE = 100


class Identified(Protocol):
    """Has an id that no other of its kind has."""

    @property
    def id(self) -> str: ...


T = TypeVar("T")
Item = TypeVar("Item", bound=Identified)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list, newest first: at most `limit` items after the first `offset` of `total`. Iterates its items."""

    items: tuple[T, ...]
    total: int
    limit: int
    offset: int

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def has_more(self) -> bool:
        """Whether there are items after this page."""
        return self.offset + len(self.items) < self.total

    @staticmethod
    def read(fields: Fields, item: Callable[[Fields], T]) -> Page[T]:
        return Page(
            items=tuple(item(each) for each in fields.objects("items")),
            total=fields.whole("total"),
            limit=fields.whole("limit"),
            offset=fields.whole("offset"),
        )


async def every(fetch: Callable[[int], Awaitable[Page[Item]]]) -> AsyncGenerator[Item, None]:
    """Yields each item of all pages once; `fetch` gets the page at an offset.

    The list may change meanwhile. Items that come in push others onto the next page: those were seen. Items that go
    pull others onto pages that were read: so many are read again.
    """
    offset, total = 0, 0
    seen: set[str] = set()
    while True:
        page = await fetch(offset)
        gone, total = total - page.total, page.total
        if gone > 0 and offset > 0:
            offset = max(0, offset - gone)
            continue
        for item in page.items:
            if item.id not in seen:
                seen.add(item.id)
                yield item
        offset += len(page.items)
        if not page.items or offset >= page.total:
            return
