"""What may be compared with what, on both databases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from reelops import errors
from reelops.core.audit import Audit
from reelops.core.scoring.service import Scoring
from reelops.infra.blobs import open_blobs
from reelops.infra.database import Database
from reelops.infra.jobs import JobQueue

from tests.core.search.filming import film

ROWS: NDArray[np.float32] = np.random.default_rng(3).normal(size=(6, 8)).astype(np.float32)


async def test_videos_of_two_versions_of_the_embedder_are_not_compared(db: Database, tmp_path: Path) -> None:
    blobs = open_blobs(str(tmp_path / "blobs"))
    gold = await film(db, blobs, ROWS, gold=True, model="motion-appearance:1")
    old, new = [await film(db, blobs, ROWS, model=f"motion-appearance:{version}") for version in (1, 2)]
    async with JobQueue.open(db) as queue:
        scoring = Scoring(db=db, blobs=blobs, queue=queue, audit=Audit(db=db))
        with pytest.raises(errors.Invalid) as refusal:
            await scoring.request(gold=gold.video_id, trainee=new.video_id, profile=None, by="token:operator")
        assert refusal.value.code == "MODEL_MISMATCH"
        for said in ("motion-appearance:1", "motion-appearance:2", "re-embed the task"):
            assert said in str(refusal.value)
        job = await scoring.request(gold=gold.video_id, trainee=old.video_id, profile=None, by="token:operator")
        assert job.payload["trainee_video_id"] == old.video_id, "two of the earlier version compare as before"
