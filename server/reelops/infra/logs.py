"""Logs: one JSON object a line where a program reads them, coloured lines where a person does."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Sends our logs and those of libraries to standard error, from `level` on."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    person = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer()
    traces = [] if person else [structlog.processors.dict_tracebacks]
    structlog.configure(
        processors=[*shared, *traces, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
