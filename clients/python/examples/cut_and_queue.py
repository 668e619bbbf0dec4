"""Cuts a clip out of a video, draws a thumbnail for it and queues it for publishing.

    python cut_and_queue.py https://example.com/video.mp4 --start 30 --duration 15

The service and the credentials come from WAVESTACK_URL (http://localhost:3000 where absent), WAVESTACK_API_KEY
(client_id:client_secret) and WAVESTACK_ORG_ID.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from wavestack import WaveStackClient, WaveStackError


def main() -> int:
    wanted = parse()
    base_url = os.environ.get("WAVESTACK_URL", "http://localhost:3000")
    api_key, org_id = os.environ["WAVESTACK_API_KEY"], os.environ["WAVESTACK_ORG_ID"]
    try:
        with WaveStackClient(base_url, api_key=api_key, org_id=org_id) as client:
            cut_and_queue(client, wanted)
    except WaveStackError as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return 1
    return 0


def cut_and_queue(client: WaveStackClient, wanted: argparse.Namespace) -> None:
    clip = client.clipper.create(source=wanted.source, start_sec=wanted.start, duration_sec=wanted.duration)
    clip = client.clipper.wait(clip, on_progress=lambda now: print(f"clip: {now.progress} %"))
    print(f"clip: {client.clipper.download(clip, wanted.clip)}")
    asset_id = clip.result.asset_id if clip.result else None
    thumbnail = client.thumbnails.from_frame(video_url=asset_id or wanted.source, style="gaming", title=wanted.title)
    print(f"thumbnail: {client.thumbnails.download(thumbnail, wanted.thumbnail)}")
    item = client.queue.create(asset_id=asset_id, title=wanted.title, platforms=["youtube", "instagram"])
    print(f"queued: {item.id}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Cuts a clip out of a video and queues it for publishing.")
    parser.add_argument("source", help="an http or https URL, the id of an asset, or a file below the media root")
    parser.add_argument("--start", type=float, default=0.0, help="where the clip begins, in seconds")
    parser.add_argument("--duration", type=float, default=15.0, help="how long it is, in seconds")
    parser.add_argument("--title", default="INSANE CLUTCH")
    parser.add_argument("--clip", type=Path, default=Path("clip.mp4"), help="where to save the clip")
    parser.add_argument("--thumbnail", type=Path, default=Path("thumbnail.png"), help="where to save the thumbnail")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
