"""Makes videos with known pictures and sounds, and reads clips back without the code under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from reelops.infra.media.priorities import priorities_kept

from tests.media import numbered, read_number

RATE = 48_000


@dataclass(frozen=True, slots=True)
class Sound:
    """A silent track with a click at every whole second of the file's clock, from `start` to `end`, less `gap`."""

    codec: str = "aac"
    start: float = 0.0
    end: float = 8.0
    gap: tuple[float, float] = (0.0, 0.0)
    language: str = "eng"


def write_with_sound(
    path: Path,
    sounds: Sequence[Sound],
    *,
    count: int = 200,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Writes numbered frames at 25 a second and the sounds, side by side."""
    with priorities_kept(), av.open(str(path), "w", container_options=container_options or {}) as container:
        video: Any = container.add_stream(codec, rate=25, options=options or {"g": "50", "bf": "2"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        streams: list[Any] = []
        for sound in sounds:
            stream: Any = container.add_stream(sound.codec, rate=RATE)
            stream.layout = "mono"
            stream.metadata["language"] = sound.language
            streams.append(stream)
        for second in range(-(-count // 25)):
            for number in range(second * 25, min(count, second * 25 + 25)):
                frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24").reformat(format="yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(video.encode(frame))
            for sound, stream in zip(sounds, streams, strict=True):
                for frame in _second(sound, second):
                    container.mux(stream.encode(frame))
        for stream in (video, *streams):
            container.mux(stream.encode(None))
    return path


def shown(path: Path) -> list[tuple[float, int]]:
    """Decodes everything: the time of each frame in seconds of the file's clock, and the number it shows."""
    with av.open(str(path)) as container:
        return [
            (float(frame.time or 0), read_number(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)))
            for frame in container.decode(video=0)
        ]


def wanted(source: Sequence[tuple[float, int]], start: float, duration: float) -> list[int]:
    """Gives the numbers of the frames that a cut has to show, by the definition: no key frames, no packets."""
    first = source[0][0]
    times = [at - first for at, _ in source]
    begin = max(place for place, at in enumerate(times) if at <= start + 0.0005)
    return [
        number
        for place, (at, (_, number)) in enumerate(zip(times, source, strict=True))
        if place == begin or (place > begin and at < start + duration - 0.0005)
    ]


def clicks(path: Path, track: int = 0) -> list[float]:
    """Gives the moments of the clicks in seconds of the file's clock."""
    found: list[float] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=track):
            samples = np.abs(np.asarray(frame.to_ndarray(), dtype=np.float64))
            samples = (
                samples.max(axis=0) if frame.format.is_planar else samples.reshape(-1, frame.layout.nb_channels)[:, 0]
            )
            samples /= {"s16": 32768, "s32": 2**31}.get(frame.format.packed.name, 1.0)
            loud = np.flatnonzero(samples > 0.35)
            for at in loud[:1]:
                moment = float(frame.time or 0) + at / frame.sample_rate
                if not found or moment - found[-1] > 0.3:
                    found.append(moment)
    return found


def sounding(path: Path, track: int = 0) -> tuple[float, float]:
    """Gives when a track's decoded sound begins and ends, seconds."""
    with av.open(str(path)) as container:
        frames = [(float(f.time or 0), f.samples / f.sample_rate) for f in container.decode(audio=track)]
    return frames[0][0], frames[-1][0] + frames[-1][1]


def _second(sound: Sound, second: int) -> list[Any]:
    frames = []
    for place in range(0, RATE, 960):
        at = second * RATE + place
        moment = at / RATE
        if not sound.start <= moment < sound.end or sound.gap[0] <= moment < sound.gap[1]:
            continue
        frame: Any = av.AudioFrame.from_ndarray(_click(at), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        frames.append(frame)
    return frames


def _click(at: int) -> npt.NDArray[np.float32]:
    """A click is four milliseconds of a loud tone, so that every codec keeps it."""
    phase = (np.arange(at, at + 960)) % RATE
    tone = np.where(phase < 192, 0.9 * np.sin(phase * 2 * np.pi * 1000 / RATE), 0.0)
    return tone.astype(np.float32)[None]
