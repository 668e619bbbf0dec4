"""The ways to score, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reelops import errors
from reelops.core.library.model import ClipRow, CloseLook, Video
from reelops.core.scoring import reelops_v1, sopilot_v1
from reelops.core.scoring.asking import takes
from reelops.core.scoring.boundaries import find_boundaries
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.departures import Kinds
from reelops.core.scoring.looks import FoundSteps, are_short
from reelops.core.scoring.model import ScoreResult
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms
from reelops.core.scoring.reading import scope_of
from reelops.core.scoring.result import Take
from reelops.core.scoring.steps.model import Step, Stretch, stretches
from reelops.core.scoring.weighing import weigh
from reelops.core.scoring.windows import layout_of, lost_windows
from reelops.core.training.adapters import Adapter, effective
from reelops.infra.inference import Alignment, InferenceClient, StepReading, Takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A video with what scoring needs of it. `raw` is float32 (clips, dimensions), not normalised.

    `steps` are those that an operator set for it, none where nobody did; `found` are those found in a gold video,
    and `norms` what further references of its task say. `close_look` is there where the task's steps are short.
    """

    video: Video
    clips: tuple[ClipRow, ...]
    raw: NDArray[np.float32]
    adapter: Adapter | None
    steps: tuple[Step, ...] = ()
    found: FoundSteps | None = None
    norms: Norms = UNKNOWN_NORMS
    close_look: CloseLook | None = None

    @property
    def effective(self) -> NDArray[np.float32]:
        """The embeddings that are compared: adapted where an adapter was trained, rows of length 1."""
        return effective(self.raw, self.adapter)

    @property
    def adapter_version(self) -> str | None:
        """The adapter that was applied, if any."""
        return self.adapter.version if self.adapter is not None else None

    @property
    def clip_times(self) -> tuple[tuple[float, float], ...]:
        """Where each clip begins and ends, in seconds."""
        return tuple((clip.start_sec, clip.end_sec) for clip in self.clips)

    @property
    def has_short_steps(self) -> bool:
        """Says whether the steps of this gold video are too short to be read by windows of 1 s."""
        if self.found is None:
            return False
        lengths = [step.end_sec - step.start_sec for step in self.steps]
        return are_short(float(np.median(lengths)) if lengths else self.found.usual_sec, phased=self.found.phased)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is read of a video: raw embeddings, (clips, dimensions), and where each clip begins and ends in seconds."""

    embeddings: NDArray[np.float32]
    clip_times: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What Triton says of two videos: how their clips go together and, where the profile asks, the steps."""

    alignment: Alignment
    decoding: Decoding | None = None


class Profile(Protocol):
    """A way to score. `read` asks Triton; `score` is pure and runs in a thread.

    One that is `calibrated` judges by what is usual among the good takes of the task.
    """

    name: str
    calibrated: bool

    async def read(self, inference: InferenceClient, gold: Recording, trainee: Recording) -> Reading: ...

    def score(self, gold: Recording, trainee: Recording, reading: Reading) -> ScoreResult: ...


class SopilotV1:
    """The formula of earlier systems; see `sopilot_v1`."""

    name = sopilot_v1.PROFILE
    calibrated = False

    async def read(self, inference: InferenceClient, gold: Recording, trainee: Recording) -> Reading:
        sopilot_v1.check_length("gold", len(gold.clips))
        sopilot_v1.check_length("trainee", len(trainee.clips))
        return Reading(await inference.align(gold.effective, trainee.effective))

    def score(self, gold: Recording, trainee: Recording, reading: Reading) -> ScoreResult:
        return sopilot_v1.score(
            _take(gold),
            _take(trainee),
            reading.alignment,
            embedding_model=gold.video.embedding_model,
            adapter_version=gold.adapter_version,
        )


