"""Metrics of all processes: each writes its own files, whoever is asked adds them up."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_LONG = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)
_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

JOB_SECONDS = Histogram(
    "sopilot_job_duration_seconds", "Seconds from a job's start to its end", ["job_type", "status"], buckets=_LONG
)
DTW_SECONDS = Histogram("sopilot_dtw_execution_seconds", "Seconds to align two videos", ["gpu"], buckets=_SHORT)
EMBEDDING_SECONDS = Histogram(
    "sopilot_embedding_generation_seconds", "Seconds to read and embed one video", ["embedder"], buckets=_LONG
)


def render_histograms() -> bytes:
    """Returns Prometheus text of what this process, or all processes of this machine, observed."""
    registry = CollectorRegistry()
    if _DIRECTORY in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library leaves it untyped
        return generate_latest(registry)
    for histogram in (JOB_SECONDS, DTW_SECONDS, EMBEDDING_SECONDS):
        registry.register(histogram)
    return generate_latest(registry)
