"""The windows of about 1 s inside a clip's embedding, and their times.

Some embedders describe a clip as several windows, one after the other in the flat vector. Those that do not have one
window per clip, and the default profile then has the precision of clips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layout:
    """How an embedder's flat vector of a clip is made up.

    It is window after window, and each is `channels` maps, each of the cells of `grid` row by row, after them how much
    moves in each of so many `colours`, and then which share of the picture has each of so many `tones`. Without a grid
    all is one map. Beside the vector there may be `glimpses` of so many frames of the clip.
    """

    windows: int = 1
    channels: int = 1
    grid: tuple[int, int] | None = None
    colours: int = 0
    glimpses: int = 0
    tones: int = 0

    def maps(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Gives the maps of windows (n, dimensions), without the colours and tones."""
        return np.ascontiguousarray(windows[:, : windows.shape[1] - self.colours - self.tones])

    def moving(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Gives how much moves in each colour, (n, colours)."""
        last = windows.shape[1] - self.tones
        return windows[:, last - self.colours : last]

    def palette(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Gives which share of the picture has each tone, (n, tones)."""
        return windows[:, windows.shape[1] - self.tones :]


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "motion-appearance:1": Layout(windows=4, channels=7, grid=(6, 8)),
        "motion-appearance:2": Layout(windows=4, channels=9, grid=(6, 8), colours=27, glimpses=16),
        "motion-appearance:3": Layout(windows=4, channels=9, grid=(6, 8), colours=27, glimpses=16, tones=147),
    }
)


def layout_of(model: str) -> Layout:
    """Gives the layout of an embedder by its label, "name:version"; an unknown one is taken as flat."""
    return LAYOUTS.get(model, Layout())


def split(embeddings: NDArray[Any], windows: int) -> NDArray[np.float32]:
    """Cuts (clips, dimensions) into (clips x windows, dimensions / windows)."""
    clips, dimensions = embeddings.shape
    return np.ascontiguousarray(embeddings, dtype=np.float32).reshape(clips * windows, dimensions // windows)


def window_times(clip_times: Sequence[tuple[float, float]], windows: int) -> NDArray[np.float64]:
    """Gives (start_sec, end_sec) of every window, (clips x windows, 2).

    The last clip may be shorter than the others because it was padded: its windows past the end have no length.
    """
    times = np.asarray(clip_times, dtype=np.float64)
    length = float(np.median(times[:, 1] - times[:, 0])) / windows
    starts = times[:, :1] + np.arange(windows) * length
    ends = np.minimum(starts + length, times[:, 1:])
    ends[:-1, -1] = times[:-1, 1]
    starts = np.minimum(starts, times[:, 1:])
    return np.stack([starts, ends], axis=2).reshape(-1, 2)


def lost_windows(clip_times: Sequence[tuple[float, float]], windows: int, *, duration_sec: float) -> float:
    """Gives how many windows a video goes on after its last clip: what is left there is too short for another."""
    times = window_times(clip_times, windows)
    length = float(np.median(times[:, 1] - times[:, 0]))
    return float(np.clip((duration_sec - times[-1, 1]) / length, 0.0, windows))


def real_windows(clip_times: Sequence[tuple[float, float]], windows: int) -> int:
    """Counts the windows that are not mere padding at the end."""
    times = window_times(clip_times, windows)
    length = float(np.median(times[:, 1] - times[:, 0]))
    return int(np.flatnonzero(times[:, 1] - times[:, 0] > 0.25 * length)[-1]) + 1
