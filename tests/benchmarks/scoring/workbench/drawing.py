"""Draws takes at a workbench: the bench, an arm, a tool, and a camera with its light, noise and framing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.scoring.conditions import HEIGHT, WIDTH, Conditions, Image
from tests.benchmarks.scoring.scripts import Act, Plan, Script
from tests.benchmarks.scoring.workbench import assembling
from tests.benchmarks.scoring.workbench.plans import Motion, Step, Tool

_NOISE = np.random.default_rng(7).standard_normal(3 * WIDTH * HEIGHT * 3, dtype=np.float32)


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


def workbench(plan: Plan) -> Image:
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
