"""What a person finds in the printed report of a score, and what must not keep them from getting one."""

from __future__ import annotations

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from reelops.core.scoring.model import BothVideos, Deviation, FaultType, Penalty, TimeRange
from reelops.core.scoring.report import FaultPictures, ReportDocument, render_report

from tests.core.scoring.report_samples import (
    AT,
    METRICS,
    MISSING,
    SWAPPED,
    document,
    photograph,
    pictured,
    scored,
)

TWO_FAULTS = scored(
    deviations=(SWAPPED, MISSING),
    penalties=(
        Penalty("order_swap", 8.04, "steps 3 and 4 changed places", 0),
        Penalty("step_missing", 12.04, "step 5 was left out", 1),
    ),
)


def read(report: ReportDocument) -> PdfReader:
    return PdfReader(BytesIO(render_report(report)), strict=True)


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def pictures(reader: PdfReader) -> int:
    return sum(len(page.images) for page in reader.pages)


def test_the_report_says_what_was_compared_and_how_it_went() -> None:
    text = words(read(document(TWO_FAULTS)))
    for expected in (
        "assembly_line_1",
        "Trainee's video 42 compared with gold video 1 (factory_a, cam_01)",
        "79.9 of 100 points",
        "Minor corrections",
        "2 faults found.",
        "asked for by token:operator",
        "gold.mp4",
        "score_20260208_120000_abc123",
        "motion-appearance:3",
        "reelops-v1",
        "2026-02-08 12:00:15 UTC",
        "9.8.7",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(100.0, "Meets the standard"), (89.96, "Meets the standard"), (75.0, "Minor corrections"), (0.0, "Train again")],
)
def test_the_verdict_agrees_with_the_score_that_is_shown(score: float, verdict: str) -> None:
    assert verdict in words(read(document(scored(penalties=(Penalty("deviation", 100 - score, "for a reason"),)))))


def test_the_points_add_up_from_100_to_the_score_as_printed() -> None:
    penalties = tuple(Penalty("order_swap", 1.0 / 3, f"reason {i}", 0) for i in range(17))
    text = words(read(document(scored(deviations=(SWAPPED,), penalties=penalties))))
    lost = [float(points) for points in re.findall(r"reason \d+ 1 −(\d+\.\d)", text)]
    assert len(lost) == 17
    assert round(100 - sum(lost), 1) == 94.3
    assert "Score −5.7 94.3" in text


def test_points_past_zero_are_shown_as_given_back() -> None:
    text = words(read(document(scored(penalties=(Penalty("deviation", 130.0, "everything"),)))))
    assert "a score is never below 0 +30.0 0.0" in text


def test_each_fault_has_its_words_step_times_confidence_and_reason() -> None:
    text = words(read(document(TWO_FAULTS)))
    assert (
        "Steps in the wrong order Steps 3 and 4 Step 4 came first Confidence 92 % 00:31.0 – 00:48.0 00:58.0 – 01:14.0"
    ) in text
    assert "Step left out Step 5 No part of the take resembles this step Confidence 97 % 01:06.0 – 01:30.0" in text


def test_steps_that_have_names_are_listed_with_them() -> None:
    assert "Steps No." not in words(read(document(TWO_FAULTS)))
    names = ("Platte", "Schrauben", "プレート", "Prüfen", "Reinigen", "Ende")
    gold = tuple(replace(span, name=name) for span, name in zip(TWO_FAULTS.steps.gold, names, strict=True))
    faults = tuple(
        replace(
            fault,
            gold_step_name=names[fault.gold_step or 0],
            other_gold_step_name=None if fault.other_gold_step is None else names[fault.other_gold_step],
        )
        for fault in TWO_FAULTS.deviations
    )
    named = replace(TWO_FAULTS, steps=BothVideos(gold, TWO_FAULTS.steps.trainee[:5]), deviations=faults)
    text = words(read(document(named)))
    assert all(name in text for name in names)
    assert "Step 5 \N{EN DASH} Reinigen" in text
    assert "Steps 3 \N{EN DASH} プレート and 4 \N{EN DASH} Prüfen" in text
    assert "Ende 01:32.0 \N{EN DASH} 01:52.0 not found" in text


def test_pictures_of_both_videos_stand_beside_the_faults() -> None:
    thumbnails = {i: pictured(fault, i) for i, fault in enumerate(TWO_FAULTS.deviations)}
    plain, illustrated = read(document(TWO_FAULTS)), read(document(TWO_FAULTS, thumbnails=thumbnails))
    assert pictures(illustrated) - pictures(plain) == 3
    assert "Not in this video" in words(illustrated)


def test_a_picture_that_cannot_be_read_is_left_out() -> None:
    broken = photograph()[:200]
    thumbnails = {0: FaultPictures(broken, photograph()), 1: FaultPictures(b"not a picture", b"")}
    reader = read(document(TWO_FAULTS, thumbnails=thumbnails))
    assert pictures(reader) == pictures(read(document(TWO_FAULTS))) + 1
    assert "No picture" in words(reader)


def test_a_take_without_faults_is_told_so() -> None:
    text = words(read(document()))
    assert "100.0 of 100 points" in text
    assert "No faults were found" in text


def test_three_hundred_faults_fill_pages_with_headings_and_whole_rows() -> None:
    faults = tuple(
        Deviation(
            list(FaultType)[i % 6], i % 6, TimeRange(i / 3, i / 3 + 1), TimeRange(i / 3, i / 3 + 2), 0.5, f"cause {i}."
        )
        for i in range(300)
    )
    result = scored(deviations=faults, penalties=tuple(Penalty(f.type, 0.2, "r", i) for i, f in enumerate(faults)))
    pages = [" ".join(page.extract_text().split()) for page in read(document(result)).pages]
    assert len(pages) > 20
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        if "Cause" in page:
            assert "No. Fault Gold Trainee" in page
            assert page.count("Cause") == page.count("Confidence")
    assert all(sum(f"Cause {i}." in page for page in pages) == 1 for i in range(300))


