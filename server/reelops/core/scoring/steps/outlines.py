"""What was found in gold videos, kept so that it is found once: at ingest, or when first asked for after a change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reelops.core.library.jobs import Keep
from reelops.core.library.model import ClipRow, Video, VideoRole
from reelops.core.library.service import Library
from reelops.core.scoring.outlining import Outline
from reelops.core.scoring.steps.finding import ALGORITHM, find_outline
from reelops.core.scoring.steps.store import get_outline, put_outline
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient


class Outlines:
    """The steps that the service finds.

    They follow from the raw embeddings, and from what is seen at single frames where the embedder tells: no adapter has
    a part in them.
    """

    def __init__(self, *, db: Database, library: Library, inference: InferenceClient) -> None:
        self._db = db
        self._library = library
        self._inference = inference

    async def of(self, video: Video, clips: Sequence[ClipRow], raw: NDArray[np.float32]) -> Outline | None:
        """Returns what is kept for the video's embedding and the present way to find steps, or finds and keeps it.

        None for a video that is too short or too long to be scored. Raises `Unavailable` where it has to be found
        while Triton is away.
        """
        kept = await get_outline(self._db, video, algorithm=ALGORITHM)
        if kept is not None:
            return kept
        found = await find_outline(self._inference, video, clips, raw, await self._library.glimpses(video))
        if found is not None:
            async with self._db.write() as connection:
                await put_outline(connection, video, found, algorithm=ALGORITHM)
        return found

    async def kept(self, video: Video) -> Outline | None:
        """Returns what is kept, if anything that still holds is."""
        return await get_outline(self._db, video, algorithm=ALGORITHM)

    async def accompany(
        self,
        video: Video,
        clips: Sequence[ClipRow],
        raw: NDArray[np.float32],
        glimpses: NDArray[np.float32] | None,
    ) -> Keep | None:
        """Finds the steps of a gold video that is being ingested; what it gives keeps them."""
        if video.role is not VideoRole.gold:
            return None
        found = await find_outline(self._inference, video, clips, raw, glimpses)
        return None if found is None else partial(put_outline, video=video, found=found, algorithm=ALGORITHM)
