"""What was found in gold videos, kept so that it is found once: at ingest, or when first asked for after a change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reelops.core.library.embedding import Embedded
from reelops.core.library.jobs import Keep
from reelops.core.library.model import ClipRow, Video, VideoRole
from reelops.core.library.service import Library
from reelops.core.scoring.looks import FoundSteps
from reelops.core.scoring.steps.finding import ALGORITHM, find_steps
from reelops.core.scoring.steps.store import get_found, put_found
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient


class Outlines:
    """The steps that the service finds.

    They follow from the raw embeddings, and from what is seen at single frames and at a close look where the embedder
    tells: no adapter has a part in them.
    """

    def __init__(self, *, db: Database, library: Library, inference: InferenceClient) -> None:
        self._db = db
        self._library = library
        self._inference = inference

    async def of(self, video: Video, clips: Sequence[ClipRow], raw: NDArray[np.float32]) -> FoundSteps | None:
        """Returns what is kept for the video's embedding and the present way to find steps, or finds and keeps it.

        None for a video that is too short or too long to be scored. Raises `Unavailable` where it has to be found
        while Triton is away.
        """
        kept = await self.kept(video)
        if kept is not None:
            return kept
        glimpses, close = await self._library.glimpses(video), await self._library.close_look(video)
        found = await find_steps(self._inference, video, clips, raw, glimpses, close)
        if found is not None:
            async with self._db.write() as connection:
                await put_found(connection, video, found, algorithm=ALGORITHM)
        return found

    async def kept(self, video: Video) -> FoundSteps | None:
        """Returns what is kept, if anything that still holds is."""
        return await get_found(self._db, video, algorithm=ALGORITHM)

    async def accompany(self, video: Video, embedded: Embedded) -> Keep | None:
        """Finds the steps of a gold video that is being ingested; what it gives keeps them."""
        if video.role is not VideoRole.gold:
            return None
        glimpses = None if embedded.glimpses is None else embedded.glimpses.astype(np.float32)
        found = await find_steps(
            self._inference, video, embedded.rows, embedded.embeddings, glimpses, embedded.close_look
        )
        return None if found is None else partial(put_found, video=video, found=found, algorithm=ALGORITHM)
