"""What each expression does to a face, in figures."""

from __future__ import annotations

from dataclasses import dataclass

from reelops.core.editing.thumbnails.model import Expression


@dataclass(frozen=True, slots=True)
class Mood:
    """One expression.

    `eye` is how far the eyes are open, 1 as usual; `closed` makes them laughing arcs. `look` is where the pupils go in
    units, `iris` their size. `lid` lowers the upper lid at the nose (positive) or at the temple (negative). `brow` are
    the heights of the inner and the outer end and of the arch between them, `other_brow` those of the right
    one where it differs. `mouth` names how it is drawn, `open` its size.
    """

    mouth: str
    open: float = 1.0
    eye: float = 1.0
    iris: float = 1.0
    closed: bool = False
    look: tuple[float, float] = (0.0, 2.0)
    lid: float = 0.0
    brow: tuple[float, float, float] = (0.0, 0.0, 10.0)
    other_brow: tuple[float, float, float] | None = None
    tilt: float = 0.0
    blush: float = 0.35
    extra: str = ""


MOODS: dict[Expression, Mood] = {
    Expression.EXCITED: Mood(
        "grin", 1.25, eye=1.16, iris=1.22, brow=(-16, -12, 16), tilt=-5, blush=0.6, extra="sparkles"
    ),
    Expression.HAPPY: Mood("grin", 0.92, closed=True, brow=(-10, -6, 14), tilt=4, blush=0.6),
    Expression.SURPRISED: Mood("round", 0.82, eye=1.18, iris=0.86, brow=(-22, -18, 16), tilt=-3, extra="marks"),
    Expression.SHOCKED: Mood(
        "scream", 1.15, eye=1.28, iris=0.58, look=(0, 0), brow=(-30, -22, 12), tilt=3, blush=0, extra="sweat"
    ),
    Expression.SAD: Mood(
        "frown", 1.0, eye=0.92, look=(0, 9), lid=-15, brow=(-22, 10, 2), tilt=6, blush=0.25, extra="tear"
    ),
    Expression.ANGRY: Mood(
        "teeth", 1.0, eye=0.92, iris=0.8, lid=24, brow=(24, -12, -2), tilt=-3, blush=0.75, extra="vein"
    ),
    Expression.NEUTRAL: Mood("closed", 1.0, eye=0.95, brow=(0, 2, 8)),
    Expression.THINKING: Mood(
        "side",
        1.0,
        eye=0.96,
        look=(13, -15),
        brow=(2, 4, 4),
        other_brow=(-20, -14, 14),
        tilt=7,
        blush=0.25,
        extra="hand",
    ),
}
