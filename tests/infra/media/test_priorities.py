"""Encoding takes no more of the machine than other work does: threads keep the scheduling that they had."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import av
import pytest
from reelops.infra.media.cutting import Container, cut
from reelops.infra.media.priorities import priorities_kept

from tests.media import write_video

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the system has no scheduling policies of threads")


def test_encoding_av1_takes_no_priority(tmp_path: Path) -> None:
    source = write_video(tmp_path / "deep.mp4", pixel_format="yuv420p10le")
    before = os.sched_getscheduler(0)
    seen: set[int] = set()

    def look() -> bool:  # the cutter asks while it encodes
        seen.update(_policies())
        return False

    target = tmp_path / "clip.webm"
    cut(source, target, start_sec=0.5, duration_sec=2.0, container=Container.webm, cancelled=look)
    with av.open(str(target)) as clip:
        assert clip.streams.video[0].codec_context.name in ("av1", "libdav1d")
    assert seen == {before}
    assert _policies() == {before}


def test_threads_keep_what_they_had() -> None:
    ready, over = threading.Event(), threading.Event()

    def other() -> None:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        ready.set()
        over.wait()

    one = threading.Thread(target=other)
    one.start()
    ready.wait()
    two = threading.Thread(target=other)
    usual = os.sched_getscheduler(0)
    try:
        with priorities_kept():
            ready.clear()
            two.start()
            ready.wait()
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        assert os.sched_getscheduler(0) == usual
        assert os.sched_getscheduler(two.native_id or 0) == usual
        assert os.sched_getscheduler(one.native_id or 0) == os.SCHED_BATCH
    finally:
        over.set()
        one.join()
        two.join()


def test_two_at_once_leave_each_other_what_they_had() -> None:
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with priorities_kept():
            entered.set()
            leave.wait()

    two = threading.Thread(target=other)
    usual = os.sched_getscheduler(0)
    try:
        with priorities_kept():
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
            two.start()
            entered.wait(0.5)
    finally:
        leave.set()
        two.join()
    assert os.sched_getscheduler(0) == usual


def _policies() -> set[int]:
    found = set()
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):
            found.add(os.sched_getscheduler(int(thread.name)))
    return found
