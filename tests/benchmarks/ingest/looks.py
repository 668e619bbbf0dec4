"""Takes the first close look at a trainee's video, as a scoring beside a gold of short steps does, in this process."""

from __future__ import annotations

import asyncio
import time

from reelops.core.audit.service import Audit
from reelops.core.library.embedding import Embedding
from reelops.core.library.looking import CloseLooks
from reelops.core.library.service import Library
from reelops.infra.blobs import open_blobs
from reelops.infra.database import Database
from reelops.infra.inference import InferenceClient
from reelops.infra.media import MediaLimits

from tests.service_fixture import RunningService


def timed_look(service: RunningService, video_id: int) -> tuple[float, int]:
    """Gives the seconds it took, with what is kept of it written, and how many clips it saw."""
    return asyncio.run(_timed_look(service, video_id))


async def _timed_look(service: RunningService, video_id: int) -> tuple[float, int]:
    blobs = open_blobs(str(service.data / "blobs"))
    async with (
        Database.open(f"sqlite:///{service.data / 'reelops.sqlite3'}") as db,
        InferenceClient.connect(service.triton_address) as inference,
    ):
        library = Library(db=db, blobs=blobs, audit=Audit(db=db))
        embedding = Embedding(inference=inference, limits=MediaLimits())
        video = await library.get(video_id)
        assert await library.close_look(video) is None, "it was looked at before"
        begun = time.perf_counter()
        look = await CloseLooks(library=library, blobs=blobs, embedding=embedding).of(video, cancelled=lambda: False)
        elapsed = time.perf_counter() - begun
    assert look is not None, "there is no more to see"
    return elapsed, len(look.times)
