"""Clips and thumbnails on a database, a folder and a worker of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from reelops.core.audit.service import Audit
from reelops.core.editing.clips.jobs import ClipHandler
from reelops.core.editing.clips.model import KIND as CLIP_KIND
from reelops.core.editing.clips.model import QUEUE as CLIP_QUEUE
from reelops.core.editing.clips.service import Clips
from reelops.core.editing.keeping import MadeFiles, Retention, file_key
from reelops.core.editing.thumbnails.jobs import ThumbnailHandler
from reelops.core.editing.thumbnails.orders import KIND as THUMBNAIL_KIND
from reelops.core.editing.thumbnails.orders import QUEUE as THUMBNAIL_QUEUE
from reelops.core.editing.thumbnails.service import Thumbnails
from reelops.core.library import store as videos
from reelops.core.library.assets import store
from reelops.core.library.assets.model import Asset, AssetKind, AssetState, new_asset_id
from reelops.core.library.assets.service import Assets
from reelops.core.library.assets.videos import complete
from reelops.core.sourcing import Sources
from reelops.infra.blobs import BlobStore, Staging, open_blobs
from reelops.infra.database import Database, utc_now
from reelops.infra.fetching import Fetcher, FetchPolicy
from reelops.infra.jobs import Handler, Job, JobQueue, Worker
from reelops.infra.media import MediaLimits
from reelops.infra.media.cutting import Container

from tests.core.library.test_library import make_video
from tests.infra.jobs.conftest import working

ORG, OTHER = "org_123", "org_999"
MB = 1 << 20
_RETENTION = Retention(hours=24, max_bytes=100 * MB)


@dataclass(slots=True)
class Studio:
    """What callers and workers have. `root` is where files may be named below."""

    db: Database
    queue: JobQueue
    folder: Path
    retention: Retention = _RETENTION
    reserve_bytes: int = 0
    waits: timedelta = timedelta(minutes=2)
    wait_sec: float = 50.0
    blobs: BlobStore = field(init=False)
    root: Path = field(init=False)
    staged: Path = field(init=False)

    def __post_init__(self) -> None:
        self.blobs, self.root = open_blobs(str(self.folder / "blobs")), self.folder / "media"
        self.staged = self.folder / "staging"
        self.root.mkdir()

    @property
    def staging(self) -> Staging:
        return Staging(self.staged, max_bytes=100 * MB, reserve_bytes=self.reserve_bytes)

    @property
    def assets(self) -> Assets:
        return Assets(db=self.db, blobs=self.blobs)

    @property
    def files(self) -> MadeFiles:
        return MadeFiles(db=self.db, blobs=self.blobs, retention=self.retention)

    @property
    def sources(self) -> Sources:
        async def open_asset(asset_id: str, org_id: str | None) -> str:
            return (await self.assets.info(await self.assets.get(asset_id, org_id))).key

        kinds = ("video/", "image/", "application/octet-stream")
        policy = FetchPolicy(allow_hosts=("127.0.0.1",), content_types=kinds, max_bytes=20 * MB)
        return Sources(
            fetcher=Fetcher(policy),
            staging=self.staging,
            blobs=self.blobs,
            open_asset=open_asset,
            media_root=self.root,
        )

    @property
    def clips(self) -> Clips:
        return Clips(db=self.db, queue=self.queue, sources=self.sources, assets=self.assets, files=self.files)

    @property
    def thumbnails(self) -> Thumbnails:
        return Thumbnails(
            db=self.db,
            queue=self.queue,
            sources=self.sources,
            assets=self.assets,
            files=self.files,
            wait_sec=self.wait_sec,
        )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Worker]:
        """Runs a worker in this process."""
        given: dict[str, Any] = {
            "db": self.db,
            "blobs": self.blobs,
            "sources": self.sources,
            "files": self.files,
            "audit": Audit(db=self.db),
            "limits": MediaLimits(),
            "turns": asyncio.Semaphore(2),
            "waits": self.waits,
        }
        handlers: dict[str, Handler] = {
            CLIP_KIND: ClipHandler(**given, staging=self.staging),
            THUMBNAIL_KIND: ThumbnailHandler(**given),
        }
        slots = {CLIP_QUEUE: 2, THUMBNAIL_QUEUE: 2}
        async with working(self.db, self.queue, handlers, concurrency=slots) as worker:
            yield worker

    async def ask(self, source: str, **fields: Any) -> Job:
        """Asks for a clip of the first second."""
        given: dict[str, Any] = {"start_sec": 0.0, "duration_sec": 1.0, "container": Container.mp4, "org_id": ORG}
        return await self.clips.request(source, **given | fields, by="client:shop")

    async def add(self, kind: AssetKind = AssetKind.clip, *, content: bytes | None = b"made", **fields: Any) -> Asset:
        """Puts an asset and its file there, as if a job had made it an hour ago."""
        asset_id, made_at = new_asset_id(), utc_now() - timedelta(hours=1)
        name = f"{asset_id.removeprefix('asset_')}.mp4"
        asset = Asset(
            asset_id=asset_id,
            org_id=ORG,
            kind=kind,
            state=AssetState.ready,
            name=name,
            file_key=file_key(AssetKind.clip if kind is AssetKind.video else kind, name),
            size_bytes=len(content or b""),
            created_at=made_at,
            updated_at=made_at,
        )
        asset = replace(asset, **fields)
        async with self.db.write() as connection:
            await store.insert_asset(connection, asset)
        if content is not None and asset.file_key:
            await self.blobs.put_bytes(asset.file_key, content)
        return asset

    async def add_video(self, path: Path, *, mask: str | None = None, mode: str = "black", org_id: str = ORG) -> Asset:
        """Puts a video of the house there, perhaps with a privacy mask, and gives its asset."""
        async with self.db.write() as connection:
            video_id = await videos.reserve_video_id(connection)
            video = replace(
                make_video(video_id, "task"),
                file_key=f"raw/video_{video_id}{path.suffix}",
                filename=path.name,
                privacy_mask=mask,
                privacy_mode=mode,
            )
            await videos.insert_video(connection, video, [])
            await complete(connection, video, org_id=org_id)
        await self.blobs.put_bytes(video.file_key, path.read_bytes())
        page = await self.assets.list(org_id, limit=100, kind=AssetKind.video)
        return next(asset for asset in page.items if asset.video_id == video_id)

    def left(self) -> list[str]:
        """Lists the files that are there: of clips and thumbnails, and in staging."""
        blobs = self.folder / "blobs"
        made = [path for name in ("clips", "thumbnails") for path in (blobs / name).glob("*")]
        return sorted(str(path.relative_to(self.folder)) for path in [*made, *self.staged.glob("*")])


async def ended(queue: JobQueue, job: Job) -> Job:
    """Waits until a job ended, and until what it left was removed."""
    async for seen in queue.watch(job.job_id):
        job = seen
    return job


async def until_failed(studio: Studio) -> Asset:
    """Waits until the only asset says that it failed."""
    async with asyncio.timeout(20):
        while (page := await studio.assets.list(ORG)).items[0].state is not AssetState.failed:  # noqa: ASYNC110 - a row sets no event
            await asyncio.sleep(0.02)
    (asset,) = page.items
    return asset
