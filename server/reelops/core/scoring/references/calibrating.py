"""What is usual among the good takes of a task, from the references that there are."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from reelops import errors
from reelops.core.library.model import VideoRole
from reelops.core.scoring.comparison import read_reference
from reelops.core.scoring.fingerprints import of_modules
from reelops.core.scoring.norms import UNKNOWN_NORMS, Norms, ReferenceReading, norms_of
from reelops.core.scoring.profiles import Recording, decoding_of, kinds_of, lost_of, takes_of
from reelops.core.scoring.recordings import Recordings
from reelops.core.scoring.reelops_v1 import MAX_CLIPS
from reelops.core.scoring.references.store import Vouched, get_readings, list_vouched, put_readings
from reelops.core.scoring.segments import segments_of
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient, Takes

_METHOD = of_modules("reading", "comparison")


class References:
    """Reads the references of a gold video, each once for as long as the reading holds."""

    def __init__(self, *, db: Database, recordings: Recordings, inference: InferenceClient) -> None:
        self._db = db
        self._recordings = recordings
        self._inference = inference

    async def norms(self, gold: Recording, *, but: int, cancelled: Callable[[], bool] = lambda: False) -> Norms:
        """Says what is usual among good takes; the video `but` is the one that is judged, and is not asked.

        The newest eight references count. Raises `Unavailable` where one has to be read while Triton is away.
        """
        vouched = await list_vouched(self._db, gold=gold.video, but=but)
        if not vouched or gold.found is None:
            return UNKNOWN_NORMS
        fingerprint = _fingerprint(gold)
        kept = await get_readings(self._db, gold.video.video_id, fingerprint=fingerprint)
        new = await self._read(gold, [one for one in vouched if one.video_id not in kept], cancelled)
        if new:
            async with self._db.write() as connection:
                await put_readings(connection, gold.video.video_id, new, fingerprint=fingerprint)
        known = kept | new
        golds, accepted = (
            [known[one.video_id] for one in vouched if one.role is role and one.video_id in known]
            for role in (VideoRole.gold, VideoRole.trainee)
        )
        return norms_of(golds, accepted)

    async def _read(
        self, gold: Recording, vouched: list[Vouched], cancelled: Callable[[], bool]
    ) -> dict[int, ReferenceReading]:
        """Reads references against the gold, one after the other; what was deleted or changed meanwhile is left out."""
        found: dict[int, ReferenceReading] = {}
        for one in vouched:
            try:
                take = await self._recordings.load(one.video_id, beside=gold, cancelled=cancelled)
            except (errors.Invalid, errors.NotFound):
                continue
            if take.video.embedding_model == gold.video.embedding_model and 1 <= len(take.clips) <= MAX_CLIPS:
                found[one.video_id] = await self._read_one(takes_of(gold, take), lost_of(gold, take))
        return found

    async def _read_one(self, takes: Takes, lost: tuple[float, float]) -> ReferenceReading:
        decoding = decoding_of(await self._inference.decode_steps(takes), kinds_of(takes), lost=lost)
        return await asyncio.to_thread(lambda: read_reference(decoding, segments_of(decoding)))


def _fingerprint(gold: Recording) -> str:
    """Names what a reading depends on beside the two videos: the embedding, the steps, and how takes are compared."""
    takes = takes_of(gold, gold)
    steps = None if takes.steps is None else takes.steps.tolist()
    stated = f"{_METHOD} {gold.video.embedding_model} {steps} {takes.phased}"
    return hashlib.sha256(stated.encode()).hexdigest()[:32]
