"""Compares what a service has on disk with what its database says it has."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from pathlib import Path

FINAL = {"completed", "failed", "cancelled"}


def await_tidy(data: Path, *, timeout_sec: float = 60.0) -> None:
    """Waits for the sweeps and fails, saying what is wrong, when files and rows do not match then."""
    deadline = time.monotonic() + timeout_sec
    while (wrong := untidiness(data)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not wrong, "\n".join(wrong)


def untidiness(data: Path) -> list[str]:
    """Lists files without a row, rows without a file, videos that are there twice, and jobs that did not end."""
    blobs = {str(path.relative_to(data / "blobs")) for path in (data / "blobs").rglob("*") if path.is_file()}
    with contextlib.closing(sqlite3.connect(f"file:{data / 'reelops.sqlite3'}?mode=ro", uri=True)) as database:
        needed = _needed(database)
        wrong = [
            f"job {job_id} is {state}"
            for job_id, state in _rows(database, "SELECT job_id, state FROM job")
            if state not in FINAL
        ]
        unexplained = "SELECT job_id FROM job WHERE state = 'failed' AND coalesce(error_message, '') = ''"
        wrong += [f"job {job_id} failed without a reason" for (job_id,) in _rows(database, unexplained)]
        dirty = "SELECT job_id FROM job WHERE cleanup IS NOT NULL"
        wrong += [f"job {job_id} was not cleaned up after" for (job_id,) in _rows(database, dirty)]
        twice = "SELECT job_id, count(*) FROM videos GROUP BY job_id HAVING count(*) > 1"
        wrong += [f"job {job_id} made {count} videos" for job_id, count in _rows(database, twice)]
        lost = """SELECT job.job_id FROM job LEFT JOIN videos USING (job_id)
                  WHERE kind = 'sopilot.ingest' AND state = 'completed' AND videos.job_id IS NULL"""
        wrong += [f"job {job_id} completed without a video" for (job_id,) in _rows(database, lost)]
        twice = "SELECT job_id, count(*) FROM assets WHERE job_id IS NOT NULL GROUP BY job_id HAVING count(*) > 1"
        wrong += [f"job {job_id} made {count} assets" for job_id, count in _rows(database, twice)]
        begun = """SELECT asset_id, assets.state FROM assets JOIN job USING (job_id)
                   WHERE assets.state NOT IN ('ready', 'failed')"""
        wrong += [f"asset {asset_id} stayed {state}" for asset_id, state in _rows(database, begun)]
        clips = """SELECT video_id, num_clips, (SELECT count(*) FROM clips WHERE clips.video_id = videos.video_id)
                   FROM videos"""
        wrong += [
            f"video {row[0]} has {row[2]} of {row[1]} clips" for row in _rows(database, clips) if row[1] != row[2]
        ]
    wrong += [f"{key} has a row and no file" for key in sorted(needed - _named(blobs))]
    wrong += [f"{key} has a file and no row" for key in sorted(_named(blobs) - needed)]
    wrong += [f"{path.name} was left in staging" for path in (data / "staging").iterdir()]
    return wrong


def _needed(database: sqlite3.Connection) -> set[str]:
    needed = {str(key) for (key,) in _rows(database, "SELECT file_key FROM videos")}
    made = "SELECT file_key FROM assets WHERE state = 'ready' AND file_key IS NOT NULL"
    needed |= {str(key) for (key,) in _rows(database, made)}
    names = [str(row[1]) for row in _rows(database, "PRAGMA table_info(score_artifacts)")]
    for row in _rows(database, "SELECT * FROM score_artifacts"):
        needed |= {str(key) for name, key in zip(names, row, strict=True) if name.endswith("_key") and key}
    golds = _rows(database, "SELECT video_id FROM videos WHERE role = 'gold'")
    needed |= {f"embeddings/video_{video_id}.glimpses" for (video_id,) in golds}
    return needed | {f"embeddings/video_{video_id}" for (video_id,) in _rows(database, "SELECT video_id FROM videos")}


def _named(blobs: set[str]) -> set[str]:
    """Takes the digest of the model out of the names of embeddings. A close look is there or not."""
    kinds = r"(embeddings/video_\d+)\.[0-9a-f]{8}(?:\.raw\.npy|(\.glimpses)\.npy|\.close\.npz)$"
    return {re.sub(kinds, r"\1\2", key) for key in blobs}


def _rows(database: sqlite3.Connection, statement: str) -> list[tuple[object, ...]]:
    return database.execute(statement).fetchall()
