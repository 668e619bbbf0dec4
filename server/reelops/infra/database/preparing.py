"""SELECT statements compiled once for sqlite3, with SQLAlchemy's own conversions of parameters and columns."""

from __future__ import annotations

import re
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Conversion = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled read: its SQL, how parameters go in and how columns come out."""

    sql: str
    positions: tuple[str, ...]
    constants: Mapping[str, Any]
    inward: Mapping[str, Conversion]
    outward: tuple[tuple[int, Conversion], ...]
    make_row: Callable[[Any], Any]

    def rows(self, connection: sqlite3.Connection, params: Mapping[str, Any]) -> list[Any]:
        """Runs it and returns rows as named tuples."""
        cursor = connection.execute(self.sql, self._bind(params))
        fetched = cursor.fetchall()
        if not self.outward:
            return [self.make_row(row) for row in fetched]
        return [self.make_row(self._convert(row)) for row in fetched]

    def _bind(self, params: Mapping[str, Any]) -> list[Any]:
        values = []
        for name in self.positions:
            value = params[name] if name in params else self.constants[name]
            convert = self.inward.get(name)
            values.append(value if convert is None else convert(value))
        return values

    def _convert(self, row: tuple[Any, ...]) -> list[Any]:
        values = list(row)
        for index, convert in self.outward:
            values[index] = convert(values[index])
        return values


def prepare(statement: sa.Select[Any], dialect: sa.Dialect) -> Prepared:
    """Compiles a SELECT. Parameters that expand (`IN` lists) are refused with ValueError."""
    compiled = statement.compile(dialect=dialect)
    if any(bind.expanding for bind in compiled.binds.values()):
        raise ValueError("a prepared read cannot have IN lists; leave out its parameters")
    columns = list(statement.selected_columns)
    names = tuple(
        _field(str(getattr(column, "key", None) or f"column_{index}")) for index, column in enumerate(columns)
    )
    return Prepared(
        sql=str(compiled),
        positions=tuple(compiled.positiontup or ()),
        constants={name: bind.value for name, bind in compiled.binds.items() if not bind.required},
        inward=_processors({name: bind.type.bind_processor(dialect) for name, bind in compiled.binds.items()}),
        outward=tuple(
            (index, convert)
            for index, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ),
        make_row=_row_maker(names),
    )


def _row_maker(names: tuple[str, ...]) -> Callable[[Any], Any]:
    # Only a literal list of fields has a static type; these are known when the statement is.
    row: Any = namedtuple("Row", names)  # type: ignore[misc]
    make: Callable[[Any], Any] = row._make
    return make


def _processors(found: Mapping[str, Conversion | None]) -> dict[str, Conversion]:
    return {name: convert for name, convert in found.items() if convert is not None}


def _field(name: str) -> str:
    cleaned = re.sub(r"\W", "_", name)
    return f"column{cleaned}" if cleaned[:1] in ("_", "") or cleaned[:1].isdigit() else cleaned
