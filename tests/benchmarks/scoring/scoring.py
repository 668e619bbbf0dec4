"""Scores rendered takes with every profile, through the same code that the service uses."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reelops.core.scoring import reelops_v1, sopilot_v1
from reelops.core.scoring.alignment import align
from reelops.core.scoring.boundaries import find_boundaries
from reelops.core.scoring.comparison import read_reference
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.looks import FoundSteps, are_short, located, seldom, told_by
from reelops.core.scoring.model import ScoreResult
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms, ReferenceReading
from reelops.core.scoring.outlining import outline
from reelops.core.scoring.reading import read_takes, scope_of
from reelops.core.scoring.result import Take
from reelops.core.scoring.segments import segments_of
from reelops.core.scoring.windows import layout_of, lost_windows, real_windows, split

from tests import built_in_features

PROFILES = (reelops_v1.PROFILE, sopilot_v1.PROFILE)

features: Any = built_in_features.load()
MODEL = f"{features.NAME}:{features.VERSION}"
LAYOUT = layout_of(MODEL)


@dataclass(slots=True)
class Embedded:
    """A take's embeddings and clip times, and what is seen at single frames.

    `seconds` is how long it lasts; `close` is a close look at it, where there was one; `found` are a gold's steps once
    they were looked for.
    """

    embeddings: NDArray[np.float32]
    clip_times: tuple[tuple[float, float], ...]
    glimpses: NDArray[np.float32]
    seconds: float | None = None
    close: Embedded | None = None
    found: FoundSteps | None = None

    @property
    def steps(self) -> FoundSteps:
        """The steps of a gold, as ingest finds them."""
        if self.found is None:
            close = None if self.close is None else self.close._outlined(seldom(self.close.glimpses))
            self.found = told_by(self._outlined(self.glimpses), close)
        return self.found

    @property
    def has_short_steps(self) -> bool:
        """Says whether takes are read closely beside this gold."""
        return are_short(self.steps.usual_sec, phased=self.steps.phased)

    def _outlined(self, glimpses: NDArray[np.float32]) -> FoundSteps:
        windows = LAYOUT.maps(split(self.embeddings, LAYOUT.windows)[: real_windows(self.clip_times, LAYOUT.windows)])
        layout = replace(LAYOUT, glimpses=glimpses.shape[1])
        found = outline(windows, layout, glimpses.reshape(-1, *glimpses.shape[2:]))
        return located(found, self.clip_times, LAYOUT.windows)


@dataclass(slots=True)
class Clock:
    """Seconds of computing and of video, by profile."""

    spent: dict[str, float] = field(default_factory=dict)
    video: dict[str, float] = field(default_factory=dict)

    def add(self, profile: str, seconds: float, video: float) -> None:
        """Adds one scoring."""
        self.spent[profile] = self.spent.get(profile, 0.0) + seconds
        self.video[profile] = self.video.get(profile, 0.0) + video


def embedded(clips: NDArray[np.uint8], times: Sequence[tuple[float, float]]) -> Embedded:
    """Embeds clips with the default embedder."""
    embeddings, glimpses = features.compute(clips)
    return Embedded(embeddings, tuple(times), glimpses)


def score(
    profile: str, gold: Embedded, trainee: Embedded, clock: Clock | None = None, norms: Norms = UNKNOWN_NORMS
) -> ScoreResult:
    """Scores one pair."""
    began = time.perf_counter()
    result = _score(profile, gold, trainee, norms)
    if clock is not None:
        clock.add(profile, time.perf_counter() - began, trainee.clip_times[-1][1])
    return result


def reference(gold: Embedded, take: Embedded) -> ReferenceReading:
    """Reads a take that is known to be good."""
    decoding = read(gold, take)
    return read_reference(decoding, segments_of(decoding))


def _score(profile: str, gold: Embedded, trainee: Embedded, norms: Norms) -> ScoreResult:
    alignment = align(gold.embeddings, trainee.embeddings)
    takes = (_take(gold), _take(trainee), alignment)
    if profile == sopilot_v1.PROFILE:
        return sopilot_v1.score(*takes, embedding_model=MODEL)
    return reelops_v1.score(
        *takes,
        read(gold, trainee),
        layout=LAYOUT,
        embedding_model=MODEL,
        norms=norms,
        read_from=[look.clip_times for look in looks_at(gold, trainee)],
    )


def looks_at(gold: Embedded, trainee: Embedded) -> tuple[Embedded, Embedded]:
    """Gives what is read of both takes."""
    if gold.has_short_steps and gold.close is not None and trainee.close is not None:
        return gold.close, trainee.close
    return gold, trainee


def read(gold: Embedded, trainee: Embedded) -> Decoding:
    """Reads a take as steps of the gold."""
    own, seen = looks_at(gold, trainee)
    scope = scope_of(
        own.clip_times,
        seen.clip_times,
        windows=LAYOUT.windows,
        steps_sec=gold.steps.boundaries_sec[:-1],
        phased=gold.steps.phased,
    )
    decoding = read_takes(own.embeddings, seen.embeddings, scope=scope, layout=LAYOUT)
    if gold.seconds is None or trainee.seconds is None:
        return decoding
    lost = lost_windows(own.clip_times, LAYOUT.windows, duration_sec=gold.seconds)
    return replace(decoding, lost=(lost, lost_windows(seen.clip_times, LAYOUT.windows, duration_sec=trainee.seconds)))


def _take(video: Embedded) -> Take:
    return Take(video.clip_times, find_boundaries(video.embeddings))
