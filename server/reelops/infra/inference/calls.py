"""One place where calls to Triton get their deadline, their retries and errors that the product understands."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from tritonclient.utils import InferenceServerException

from reelops import errors

Result = TypeVar("Result")

# A Triton that restarts is away for about three seconds; longer than this is for the durable job to wait out.
BACK_OFF_SEC = (0.1, 0.3, 0.9, 1.5)
LOST_REGION = "unable to find shared memory region"


async def call(
    send: Callable[[float], Awaitable[Result]], *, timeout_sec: float, back_off_sec: tuple[float, ...] = BACK_OFF_SEC
) -> Result:
    """Awaits `send(seconds left)`, again after UNAVAILABLE, until the attempts or the deadline are used up.

    Raises `errors.Unavailable` (TRITON_UNAVAILABLE, TRITON_TIMEOUT), `errors.Invalid` (INFERENCE_INPUT_INVALID) and
    `errors.Internal` (INFERENCE_FAILED).
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + timeout_sec
    for pause in (*back_off_sec, None):
        try:
            return await send(max(0.001, deadline - clock()))
        except InferenceServerException as error:
            away = _status(error) == "UNAVAILABLE"
            if not away or pause is None or clock() + pause >= deadline:
                raise translate(error) from error
        await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads retries, guards nothing
    raise AssertionError("the last attempt returns or raises")


def translate(error: InferenceServerException) -> errors.ReelOpsError:
    """Turns what Triton or the channel said into one of our errors."""
    state, message = _status(error), _sentence(error)
    if state == "RESOURCE_EXHAUSTED" and "larger than max" in message:
        return errors.TooLarge("INFERENCE_INPUT_TOO_LARGE", "The input is larger than one message may be.")
    if state in ("UNAVAILABLE", "RESOURCE_EXHAUSTED") or _is_model_away(message):
        return errors.Unavailable("TRITON_UNAVAILABLE", f"The inference server is not available: {message}")
    if state in ("DEADLINE_EXCEEDED", "CANCELLED"):
        return errors.Unavailable("TRITON_TIMEOUT", "The inference server did not answer in time.")
    if state == "INVALID_ARGUMENT":
        return errors.Invalid("INFERENCE_INPUT_INVALID", f"The model refused its input: {message}")
    return errors.Internal("INFERENCE_FAILED", f"The model failed: {message}")


def is_uncertain(error: errors.ReelOpsError) -> bool:
    """Says whether Triton may still be working on the request, and reading the memory that belongs to it."""
    return error.code in ("TRITON_TIMEOUT", "TRITON_UNAVAILABLE")


def is_lost_region(error: errors.ReelOpsError) -> bool:
    """Says whether Triton does not know a region that it was told of: it has restarted since."""
    return LOST_REGION in error.message.lower()


def _is_model_away(message: str) -> bool:
    """Says whether the server answers without the model: not loaded yet, or its process has died."""
    return "unknown model" in message or ("Stub process" in message and "not healthy" in message)


def _status(error: InferenceServerException) -> str:
    return (error.status() or "").removeprefix("StatusCode.")


def _sentence(error: InferenceServerException) -> Any:
    return (error.message() or "no reason was given").strip()
