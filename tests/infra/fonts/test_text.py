"""Text is cut and ordered as its scripts want it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reelops.infra import fonts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\u0301a", ["e\u0301", "a"]),
        ("👩\u200d💻👍🏽", ["👩\u200d💻", "👍🏽"]),
        ("🇩🇪🇫🇷🇯", ["🇩🇪", "🇫🇷", "🇯"]),
        ("नमस्ते", ["न", "म", "स्ते"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("\u1112\u1161\u11ab\u1100\u1173", ["\u1112\u1161\u11ab", "\u1100\u1173"]),
        ("❤\ufe0f1\ufe0f\u20e3", ["❤\ufe0f", "1\ufe0f\u20e3"]),
        ("\u200da", ["a"]),
    ],
)
def test_marks_and_joiners_stay_with_their_letter(text: str, expected: list[str]) -> None:
    assert fonts.clusters(text) == expected


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_no_letter_is_lost(text: str) -> None:
    kept = "".join(fonts.clusters(text))
    bare = [char for char in fonts.visible(text) if char.isalnum()]
    assert [char for char in kept if char.isalnum()] == bare


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello שלום world", ["hello ", "שלום", " world"]),
        ("שלום hello עולם", [" עולם", "hello", "שלום "]),
        ("שלום 12 עולם", [" עולם", "12", "שלום "]),
        ("שלום (Bob)", [")", "Bob", "שלום ("]),
        ("שלום Bob (12)", ["Bob (12)", "שלום "]),
    ],
)
def test_runs_come_in_the_order_they_are_seen(text: str, expected: list[str]) -> None:
    line = [("face", cluster) for cluster in fonts.clusters(text)]
    runs = fonts.ordered(line, base_right_to_left=fonts.right_to_left(text))
    assert [run.text for run in runs] == expected


def test_a_face_is_found_that_has_all_of_a_cluster() -> None:
    faces = ("Anton", "FiraGO-Bold", "NotoSansCJK")
    assert fonts.face_with("A", faces) == "Anton"
    assert fonts.face_with("ש", faces) == "FiraGO-Bold"
    assert fonts.face_with("語", faces) == "NotoSansCJK"
    assert fonts.face_with("𓀀", faces) is None
