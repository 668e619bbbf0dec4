"""The ways to score, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reelops import errors
from reelops.core.library.model import ClipRow, Video
from reelops.core.scoring import reelops_v1, sopilot_v1
from reelops.core.scoring.asking import takes
from reelops.core.scoring.boundaries import find_boundaries
from reelops.core.scoring.decoding import Decoding
from reelops.core.scoring.model import ScoreResult
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms
from reelops.core.scoring.outlining import Outline
from reelops.core.scoring.reading import scope_of
from reelops.core.scoring.result import Take
from reelops.core.scoring.steps.model import Step, Stretch, stretches
from reelops.core.scoring.weighing import weigh
from reelops.core.scoring.windows import layout_of
from reelops.core.training.adapters import Adapter, effective
from reelops.infra.inference import Alignment, InferenceClient, StepReading, Takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A video with what scoring needs of it. `raw` is float32 (clips, dimensions), not normalised.

    `steps` are those that an operator set for it, none where nobody did; `outline` is what was found in a gold video,
    and `norms` what further references of its task say.
    """

    video: Video
    clips: tuple[ClipRow, ...]
    raw: NDArray[np.float32]
    adapter: Adapter | None
    steps: tuple[Step, ...] = ()
    outline: Outline | None = None
    norms: Norms = UNKNOWN_NORMS

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
        return Reading(alignment.result(), decoding_of(steps.result(), channels=takes.channels))

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
        )
        return weigh(result, gold.steps, _stretches(gold)) if gold.steps else result


def takes_of(gold: Recording, trainee: Recording) -> Takes:
    """Gives what Triton is asked to read."""
    layout = layout_of(gold.video.embedding_model)
    scope = scope_of(
        gold.clip_times,
        trainee.clip_times,
        windows=layout.windows,
        steps_sec=[part.start_sec for part in _stretches(gold)] or None,
        found=gold.outline,
    )
    return takes(gold.raw, trainee.raw, scope=scope, layout=layout)


def decoding_of(said: StepReading, *, channels: int) -> Decoding:
    """Turns what Triton said into what the comparison works on; of the departures `channels` are maps, not colours."""
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
        channels=channels,
        phased=said.phased,
    )


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