class ReelopsV1:
    """The default: reads the trainee's take as steps of the gold; see `reelops_v1`."""

    name = reelops_v1.PROFILE
    calibrated = True

    async def read(self, inference: InferenceClient, gold: Recording, trainee: Recording) -> Reading:
        reelops_v1.check_lengths(gold=len(gold.clips), trainee=len(trainee.clips))
        takes = takes_of(gold, trainee)
        try:
            async with asyncio.TaskGroup() as group:
                alignment = group.create_task(inference.align(gold.effective, trainee.effective))
                steps = group.create_task(inference.decode_steps(takes))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        decoding = decoding_of(steps.result(), kinds_of(takes), lost=lost_of(gold, trainee))
        return Reading(alignment.result(), decoding)

    def score(self, gold: Recording, trainee: Recording, reading: Reading) -> ScoreResult:
        if reading.decoding is None:
            raise ValueError(f"{self.name} needs the steps")
        result = reelops_v1.score(
            _whole(gold),
            _whole(trainee),
            reading.alignment,
            reading.decoding,
            layout=layout_of(gold.video.embedding_model),
            embedding_model=gold.video.embedding_model,
            adapter_version=gold.adapter_version,
            norms=gold.norms,
            read_from=[look.clip_times for look in looks_at(gold, trainee)],
        )
        return weigh(result, gold.steps, _stretches(gold)) if gold.steps else result


def looks_at(gold: Recording, trainee: Recording) -> tuple[Look, Look]:
    """Gives what is read of both videos: the close look where steps are short and there is one of each."""
    both = [one.close_look for one in (gold, trainee) if one.close_look is not None]
    if gold.has_short_steps and len(both) == 2:
        of_gold, of_trainee = (Look(look.embeddings, look.clip_times) for look in both)
    else:
        of_gold, of_trainee = (Look(one.raw, one.clip_times) for one in (gold, trainee))
    return of_gold, of_trainee


def takes_of(gold: Recording, trainee: Recording) -> Takes:
    """Gives what Triton is asked to read."""
    layout = layout_of(gold.video.embedding_model)
    own, seen = looks_at(gold, trainee)
    scope = scope_of(
        own.clip_times,
        seen.clip_times,
        windows=layout.windows,
        steps_sec=_starts(gold),
        phased=None if gold.found is None else gold.found.phased,
    )
    return takes(own.embeddings, seen.embeddings, scope=scope, layout=layout)


def kinds_of(takes: Takes) -> Kinds:
    """Says what the departures in Triton's answer are made of."""
    return Kinds(takes.channels, takes.colours, takes.tones)


def lost_of(gold: Recording, trainee: Recording) -> tuple[float, float]:
    """Says how many windows either video goes on after what was read of it."""
    windows = layout_of(gold.video.embedding_model).windows
    of_gold, of_trainee = (
        lost_windows(look.clip_times, windows, duration_sec=one.video.duration_sec)
        for look, one in zip(looks_at(gold, trainee), (gold, trainee), strict=True)
    )
    return of_gold, of_trainee


def decoding_of(said: StepReading, kinds: Kinds, *, lost: tuple[float, float] | None = None) -> Decoding:
    """Turns what Triton said into what the comparison works on."""
    return Decoding(
        gold_steps=said.gold_steps.astype(np.int64),
        states=said.states.astype(np.int64),
        starts=said.starts.astype(np.int64),
        ends=said.ends.astype(np.int64),
        costs=said.costs,
        nearest=said.nearest.astype(np.int64),
        unknown_cost=said.unknown_cost,
        match_cost=said.match_cost,
        between_cost=said.between_cost,
        spread=said.spread,
        departures=said.departures,
        kinds=kinds,
        phased=said.phased,
        lost=lost,
    )


def _starts(gold: Recording) -> list[float] | None:
    """Gives where the gold's steps begin, in seconds: as an operator set them, or as they were found."""
    if gold.steps:
        return [part.start_sec for part in _stretches(gold)]
    return None if gold.found is None else list(gold.found.boundaries_sec[:-1])


def _stretches(gold: Recording) -> tuple[Stretch, ...]:
    return stretches(gold.steps, duration_sec=gold.video.duration_sec) if gold.steps else ()


def _whole(recording: Recording) -> Take:
    """Gives a take as one stretch: the profile finds its steps itself."""
    return Take(recording.clip_times, (0, len(recording.clips)))


def _take(recording: Recording) -> Take:
    return Take(recording.clip_times, find_boundaries(recording.effective))


PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (ReelopsV1(), SopilotV1())}
DEFAULT_PROFILE = ReelopsV1.name


def check_profile(name: str) -> str:
    """Returns the name of a profile that exists, or raises `Invalid("PROFILE_UNKNOWN")`."""
    if name not in PROFILES:
        known = ", ".join(sorted(PROFILES))
        raise errors.Invalid("PROFILE_UNKNOWN", f"there is no scoring profile {name!r}; there are {known}")
    return name
