"""What a benchmark hands to the table: one line of JSON for each figure, among whatever else it prints."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One comparison. `ours` and `alternative` are for people, with units; `ratio` is what the target is about.

    `target` is such as ">= 3", "< 64" or "" where none was set; `alternative` is "" where the figure is a limit.
    """

    benchmark: str
    ours: str
    alternative: str
    ratio: float
    target: str = ""

    @property
    def is_met(self) -> bool | None:
        """Says whether the target is met; None where there is none."""
        if not self.target:
            return None
        sign, bound = self.target.split()
        limit = float(bound)
        met = {">=": self.ratio >= limit, "<=": self.ratio <= limit, "<": self.ratio < limit, ">": self.ratio > limit}
        return met[sign]


def publish(figure: Figure) -> None:
    """Prints a figure for the table."""
    print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)


def skip(benchmark: str, reason: str) -> None:
    """Prints that a benchmark could not run, and why."""
    print(json.dumps({"benchmark": benchmark, "skipped": reason}, ensure_ascii=False), flush=True)


def read(line: str) -> Figure | tuple[str, str] | None:
    """Reads one line of a benchmark's output: a figure, a skipped benchmark with its reason, or None for other text."""
    if not line.startswith('{"benchmark"'):
        return None
    plain = json.loads(line)
    return (plain["benchmark"], plain["skipped"]) if "skipped" in plain else Figure(**plain)
