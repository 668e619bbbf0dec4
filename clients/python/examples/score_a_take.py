"""Scores a trainee's take against a gold one: `python score_a_take.py gold.mp4 trainee.mp4 --task assembly`.

Uploads both, waits for each to be ingested, compares them, prints the faults with their times and saves the PDF.
The service and the token come from REELOPS_ADDRESS (localhost:50051 where absent) and REELOPS_TOKEN.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from reelops_client import AsyncReelOps, Deviation, ReelOpsError, ScoreJob


async def main() -> int:
    arguments = parse()
    address = os.environ.get("REELOPS_ADDRESS", "localhost:50051")
    async with AsyncReelOps(address, token=os.environ.get("REELOPS_TOKEN")) as reelops:
        try:
            gold, trainee = await asyncio.gather(
                ingest(reelops, arguments.gold, arguments.task, "gold"),
                ingest(reelops, arguments.trainee, arguments.task, "trainee"),
            )
            score = await reelops.sopilot.score(gold=gold, trainee=trainee)
            show(await score.wait(timeout=arguments.timeout))
            report = await reelops.sopilot.scores.report(score.job_id, arguments.report)
        except ReelOpsError as failure:
            print(f"failed: {failure}", file=sys.stderr)
            return 1
    print(f"report: {report}")
    return 0


async def ingest(reelops: AsyncReelOps, video: Path, task_id: str, role: str) -> int:
    """Uploads a video, waits until it is ingested and returns its id."""
    upload = await reelops.sopilot.upload(video, task_id=task_id, role=role)
    ingested = await upload.wait(on_update=lambda job: print(f"{role}: {job.stage or 'waits'} {job.progress:.0%}"))
    print(f"{role}: video {ingested.video_id}, {ingested.num_clips} clips")
    return ingested.video_id


def show(score: ScoreJob) -> None:
    print(f"score: {score.result.score:.1f} of 100 ({score.result.profile}, {score.result.embedding_model})")
    for fault in score.result.deviations:
        kind = Deviation.Type.Name(fault.type)
        print(f"  {kind} at {span(fault)}, confidence {fault.confidence:.2f}: {fault.reason}")


def span(fault: Deviation) -> str:
    """Returns when a fault is, in the trainee's video or, where it has no such moment, in the gold one."""
    if fault.trainee_time.HasField("start_sec"):
        return f"{fault.trainee_time.start_sec:.1f}-{fault.trainee_time.end_sec:.1f} s"
    return f"{fault.gold_time.start_sec:.1f}-{fault.gold_time.end_sec:.1f} s of the gold video"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Scores a trainee's take against a gold one.")
    parser.add_argument("gold", type=Path)
    parser.add_argument("trainee", type=Path)
    parser.add_argument("--task", required=True, help="the task that both videos show")
    parser.add_argument("--report", type=Path, default=Path("report.pdf"), help="where to save the PDF")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds to wait for the score")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
