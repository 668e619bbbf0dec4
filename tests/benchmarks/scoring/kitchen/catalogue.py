"""What there is on the table: tools, things to work on, their colours, and what is done with which."""

from __future__ import annotations

from enum import StrEnum

from tests.benchmarks.scoring.conditions import Colour

COLOURS: tuple[Colour, ...] = (
    (196, 44, 40),
    (36, 92, 176),
    (232, 186, 44),
    (60, 140, 70),
    (110, 60, 140),
    (236, 232, 222),
    (44, 46, 52),
    (226, 116, 36),
    (90, 176, 190),
    (206, 120, 150),
)


class Work(StrEnum):
    """What a hand does."""

    STIR = "stir"
    SAW = "saw"
    WIPE = "wipe"
    POUR = "pour"
    SCREW = "screw"
    PLACE = "place"
    PRESS = "press"
    HOLD = "hold"
    SWING = "swing"


class Tool(StrEnum):
    """What a hand holds."""

    SPOON = "spoon"
    WHISK = "whisk"
    SPATULA = "spatula"
    KNIFE = "knife"
    SAW = "saw"
    SPONGE = "sponge"
    RAG = "rag"
    BRUSH = "brush"
    BOTTLE = "bottle"
    JUG = "jug"
    DRIVER = "driver"
    SPANNER = "spanner"
    CUP = "cup"
    PLATE = "plate"
    BOX = "box"
    GLOVE = "glove"
    PHONE = "phone"
    STAMP = "stamp"
    MASHER = "masher"
    FINGER = "finger"
    TORCH = "torch"
    PROBE = "probe"
    ROLLER = "roller"
    IRON = "iron"


class Target(StrEnum):
    """What stands on the table to be worked on."""

    BOWL = "bowl"
    POT = "pot"
    BOARD = "board"
    STAIN = "stain"
    JAR = "jar"
    PANEL = "panel"
    PAD = "pad"
    DOUGH = "dough"
    MAT = "mat"
    TOWEL = "towel"


TOOLS: dict[Work, tuple[Tool, ...]] = {
    Work.STIR: (Tool.SPOON, Tool.WHISK, Tool.SPATULA),
    Work.SAW: (Tool.KNIFE, Tool.SAW),
    Work.WIPE: (Tool.SPONGE, Tool.RAG, Tool.BRUSH),
    Work.POUR: (Tool.BOTTLE, Tool.JUG, Tool.BOX),
    Work.SCREW: (Tool.DRIVER, Tool.SPANNER),
    Work.PLACE: (Tool.CUP, Tool.PLATE, Tool.BOX, Tool.GLOVE, Tool.PHONE),
    Work.PRESS: (Tool.STAMP, Tool.MASHER, Tool.FINGER),
    Work.HOLD: (Tool.TORCH, Tool.PROBE, Tool.PHONE),
    Work.SWING: (Tool.ROLLER, Tool.IRON, Tool.BRUSH),
}

TARGETS: dict[Target, tuple[Work, ...]] = {
    Target.BOWL: (Work.STIR, Work.POUR, Work.HOLD),
    Target.POT: (Work.STIR, Work.POUR, Work.HOLD),
    Target.BOARD: (Work.SAW, Work.WIPE, Work.PRESS),
    Target.STAIN: (Work.WIPE, Work.SWING),
    Target.JAR: (Work.SCREW, Work.POUR),
    Target.PANEL: (Work.SCREW, Work.WIPE, Work.HOLD),
    Target.PAD: (Work.PRESS, Work.HOLD),
    Target.DOUGH: (Work.PRESS, Work.SWING),
    Target.MAT: (Work.PLACE, Work.WIPE),
    Target.TOWEL: (Work.SWING, Work.PLACE),
}

LASTING: dict[Target, tuple[Work, ...]] = {  # the jobs that leave the thing changed
    Target.BOWL: (Work.STIR, Work.POUR),
    Target.POT: (Work.STIR, Work.POUR),
    Target.BOARD: (Work.SAW,),
    Target.STAIN: (Work.WIPE, Work.SWING),
    Target.JAR: (Work.SCREW,),
    Target.PANEL: (Work.SCREW,),
    Target.PAD: (Work.PRESS,),
    Target.DOUGH: (Work.PRESS, Work.SWING),
    Target.TOWEL: (Work.SWING,),
}


_KITCHEN_THIN = (Tool.SPOON, Tool.WHISK, Tool.SPATULA, Tool.KNIFE, Tool.BRUSH, Tool.PROBE)
_WORKSHOP_THIN = (Tool.SAW, Tool.DRIVER, Tool.SPANNER, Tool.STAMP, Tool.TORCH, Tool.FINGER)


def bulky(tool: Tool) -> bool:
    """Says whether a tool is a big thing rather than a thin one."""
    return tool not in (*_KITCHEN_THIN, *_WORKSHOP_THIN)


def unlike(a: Colour, b: Colour) -> bool:
    """Says whether two colours are told apart at a glance."""
    return sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 150
