"""What the service is doing now, for operators and for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reelops import errors
from reelops.core.fleet.exposition import Sample, exposition
from reelops.core.fleet.store import training_totals
from reelops.infra.database import Database
from reelops.infra.jobs import JobQueue, JobState, QueueDepth
from reelops.infra.jobs.model import FINAL_STATES
from reelops.infra.metrics import render_histograms
from reelops.infra.triton_metrics import GpuMemory, read_gpu_memory

QUEUES = ("ingest", "score", "training", "report", "editing", "thumbnails", "publishing")
JOB_KINDS = {"ingest": "sopilot.ingest", "score": "sopilot.score", "training": "sopilot.training"}
_NONE = dict.fromkeys(JobState, 0)


@dataclass(frozen=True, slots=True)
class Observation:
    """Queues by name, jobs by short name and state. `error` says why nothing could be read."""

    queues: Mapping[str, QueueDepth]
    jobs: Mapping[str, Mapping[JobState, int]]
    error: str | None = None


class Fleet:
    """All parts of one installation."""

    def __init__(self, *, db: Database, queue: JobQueue, triton_metrics_url: str) -> None:
        self._db = db
        self._queue = queue
        self._triton_metrics_url = triton_metrics_url

    async def is_database_up(self) -> bool:
        """Says whether the database answers."""
        return await self._db.ping()

    async def observe(self) -> Observation:
        """Counts jobs by queue and by kind. Where the database is away, says so instead of failing."""
        try:
            depths, counts = await self._queue.depths(), await self._queue.counts()
        except errors.Unavailable as error:
            return Observation(dict.fromkeys(QUEUES, QueueDepth()), dict.fromkeys(JOB_KINDS, _NONE), error.message)
        return Observation(
            {name: depths.get(name, QueueDepth()) for name in QUEUES},
            {name: _NONE | counts.get(kind, {}) for name, kind in JOB_KINDS.items()},
        )

    async def metrics_text(self) -> bytes:
        """Returns the metrics of all processes as Prometheus text. Raises `Unavailable` without a database."""
        seen = await self.observe()
        if seen.error is not None:
            raise errors.Unavailable("DATABASE_UNAVAILABLE", seen.error)
        workers = await self._queue.workers()
        training = await training_totals(self._db)
        gpu = await read_gpu_memory(self._triton_metrics_url)
        lines = [
            *_job_counters(seen),
            exposition(
                "sopilot_training_jobs_total",
                "counter",
                "Trainings by status and trigger",
                [Sample({"status": status, "trigger": trigger}, n) for (status, trigger), n in training.items()],
            ),
            exposition(
                "sopilot_queue_depth",
                "gauge",
                "Jobs that wait, by queue",
                [Sample({"queue": name}, _waiting(depth)) for name, depth in seen.queues.items()],
            ),
            exposition(
                "sopilot_active_workers",
                "gauge",
                "Live worker processes, by queue",
                [Sample({"queue": name}, len(workers.get(name, ()))) for name in QUEUES],
            ),
            _gpu_gauge(gpu),
        ]
        return "".join(lines).encode() + render_histograms()


def _waiting(depth: QueueDepth) -> int:
    return depth.queued + depth.deferred + depth.scheduled


def _job_counters(seen: Observation) -> list[str]:
    return [
        exposition(
            f"sopilot_{name}_jobs_total",
            "counter",
            f"{name.capitalize()} jobs by status",
            [Sample({"status": state.value}, seen.jobs[name][state]) for state in sorted(FINAL_STATES)],
        )
        for name in ("ingest", "score")
    ]


def _gpu_gauge(gpus: list[GpuMemory]) -> str:
    samples = [
        Sample({"gpu": gpu.uuid, "kind": kind}, value)
        for gpu in gpus
        for kind, value in (("allocated", gpu.used), ("reserved", gpu.used), ("total", gpu.total))
    ]
    return exposition("sopilot_gpu_memory_bytes", "gauge", "GPU memory in bytes, by kind", samples)
