"""Titles fit, whatever they are, and are read on whatever is behind them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFilter
from reelops.core.editing.thumbnails.drawing import compose
from reelops.core.editing.thumbnails.drawing.canvas import Canvas, Placed
from reelops.core.editing.thumbnails.drawing.colours import READABLE, Colour, contrast, luminance
from reelops.core.editing.thumbnails.drawing.typefaces import LOUD, PLAIN, ROUND, Voice
from reelops.core.editing.thumbnails.drawing.wrapping import LEAST_SIZE, Setting, fit
from reelops.core.editing.thumbnails.model import Background, Design, Style
from reelops.errors import Invalid

from tests.core.editing.thumbnails.pictures import HOSTILE, Pixels

_TITLES = [
    "A",
    "INSANE CLUTCH",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "x" * 300,
    "W" * 300,
    "a b " * 75,
    "one\ntwo\n\nthree",
    "漢字" * 150,
    "مرحبا بالعالم " * 20,
    "שלום hello 123 (עולם)",
    "नमस्ते दुनिया की कहानी",
    "สวัสดีครับ ที่นี่",
    "Z̷̧̢̛͎̣͈̲a̸̛l̴g̵o̶ t̷e̸x̵t̸",
    "OMG 😂🔥 WOW 👍🏽",
    "Ünïcödé Ελληνικά Русский ქართული 한국어 ★ ♥ → ½",
]
_ALPHABETS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Co", "Cn")), min_size=1, max_size=40),
    st.text("aWi.,' \n", min_size=1, max_size=300),
    st.text("aWi_./-93 ", min_size=1, max_size=80),
    st.text("مرحبابالعالم ()1", min_size=1, max_size=60),
    st.text("東京日本語、。「」 a", min_size=1, max_size=120),
    st.text("e\u0301\u0323\u200da ", min_size=1, max_size=60),
)


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("title", _TITLES)
def test_every_title_lies_within_the_sheet(style: Style, title: str) -> None:
    canvas = compose(Design(style, title[:300], title[:120], include_face=True))
    _check_inside(canvas)


@settings(max_examples=30, deadline=None)
@given(title=_ALPHABETS, style=st.sampled_from(list(Style)), face=st.booleans())
def test_any_text_is_drawn_within_the_sheet_or_refused_with_a_reason(title: str, style: Style, face: bool) -> None:
    try:
        canvas = compose(Design(style, title, include_face=face))
    except Invalid as refused:
        assert refused.code in {"GLYPH_MISSING", "TITLE_REQUIRED"}
        return
    _check_inside(canvas)


@settings(max_examples=80, deadline=None)
@given(
    text=_ALPHABETS, voice=st.sampled_from([LOUD, ROUND, PLAIN]), width=st.floats(300, 1100), height=st.floats(120, 560)
)
def test_a_set_text_keeps_to_its_box(text: str, voice: Voice, width: float, height: float) -> None:
    try:
        setting = fit(text, voice, width=width, height=height, largest=220)
    except Invalid:
        return
    assert setting.width <= width
    assert setting.height <= height
    assert setting.size >= LEAST_SIZE - 2 or setting.shortened
    if not setting.shortened:
        assert _letters(setting) == len([char for char in _shown(setting) if not char.isspace()])


def test_nothing_is_left_out_of_a_title_that_fits() -> None:
    for title in ("THE QUICK BROWN FOX", "one two three four five six seven", "日本語のタイトル"):
        setting = fit(title, PLAIN, largest=200, width=640, height=420)
        assert _shown(setting).replace(" ", "") == title.replace(" ", "")
        assert not setting.shortened


def test_lines_are_of_even_length() -> None:
    setting = fit("all of these words are of about equal size here", PLAIN, largest=90, width=640, height=420)
    widths = [line.width for line in setting.lines]
    assert len(widths) > 1
    assert min(widths) > max(widths) * 0.45


def test_a_text_that_cannot_fit_ends_in_an_ellipsis_and_stays_legible() -> None:
    setting = fit("漢" * 300, PLAIN, width=300, height=120, largest=90)
    assert setting.shortened
    assert _shown(setting).endswith("…")
    assert setting.size >= LEAST_SIZE - 1


def test_clusters_are_not_torn_apart() -> None:
    setting = fit("ก" + "ที่นี่" * 40, PLAIN, width=200, height=400, largest=60)
    for line in setting.lines:
        text = "".join(run.text for run, _ in line.runs)
        assert not "\u0e31" <= text[0] <= "\u0e3a"
        assert not "\u0e47" <= text[0] <= "\u0e4e"


@pytest.mark.parametrize("name", ["rotated.mp4", "test_non_zero.mp4", "2024-01-15_final_cut.mp4", "clip.2.1080p.webm"])
@pytest.mark.parametrize("voice", [LOUD, ROUND, PLAIN])
@pytest.mark.parametrize(("width", "height"), [(640, 420), (420, 300), (300, 200)])
def test_names_of_files_are_broken_after_their_joints(name: str, voice: Voice, width: int, height: int) -> None:
    setting = fit(name, voice, width=width, height=height, largest=200)
    lines = ["".join(run.text for run, _ in line.runs) for line in setting.lines]
    assert "".join(lines).lower() == name
    assert all(line[-1] in "_-./" for line in lines[:-1])


def test_a_number_stays_on_its_line() -> None:
    for width in range(200, 420, 20):
        setting = fit("version_3.14_is_out", PLAIN, width=width, height=400, largest=200)
        assert any("3.14" in "".join(run.text for run, _ in line.runs) for line in setting.lines)


def test_an_address_is_not_broken_between_its_slashes() -> None:
    setting = fit("https://www.example.com/path", PLAIN, width=300, height=300, largest=200)
    lines = ["".join(run.text for run, _ in line.runs) for line in setting.lines]
    assert len(lines) > 1
    assert all(line[-1] in "_-./" and not after.startswith("/") for line, after in pairwise(lines))


def test_right_to_left_words_follow_each_other_from_the_right() -> None:
    setting = fit("שלום Bob", PLAIN, largest=100, width=900, height=200)
    assert [run.text.strip() for run, _ in setting.lines[0].runs] == ["Bob", "שלום"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("style", Style)
def test_text_is_read_on_any_picture(style: Style, name: str) -> None:
    for face, colours in ((True, ()), (False, ("#ffffff", "#808080"))):
        canvas = compose(Design(style, "Read me now", "and me", face, colors=colours, picture=HOSTILE[name]))
        _check_contrast(canvas)


@pytest.mark.parametrize("background", Background)
@pytest.mark.parametrize("style", Style)
def test_text_is_read_on_any_colors(style: Style, background: Background) -> None:
    for colours in (("#ff0000", "#00ff00", "#0000ff"), ("#777", "#888", "#999"), ("#fff",)):
        _check_contrast(compose(Design(style, "Read me now", "and me", background=background, colors=colours)))


def _check_inside(canvas: Canvas) -> None:
    assert canvas.texts
    for placed in canvas.texts:
        left, top, right, bottom = placed.box
        assert left >= 0, placed.box
        assert top >= 0, placed.box
        assert right <= 1280, placed.box
        assert bottom <= 720, placed.box


def _check_contrast(canvas: Canvas) -> None:
    """What lies around the letters is what the design says, and the letters are read on it."""
    sheet = np.asarray(canvas.image)
    for placed in canvas.texts:
        assert all(contrast(colour, placed.behind) >= READABLE for colour in placed.colours)
        around = _around(placed, sheet)
        read = np.min([_ratios(around, colour) for colour in set(placed.colours)], axis=0) >= READABLE
        assert read.mean() > 0.97


def _around(placed: Placed, sheet: Pixels) -> npt.NDArray[np.uint8]:
    """Gives the pixels two to three away from the letters."""
    near = np.asarray(placed.letters.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.MaxFilter(3))) > 0
    nearer = np.asarray(placed.letters.filter(ImageFilter.MaxFilter(3))) > 0
    ring = near & ~nearer
    rows, columns = np.nonzero(ring)
    rows, columns = rows + placed.at[1], columns + placed.at[0]
    inside = (rows >= 0) & (rows < 720) & (columns >= 0) & (columns < 1280)
    return sheet[rows[inside], columns[inside]]


def _ratios(pixels: Pixels, colour: Colour) -> npt.NDArray[np.float64]:
    """Gives the contrast of WCAG of each pixel, (n, 3), with one colour."""
    share = pixels / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    other = linear @ np.array([0.2126, 0.7152, 0.0722])
    own = luminance(colour)
    ratios: npt.NDArray[np.float64] = (np.maximum(own, other) + 0.05) / (np.minimum(own, other) + 0.05)
    return ratios


def _shown(setting: Setting) -> str:
    return "".join(run.text for line in setting.lines for run, _ in line.runs)


def _letters(setting: Setting) -> int:
    return sum(not char.isspace() for line in setting.lines for run, _ in line.runs for char in run.text)
