"""Thumbnails look as they were asked for, and the same each time."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from PIL import Image
from reelops.core.editing.thumbnails.drawing import compose, draw, encode_png
from reelops.core.editing.thumbnails.drawing.colours import parse
from reelops.core.editing.thumbnails.model import Background, Design, Expression, Style
from reelops.errors import Invalid

from tests.core.editing.thumbnails.pictures import HOSTILE, flat, noise

_PRINT = """
import hashlib
from reelops.core.editing.thumbnails.drawing import draw, encode_png
from reelops.core.editing.thumbnails.model import Design, Style
for style in Style:
    design = Design(style, "Same again 日本", "and again", include_face=True, colors=("#ff0000", "#0000ff"))
    print(hashlib.sha256(encode_png(draw(design))).hexdigest())
"""


def test_the_same_request_gives_the_same_bytes_in_every_process() -> None:
    elsewhere = subprocess.run([sys.executable, "-c", _PRINT], capture_output=True, text=True, check=True)
    digests = elsewhere.stdout.split()
    assert len(set(digests)) == len(Style)
    for style, digest in zip(Style, digests, strict=True):
        design = Design(style, "Same again 日本", "and again", include_face=True, colors=("#ff0000", "#0000ff"))
        assert hashlib.sha256(encode_png(draw(design))).hexdigest() == digest


@pytest.mark.parametrize("background", Background)
@pytest.mark.parametrize("style", Style)
def test_every_style_draws_every_background_with_and_without_face_and_picture(
    style: Style, background: Background
) -> None:
    for face, picture in ((False, None), (True, None), (False, flat(120, (90, 160)))):
        image = draw(Design(style, "A title", "A subtitle", face, Expression.HAPPY, background, (), picture))
        assert (image.mode, image.size) == ("RGB", (1280, 720))
        assert np.asarray(image).std() > 20


def test_a_picture_stands_without_words_and_a_subtitle_alone_is_a_title() -> None:
    assert compose(Design(Style.VLOG, "", picture=flat(120))).texts == []
    said = [
        compose(Design(Style.VLOG, title, subtitle, picture=flat(120))) for title, subtitle in (("", "x"), ("x", None))
    ]
    assert [text.box for text in said[0].texts] == [text.box for text in said[1].texts]
    with pytest.raises(Invalid, match="title"):
        draw(Design(Style.VLOG, " "))


def test_styles_and_backgrounds_and_expressions_are_told_apart() -> None:
    styles = [draw(Design(style, "Title", colors=("#e63946", "#1d3557"))) for style in Style]
    assert all(_differ(one, other) > 12 for one, other in combinations(styles, 2))
    for style in Style:
        grounds = [draw(Design(style, "Title", background=kind, colors=("#e63946", "#1d3557"))) for kind in Background]
        assert all(_differ(one, other) > 1 for one, other in combinations(grounds, 2)), style


def test_each_expression_changes_the_face_and_only_the_face() -> None:
    moods = [draw(Design(Style.CUSTOM, "Title", include_face=True, expression=mood)) for mood in Expression]
    assert all(_differ(one, other) > 0.7 for one, other in combinations(moods, 2))
    lefts = [image.crop((0, 0, 500, 720)) for image in moods]
    assert all(_differ(lefts[0], left) == 0 for left in lefts)


@pytest.mark.parametrize("style", Style)
def test_the_colors_that_were_asked_for_are_seen(style: Style) -> None:
    asked = ("#d62828", "#2a6f97", "#80b918", "#f77f00", "#7b2cbf", "#00f5d4")
    for count in (1, 6):
        image = np.asarray(draw(Design(style, "Title", colors=asked[:count])), dtype=np.int16).reshape(-1, 3)
        for colour in asked[:count]:
            near = np.abs(image - np.array(parse(colour))).max(axis=1) < 26
            assert near.sum() > 60, (style, count, colour)


@pytest.mark.parametrize("style", Style)
def test_the_picture_is_seen(style: Style) -> None:
    bare = draw(Design(style, "Title", background=Background.SOLID))
    shown = draw(Design(style, "Title", background=Background.SOLID, picture=noise((320, 180))))
    assert _differ(bare, shown) > 15


def test_files_are_small_and_carry_no_time() -> None:
    for picture in (HOSTILE["noise"], HOSTILE["checkerboard"]):
        for style in (Style.GAMING, Style.REACTION):
            file = encode_png(draw(Design(style, "Title", "Sub", picture=picture)))
            assert len(file) < 1_550_000
            with Image.open(io.BytesIO(file)) as image:
                assert image.format == "PNG"
                assert image.size == (1280, 720)
                assert not image.info


@pytest.mark.parametrize(
    ("design", "field"),
    [
        (Design(Style.VLOG, "   "), "title"),
        (Design(Style.VLOG, "a" * 301), "title"),
        (Design(Style.VLOG, "a", "b" * 301), "subtitle"),
        (Design(Style.VLOG, "a", colors=("red",)), "colors"),
        (Design(Style.VLOG, "a", colors=("#12345",)), "colors"),
        (Design(Style.VLOG, "a", colors=("#fff",) * 7), "colors"),
        (Design(Style.VLOG, "a", picture=np.zeros((4, 4), np.uint8)), "picture"),
        (Design(Style.VLOG, "\u200b\u200e"), "title"),
    ],
)
def test_what_cannot_be_drawn_names_its_field(design: Design, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        compose(design)
    assert refused.value.details["field"] == field


def test_a_script_without_a_face_is_named() -> None:
    with pytest.raises(Invalid, match=r"𓀀.*egyptian hieroglyph") as refused:
        draw(Design(Style.TUTORIAL, "See 𓀀 here"))
    assert (refused.value.code, refused.value.details["field"]) == ("GLYPH_MISSING", "title")
    with pytest.raises(Invalid) as below:
        draw(Design(Style.TUTORIAL, "See", "𓀀"))
    assert below.value.details["field"] == "subtitle"


def test_emoji_keep_their_own_colours() -> None:
    for title in ("😂", "so good 🔥🔥", "👍🏽 ❤️ ‼️"):
        plain = draw(Design(Style.TUTORIAL, "so good", background=Background.SOLID, colors=("#333", "#444", "#555")))
        drawn = draw(Design(Style.TUTORIAL, title, background=Background.SOLID, colors=("#333", "#444", "#555")))
        assert _vivid(drawn) > _vivid(plain) + 400, title


def _vivid(image: Image.Image) -> int:
    """Counts the pixels that are far from grey."""
    data = np.asarray(image, dtype=np.int16)
    return int(((data.max(axis=2) - data.min(axis=2)) > 120).sum())


def _differ(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, dtype=np.int16) - np.asarray(other, dtype=np.int16)).mean())
