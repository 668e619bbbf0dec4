"""Draws takes: a workbench, an arm, a tool, and a camera with its light, noise and framing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scoring import assembling
from tests.benchmarks.scoring.procedures import Act, Motion, Procedure, Script, Step, Tool

HEIGHT, WIDTH = 240, 320
_NOISE = np.random.default_rng(7).standard_normal(3 * WIDTH * HEIGHT * 3, dtype=np.float32)
Image = NDArray[np.uint8]
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a take was filmed. The defaults are an even light and a camera that stands still."""

    gain: float = 1.0
    gamma: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slope: float = 0.0  # how much brighter one side is than the other
    shift: tuple[float, float] = (0.0, 0.0)  # of the width and height
    zoom: float = 1.0
    turn_degrees: float = 0.0
    noise: float = 2.0  # standard deviation, of 255
    sway: float = 0.0  # of the width: a camera in the hand
    scale: float = 1.0  # resolution, of 320 x 240
    fps: float = 12.0
    jpeg: int = 0  # quality of a lossy round trip; 0 is none
    sleeve: Colour = (70, 80, 110)
    skin: Colour = (205, 160, 130)


def conditions(seed: int, strength: float, *, moving: bool = False) -> Conditions:
    """Draws conditions that differ from the plain ones by `strength` (0 to 1)."""
    rng = np.random.default_rng([seed, 3])

    def around(width: float) -> float:
        return float(rng.uniform(-1, 1) * width * strength)

    return Conditions(
        gain=float(np.exp(around(0.45))),
        gamma=float(np.exp(around(0.2))),
        cast=(1 + around(0.15), 1 + around(0.05), 1 + around(0.15)),
        slope=around(0.3),
        shift=(around(0.04), around(0.04)),
        zoom=1 + around(0.07),
        turn_degrees=around(2.0),
        noise=2.0 + abs(around(7.0)),
        sway=0.015 * strength if moving else 0.0,
        scale=float(rng.choice([1.0, 0.75, 0.6])) if strength else 1.0,
        fps=float(rng.choice([12.0, 10.0, 15.0])) if strength else 12.0,
        jpeg=int(rng.choice([0, 60, 35])) if strength else 0,
        sleeve=tuple(int(c) for c in rng.integers(40, 200, 3)) if strength > 0.5 else (70, 80, 110),  # type: ignore[arg-type]
        skin=(205, 160, 130) if rng.random() < 0.6 or not strength else (140, 95, 70),
    )


def frames(script: Script, filmed: Conditions, *, fps: float) -> Iterator[Image]:
    """Draws the take at `fps`, RGB."""
    rng = np.random.default_rng([script.procedure.seed, script.seed, 4])
    bench = workbench(script.procedure)
    phases = rng.uniform(0, 2 * np.pi, len(script.acts) + 4)
    for index in range(round(script.seconds * fps)):
        seconds = index / fps
        scene = bench.copy()
        _draw_work(scene, script, seconds, phases, filmed)
        yield _filmed(scene, filmed, seconds, phases, rng)


