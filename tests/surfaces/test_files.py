"""Ranges as RFC 9110 has them."""

from __future__ import annotations

import pytest
from reelops import errors
from reelops.surfaces.files import Selection, select

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Selection(0, SIZE, is_part=False)),
        ("bytes=0-99", Selection(0, 100, is_part=True)),
        ("bytes=900-", Selection(900, SIZE, is_part=True)),
        ("bytes=900-5000", Selection(900, SIZE, is_part=True)),
        ("bytes=-100", Selection(900, SIZE, is_part=True)),
        ("bytes=-5000", Selection(0, SIZE, is_part=True)),
        ("bytes=0-0", Selection(0, 1, is_part=True)),
        # What is not understood is left out of account.
        ("bytes=5-2", Selection(0, SIZE, is_part=False)),
        ("bytes=0-1,5-6", Selection(0, SIZE, is_part=False)),
        ("bytes=-", Selection(0, SIZE, is_part=False)),
        ("lines=1-2", Selection(0, SIZE, is_part=False)),
        ("bytes=a-b", Selection(0, SIZE, is_part=False)),
        ("bytes=" + "9" * 40 + "-", Selection(0, SIZE, is_part=False)),
    ],
)
def test_a_range_selects_the_bytes_it_names(header: str | None, expected: Selection) -> None:
    assert select(header, SIZE) == expected


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=1000-", SIZE), ("bytes=-0", SIZE), ("bytes=0-", 0), ("bytes=-5", 0)]
)
def test_bytes_that_are_not_there_are_refused_with_the_size(header: str, size: int) -> None:
    with pytest.raises(errors.OutOfRange) as refused:
        select(header, size)
    assert refused.value.details["size"] == str(size)
