"""The ways to score, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reelops import errors
from reelops.core.library.model import ClipRow, Video
from reelops.core.scoring import reelops_v1, sopilot_v1
from reelops.core.scoring.boundaries import find_boundaries
from reelops.core.scoring.model import ScoreResult
from reelops.core.scoring.result import Take
from reelops.core.scoring.steps.model import Step, stretches
from reelops.core.scoring.weighing import weigh
from reelops.core.scoring.windows import layout_of
from reelops.core.training.adapters import Adapter, normalised
from reelops.infra.inference import Alignment, InferenceClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A video with what scoring needs of it. `raw` is float32 (clips, dimensions), not normalised.

    `steps` are those that an operator set for it, none where nobody did.
    """

    video: Video
    clips: tuple[ClipRow, ...]
    raw: NDArray[np.float32]
    adapter: Adapter | None
    steps: tuple[Step, ...] = ()

    @property
    def effective(self) -> NDArray[np.float32]:
        """The embeddings that are compared: adapted where an adapter was trained, rows of length 1."""
        return self.adapter.apply(self.raw) if self.adapter is not None else normalised(self.raw)

    @property
    def adapter_version(self) -> str | None:
        """The adapter that was applied, if any."""
        return self.adapter.version if self.adapter is not None else None

    @property
    def clip_times(self) -> tuple[tuple[float, float], ...]:
        """Where each clip begins and ends, in seconds."""
        return tuple((clip.start_sec, clip.end_sec) for clip in self.clips)


class Profile(Protocol):
    """A way to score. `align` may call Triton; `score` is pure and runs in a thread."""

    name: str

    async def align(self, inference: InferenceClient, gold: Recording, trainee: Recording) -> Alignment: ...

    def score(self, gold: Recording, trainee: Recording, alignment: Alignment) -> ScoreResult: ...


class SopilotV1:
    """The formula of earlier systems; see `sopilot_v1`."""

    name = sopilot_v1.PROFILE

    async def align(self, inference: InferenceClient, gold: Recording, trainee: Recording) -> Alignment:
        sopilot_v1.check_length("gold", len(gold.clips))
        sopilot_v1.check_length("trainee", len(trainee.clips))
        return await inference.align(gold.effective, trainee.effective)

    def score(self, gold: Recording, trainee: Recording, alignment: Alignment) -> ScoreResult:
        return sopilot_v1.score(
            _take(gold),
            _take(trainee),
            alignment,
            embedding_model=gold.video.embedding_model,
            adapter_version=gold.adapter_version,
        )


class ReelopsV1:
    """The default: reads the trainee's take as steps of the gold; see `reelops_v1`."""

    name = reelops_v1.PROFILE

    async def align(self, inference: InferenceClient, gold: Recording, trainee: Recording) -> Alignment:
        return await inference.align(gold.effective, trainee.effective)

    def score(self, gold: Recording, trainee: Recording, alignment: Alignment) -> ScoreResult:
        layout = layout_of(gold.video.embedding_model)
        parts = stretches(gold.steps, duration_sec=gold.video.duration_sec) if gold.steps else ()
        decoding = reelops_v1.read(
            gold.raw,
            trainee.raw,
            gold_times=gold.clip_times,
            trainee_times=trainee.clip_times,
            layout=layout,
            steps_sec=[part.start_sec for part in parts] or None,
        )
        result = reelops_v1.score(
            _take(gold),
            _take(trainee),
            alignment,
            decoding,
            layout=layout,
            embedding_model=gold.video.embedding_model,
            adapter_version=gold.adapter_version,
        )
        return weigh(result, gold.steps, parts) if gold.steps else result


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


def warm_up() -> None:
    """Has the scoring kernels compiled before the first job needs them; blocking, a few seconds on a new machine."""
    layout = layout_of("motion-appearance")
    rows, columns = layout.grid or (1, 1)
    noise = np.random.default_rng(1).normal(size=(8, layout.windows * layout.channels * rows * columns))
    times = [(4.0 * clip, 4.0 * clip + 4.0) for clip in range(len(noise))]
    reelops_v1.read(noise, noise[::-1], gold_times=times, trainee_times=times, layout=layout)
