"""What the models say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """Which embedder runs. Embeddings compare only when their labels are equal.

    `geometry` is what a clip must have: (frames, height, width). `glimpses` is what is seen at single frames of one,
    (frames, channels, cells), where the embedder tells.
    """

    name: str
    version: str
    dim: int
    geometry: tuple[int, int, int]
    glimpses: tuple[int, int, int] | None = None

    @property
    def label(self) -> str:
        return f"{self.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What clips look like: `embeddings` (n, dim), not normalised.

    `glimpses`, (n, frames, channels, cells), are there where they were asked for and the embedder tells them.
    """

    embeddings: FloatArray
    glimpses: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Alignment:
    """How gold (m clips) and trainee (n clips) go together.

    `path` is (L, 2) with gold and trainee clip, -1 for a gap; `path_similarity` (L,) is the cosine of each pair, 0 for
    a gap. `cost` is the sum of 1 - cosine along the path, and of the gaps. The best arrays give, for each clip of one
    side, the most similar of the other side and their cosine. `preview` is the similarity matrix averaged in blocks,
    at most 192 × 192.
    """

    path: IntArray
    path_similarity: FloatArray
    cost: float
    gold_best: IntArray
    gold_best_similarity: FloatArray
    trainee_best: IntArray
    trainee_best_similarity: FloatArray
    preview: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What `step_decoder` is to read: raw embeddings of gold (m clips, dim) and trainee (n clips, dim).

    A clip's vector is `windows` parts, each of `channels` maps of `grid` (rows, columns) cells, after them how much
    moves in each of so many `colours` and which share of the picture has each of so many `tones`; without a grid the
    maps are flat.
    `gold_windows` and `trainee_windows` are how many windows are no padding. `steps` are the gold's boundaries in
    windows, from 0 to `gold_windows`, and `phased` says whether these steps are made of phases; None has it found.
    `glimpses` are the gold's, (m, frames, channels, cells), and help to find them.
    """

    gold: FloatArray
    trainee: FloatArray
    windows: int
    channels: int
    grid: tuple[int, int] | None
    gold_windows: int
    trainee_windows: int
    steps: NDArray[np.int64] | None = None
    phased: bool | None = None
    colours: int = 0
    tones: int = 0
    glimpses: FloatArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReading:
    """How a trainee's take reads in terms of the gold's steps, as `step_decoder` says it. Positions are windows.

    `gold_steps` is (steps + 1,). `states` (a gold step, or -1), `starts` and `ends` are one per trainee segment.
    `costs` is (trainee windows, steps), `nearest` (trainee windows,) the gold window matched or -1, `spread` (steps,).
    `departures` is (segments, channels + colours + tones): how far each segment as a whole is from its step, in each
    channel, in how much moves in each colour, and in what there is of each tone; nothing where it is unknown.
    """

    gold_steps: IntArray
    states: IntArray
    starts: IntArray
    ends: IntArray
    costs: FloatArray
    nearest: IntArray
    unknown_cost: float
    match_cost: float
    between_cost: float
    spread: FloatArray
    departures: FloatArray
    phased: bool = False