def test_every_documented_figure_is_there_in_words() -> None:
    text = words(read(document(scored(profile="sopilot-v1"))))
    assert "sopilot-v1" in text
    assert "Weakest moment how far the worst best match lies below the median one 0.123" in text
    assert (
        f"Mean alignment cost 1 less the similarity, averaged over the alignment {METRICS.mean_alignment_cost}" in text
    )


def test_the_file_says_what_it_is() -> None:
    reader = read(document(task_id="組立ライン1号 🏭"))
    about = reader.metadata
    assert about is not None
    assert about.title == "Score report: 組立ライン1号 🏭"
    assert about.author == "ReelOps"
    assert about.creation_date == AT
    assert about.subject is not None
    assert "score_20260208_120000_abc123" in about.subject
    assert str(reader.root_object["/Lang"]) == "en"


def test_the_outline_leads_to_the_sections_on_their_pages() -> None:
    reader = read(document(TWO_FAULTS))
    entries: list[Any] = list(reader.outline)
    titles = ["Timeline", "Where the points went", "Similarity", "Faults"]
    assert [entry.title for entry in entries][:4] == titles
    for entry in entries:
        page = reader.get_destination_page_number(entry)
        assert page is not None
        assert entry.title in reader.pages[page].extract_text()


@pytest.mark.parametrize(
    "name", ["組立ライン1号", "简体中文电脑", "한국어 라인", "Ağrı Łódź ßẞ", "Сборка №3", "ภาษาไทย", "🏭 hall", "Ａ x́y"]
)
def test_names_of_any_script_can_be_copied_from_the_report(name: str) -> None:
    text = words(read(document(task_id=name)))
    assert unicodedata.normalize("NFC", name) in unicodedata.normalize("NFC", text)


def test_right_to_left_names_are_shown_joined_and_in_the_order_they_are_read() -> None:
    text = unicodedata.normalize("NFKC", words(read(document(task_id="سلام", requested_by="שלום"))))
    assert "سلام" in text or "سلام"[::-1] in text
    assert "שלום" in text or "שלום"[::-1] in text


def test_every_face_is_in_the_file_so_that_no_reader_shows_boxes() -> None:
    reader = read(document(task_id="組立 한국어 سلام ไทย 🏭 abc", requested_by="bold"))
    for page in reader.pages:
        fonts: Any = page["/Resources"]
        for name, font in fonts["/Font"].items():
            if font["/BaseFont"] != "/Helvetica":  # named by the library on every page, used for nothing
                assert "/FontFile2" in font["/FontDescriptor"], name


@pytest.mark.parametrize(
    "name",
    [
        "x" * 4096,
        "長" * 4096,
        "😀" * 4096,
        "e" + "\u0301" * 4096,
        "ש" * 4096,
        "<b>&amp;</b> <font color='red'> <para> ]]> %s {x}",
        "\x00\x07\x1b\u202e\u200d\ud800\U0010ffff\ue000",
        "",
        "\n\t \r",
    ],
    ids=["long", "long-wide", "emoji", "marks", "right-to-left", "markup", "controls", "empty", "blank"],
)
def test_no_name_keeps_a_report_from_being_made(name: str) -> None:
    fault = replace(SWAPPED, reason=name)
    result = scored(deviations=(fault,), penalties=(Penalty("order_swap", 8.0, name, 0),), adapter_version=name)
    whole = document(result, task_id=name, score_job_id=name, requested_by=name)
    facts: dict[str, Any] = {"site_id": name, "camera_id": name, "filename": name}
    reader = read(replace(whole, gold=replace(whole.gold, **facts), trainee=replace(whole.trainee, **facts)))
    assert "92.0" in words(reader)
    assert len(reader.pages) < 12


@settings(max_examples=20, deadline=None)
@given(name=st.text(max_size=200))
def test_any_text_can_be_a_name(name: str) -> None:
    assert "100.0" in words(read(document(task_id=name, requested_by=name)))


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    assert "<b>&amp;</b>" in words(read(document(task_id="<b>&amp;</b>")))


def test_the_same_document_gives_the_same_bytes_even_in_several_threads() -> None:
    report = document(TWO_FAULTS, task_id="組立 🏭", thumbnails={0: FaultPictures(photograph(), photograph())})
    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(render_report, [report] * 4))
    assert len(made) == 1
    assert render_report(replace(report, generated_at=AT + timedelta(days=1))) not in made


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (192, 3), (2, 192)])
def test_similarity_of_any_shape_is_drawn(shape: tuple[int, int]) -> None:
    sides = [np.stack([np.arange(n) * 4.0, np.arange(n) * 4.0 + 4], axis=1) for n in shape]
    preview = np.full(shape, np.nan if shape == (1, 1) else 0.5)
    path = np.zeros((min(shape), 2), dtype=np.int32)
    reader = read(document(preview=preview, path=path, clip_times=BothVideos(*sides)))
    assert "Similarity" in words(reader)


def test_faults_without_any_time_or_step_are_listed() -> None:
    fault = Deviation(FaultType.OVER_TIME, None, TimeRange(), TimeRange(3.0, None), 0.4, "slow")
    text = words(read(document(scored(deviations=(fault,)))))
    assert "Took too long Whole take Slow Confidence 40 % not in this video 00:03.0" in text
