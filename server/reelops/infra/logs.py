"""Logs: one JSON object a line where a program reads them, coloured lines where a person does."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

# Local variables may hold what callers showed: secrets are never logged.
_TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def configure(level: str) -> None:
    """Sends our logs and those of libraries to standard error, from `level` on."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if sys.stderr.isatty():
        last: list[Any] = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    else:
        last = [structlog.processors.ExceptionRenderer(_TRACEBACKS), structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("grpc._cython.cygrpc").addFilter(_holds_no_header)


def _holds_no_header(record: logging.LogRecord) -> bool:
    # gRPC logs the value of any header that is no UTF-8, credentials too.
    return not record.getMessage().startswith("Invalid encoding")
