"""What steps an operator may set, and how they divide a video."""

from __future__ import annotations

import math

import pytest
from reelops import errors
from reelops.core.scoring.steps.model import Step, Stretch, checked, stretches

LENGTH = 60.0
FIRST, SECOND = Step("Fit the plate", 0.0, 10.0, 12.0, critical=True), Step("Drive the screws", 10.0, 25.5)


def test_steps_that_follow_each_other_are_kept_as_they_are() -> None:
    assert checked([FIRST, SECOND], duration_sec=LENGTH) == (FIRST, SECOND)


def test_a_name_is_kept_without_the_space_around_it() -> None:
    (step,) = checked([Step("  締め付け \u00a0", 0, 1)], duration_sec=LENGTH)
    assert step.name == "締め付け"


def test_the_last_step_may_end_with_the_video_as_a_rounded_figure_says() -> None:
    (step,) = checked([Step("all", 0, 60.01)], duration_sec=LENGTH)
    assert step.end_sec == LENGTH


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([], "1 to 100"),
        ([Step(f"{n}", n / 10, n / 10 + 0.1) for n in range(101)], "1 to 100"),
        ([SECOND, FIRST], "begins"),
        ([FIRST, Step("over", 9.9, 12)], "step 2 begins at 9.9 s, before step 1 ends at 10 s"),
        ([FIRST, Step("Fit the plate ", 10, 12)], "both called Fit the plate"),
        ([Step(" ", 0, 1)], "name"),
        ([Step("x" * 201, 0, 1)], "name"),
        ([Step("a\x00b", 0, 1)], "control"),
        ([Step("none", 5, 5)], "end after"),
        ([Step("back", 6, 5)], "end after"),
        ([Step("early", -1, 5)], "0 s or later"),
        ([Step("late", 50, 60.2)], "the video at 60 s"),
        ([Step("later", 60, 60.01)], "begins where the video ends"),
        ([Step("nan", math.nan, 5)], "numbers"),
        ([Step("endless", 0, math.inf)], "numbers"),
        ([Step("slow", 0, 5, math.inf)], "numbers"),
        ([Step("at once", 0, 5, 0.0)], "expected"),
    ],
)
def test_other_steps_are_refused_with_a_reason(steps: list[Step], sentence: str) -> None:
    with pytest.raises(errors.Invalid, match=sentence) as refusal:
        checked(steps, duration_sec=LENGTH)
    assert refusal.value.code == "STEPS_INVALID"


def test_pauses_are_parts_of_their_own() -> None:
    parts = stretches([Step("a", 5, 10), Step("b", 10, 20), Step("c", 30, 40)], duration_sec=LENGTH)
    assert parts == (
        Stretch(0, 5, None),
        Stretch(5, 10, 0),
        Stretch(10, 20, 1),
        Stretch(20, 30, None),
        Stretch(30, 40, 2),
        Stretch(40, 60, None),
    )


def test_a_short_pause_belongs_to_the_step_before() -> None:
    parts = stretches([Step("a", 1, 10), Step("b", 11.5, 59)], duration_sec=LENGTH)
    assert parts == (Stretch(0, 11.5, 0), Stretch(11.5, 60, 1))