def write_video(script: Script, filmed: Conditions, path: Path, *, codec: str = "libx264") -> None:
    """Writes the take as a video file at the frame rate of its conditions."""
    height, width = (int(side * filmed.scale) // 2 * 2 for side in (HEIGHT, WIDTH))
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=round(filmed.fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for image in frames(script, filmed, fps=filmed.fps):
            resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
            frame = av.VideoFrame.from_ndarray(np.asarray(resized, dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def clips(
    script: Script, filmed: Conditions, geometry: tuple[int, int, int]
) -> tuple[Image, list[tuple[float, float]]]:
    """Draws the take as ingest would cut it: clips of about 4 s and their times, with no video file between.

    Gives (clips, frames, height, width, 3) and one (start, end) in seconds per clip.
    """
    count, height, width = geometry
    stride = max(1, round(filmed.fps / 4))
    sampled = filmed.fps / stride
    window = max(1, round(sampled * 4.0))
    small = [
        cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        for image in frames(script, filmed, fps=sampled)
    ]
    made: list[Image] = []
    times: list[tuple[float, float]] = []
    for first in range(0, len(small), window):
        part = small[first : first + window]
        if len(part) < 0.6 * window and made:
            break
        times.append((first / sampled, (first + len(part)) / sampled))
        part = part + [part[-1]] * (window - len(part))
        made.append(np.stack([part[i] for i in np.linspace(0, window - 1, count).round().astype(int)]))
    return np.stack(made), times


def workbench(plan: Procedure) -> Image:
    """Draws the empty workbench of a procedure."""
    rng = np.random.default_rng([plan.seed, 5])
    base = rng.integers(70, 190, 3).astype(np.float32)
    noise = cv2.resize(rng.normal(0, 14, (HEIGHT // 8, WIDTH // 8, 3)).astype(np.float32), (WIDTH, HEIGHT))
    grain = cv2.GaussianBlur(rng.normal(0, 12, (HEIGHT, WIDTH, 1)).astype(np.float32), (0, 0), 1.5)[..., None]
    image: Image = np.clip(base + noise + grain, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(5, 14))):
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        w, h = int(rng.integers(12, 70)), int(rng.integers(10, 50))
        colour = tuple(int(c) for c in rng.integers(20, 235, 3))
        if rng.random() < 0.6:
            cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1 if rng.random() < 0.6 else 3)
        else:
            cv2.ellipse(image, (x, y), (w // 2, h // 2), float(rng.uniform(0, 180)), 0, 360, colour, -1)
    for step in plan.steps:  # the part that is worked on
        centre = (int(step.x * WIDTH), int(step.y * HEIGHT))
        cv2.circle(image, centre, 13, tuple(int(c) for c in rng.integers(60, 200, 3)), -1, cv2.LINE_AA)
        cv2.circle(image, centre, 13, (30, 30, 30), 1, cv2.LINE_AA)
    return image


def _draw_work(scene: Image, script: Script, seconds: float, phases: NDArray[np.float64], filmed: Conditions) -> None:
    number = next((i for i, act in enumerate(script.acts) if seconds < act.end_sec), len(script.acts) - 1)
    for done in script.acts[:number]:
        if done.step.leaves:
            x, y = int(done.step.x * WIDTH), int(done.step.y * HEIGHT) - 22
            cv2.rectangle(scene, (x - 12, y - 8), (x + 12, y + 8), done.step.colour, -1)
    act = script.acts[number]
    assembling.draw_parts(scene, script, number, seconds)
    hand_x, hand_y, angle = _hand(act, seconds, float(phases[number]))
    _draw_arm(scene, hand_x, hand_y, filmed)
    if not assembling.fetching(act, seconds):
        _draw_tool(scene, act.step, hand_x, hand_y, angle)


def _hand(act: Act, seconds: float, phase: float) -> tuple[float, float, float]:
    """Gives where the hand is in pixels and how far the tool is turned, in radians."""
    step, into = act.step, seconds - act.start_sec
    dx, dy, angle = _motion(step, into, phase)
    x, y = (step.x + dx) * WIDTH, (step.y + dy * WIDTH / HEIGHT) * HEIGHT
    if assembling.fetching(act, seconds):
        at = assembling.part_at(act, seconds)
        x, y, angle = at[0] * WIDTH, at[1] * HEIGHT, 0.3
    near = min(1.0, into / 0.6, (act.end_sec - seconds) / 0.6)  # comes from the rest place and goes back there
    ease = near * near * (3 - 2 * near) if near > 0 else 0.0
    rest = (0.55 * WIDTH, 0.98 * HEIGHT)
    return rest[0] + (x - rest[0]) * ease, rest[1] + (y - rest[1]) * ease, angle


def _motion(step: Step, into: float, phase: float) -> tuple[float, float, float]:
    turn = 2 * np.pi * step.hertz * into + phase
    swing = step.reach * float(np.sin(turn))
    slow = 0.008 * float(np.sin(0.9 * into + phase))
    match step.motion:
        case Motion.CIRCLE:
            return step.reach * float(np.cos(turn)), swing, 0.3
        case Motion.ACROSS:
            return swing, slow, 0.3
        case Motion.UP_DOWN:
            return slow, swing, 0.3
        case Motion.SLANTED:
            return 0.8 * swing, 0.8 * swing, 0.3
        case Motion.TAP:
            return slow, -step.reach * max(0.0, float(np.sin(turn))) ** 3, 0.3
        case Motion.TWIST:
            return slow, slow, 1.2 * float(np.sin(turn))
        case Motion.HOLD:
            return slow, 0.5 * slow, 0.3
        case Motion.ZIGZAG:
            return swing, 0.5 * step.reach * float(np.sin(3 * turn)), 0.3


def _draw_arm(scene: Image, x: float, y: float, filmed: Conditions) -> None:
    shoulder = np.array([0.6 * WIDTH, 1.15 * HEIGHT])
    hand = np.array([x, y])
    wrist = hand + (shoulder - hand) * 0.22
    cv2.line(scene, _point(shoulder), _point(wrist), filmed.sleeve, 30, cv2.LINE_AA)
    cv2.line(scene, _point(wrist), _point(hand), filmed.skin, 18, cv2.LINE_AA)
    cv2.circle(scene, _point(hand), 13, filmed.skin, -1, cv2.LINE_AA)


_OUTLINES: dict[Tool, list[tuple[float, float]]] = {
    Tool.WRENCH: [(-4, 4), (-4, -26), (-12, -34), (-6, -42), (0, -34), (6, -42), (12, -34), (4, -26), (4, 4)],
    Tool.DRIVER: [(-7, 0), (-7, -16), (-2, -18), (-2, -46), (2, -46), (2, -18), (7, -16), (7, 0)],
    Tool.CLOTH: [(-24, -4), (-18, -22), (2, -26), (22, -18), (26, -2), (8, 8), (-14, 8)],
    Tool.BOX: [(-18, -8), (-18, -36), (18, -36), (18, -8)],
    Tool.BOTTLE: [(-9, 2), (-9, -24), (-4, -30), (-4, -42), (4, -42), (4, -30), (9, -24), (9, 2)],
}


def _draw_tool(scene: Image, step: Step, x: float, y: float, angle: float) -> None:
    if step.tool is Tool.RING:
        cv2.circle(scene, (int(x), int(y) - 18), 18, step.colour, 7, cv2.LINE_AA)
        return
    outline = np.array(_OUTLINES[step.tool])
    turned = outline @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    cv2.fillPoly(scene, [np.round(turned + np.array([x, y])).astype(np.int32)], step.colour, cv2.LINE_AA)


def _filmed(
    scene: Image, filmed: Conditions, seconds: float, phases: NDArray[np.float64], rng: np.random.Generator
) -> Image:
    sway = filmed.sway * WIDTH * np.sin(2 * np.pi * np.array([0.31, 0.23]) * seconds + phases[-2:])
    matrix = np.asarray(cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), filmed.turn_degrees, filmed.zoom))
    matrix[:, 2] = matrix[:, 2] + np.array(filmed.shift) * (WIDTH, HEIGHT) + sway
    seen = cv2.warpAffine(scene, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    curve = (255.0 * (np.arange(256, dtype=np.float32) / 255.0) ** filmed.gamma * filmed.gain).astype(np.float32)
    cast = np.array(filmed.cast, dtype=np.float32)
    light = (1 + filmed.slope * np.linspace(-1, 1, WIDTH, dtype=np.float32))[None, :, None]
    first = int(rng.integers(len(_NOISE) - seen.size))
    grain = _NOISE[first : first + seen.size].reshape(seen.shape)
    image: NDArray[Any] = np.clip(curve[seen] * (light * cast) + grain * np.float32(filmed.noise), 0, 255).astype(
        np.uint8
    )
    if filmed.scale != 1.0:
        image = cv2.resize(image, None, fx=filmed.scale, fy=filmed.scale, interpolation=cv2.INTER_AREA)
    if filmed.jpeg:
        coded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, filmed.jpeg])[1]
        image = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))[..., ::-1]
    return np.ascontiguousarray(image, dtype=np.uint8)


def _point(place: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))
