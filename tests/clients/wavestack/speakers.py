"""The SDKs under one hand: a test says what to call in Python's spelling, and gets plain values or a `Refusal`."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import wavestack

Plain = Any
QUICK = wavestack.Retry(attempts=4, first_sec=0.01, longest_sec=0.05)


class Refusal(Exception):
    """What an SDK threw: the name of its error and what the error says."""

    def __init__(self, kind: str, said: dict[str, Any]) -> None:
        super().__init__(f"{kind}: {said}")
        self.kind = kind
        self.said = said


class Speaker(Protocol):
    """One client of one SDK. `progress` holds what callbacks were told during the last call."""

    progress: list[Plain]

    def call(self, method: str, *args: Any, **kwargs: Any) -> Plain:
        """Calls `queue.create` and the like. Lists and generators come back as lists."""

    def together(self, method: str, times: int, **kwargs: Any) -> list[Plain]:
        """Makes the same call so many times at once."""


Speak = Callable[..., AbstractContextManager[Speaker]]


class Blocking:
    """`WaveStackClient`."""

    def __init__(self, client: wavestack.WaveStackClient) -> None:
        self._client = client
        self.progress: list[Plain] = []

    def call(self, method: str, *args: Any, **kwargs: Any) -> Plain:
        self.progress = []
        with refusing():
            done = _method(self._client, method)(*args, **_told(method, kwargs, self.progress))
            return plain(list(done) if method.endswith(".iterate") else done)

    def together(self, method: str, times: int, **kwargs: Any) -> list[Plain]:
        with ThreadPoolExecutor(times) as pool:
            return [plain(done) for done in pool.map(lambda _: _method(self._client, method)(**kwargs), range(times))]


class Async:
    """`AsyncWaveStackClient`, in a loop of its own."""

    def __init__(self, client: wavestack.AsyncWaveStackClient, loop: asyncio.Runner) -> None:
        self._client = client
        self._loop = loop
        self.progress: list[Plain] = []

    def call(self, method: str, *args: Any, **kwargs: Any) -> Plain:
        self.progress = []
        with refusing():
            return plain(self._loop.run(self._call(method, *args, **_told(method, kwargs, self.progress))))

    def together(self, method: str, times: int, **kwargs: Any) -> list[Plain]:
        async def gather() -> list[Any]:
            return await asyncio.gather(*(_method(self._client, method)(**kwargs) for _ in range(times)))

        return [plain(done) for done in self._loop.run(gather())]

    async def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        done = _method(self._client, method)(*args, **kwargs)
        return [item async for item in done] if method.endswith(".iterate") else await done


@contextmanager
def blocking(base_url: str, **options: Any) -> Iterator[Speaker]:
    with wavestack.WaveStackClient(base_url, **_with_retry(options)) as client:
        yield Blocking(client)


@contextmanager
def asynchronous(base_url: str, **options: Any) -> Iterator[Speaker]:
    with asyncio.Runner() as loop:
        client = wavestack.AsyncWaveStackClient(base_url, **_with_retry(options))
        try:
            yield Async(client, loop)
        finally:
            loop.run(client.close())


class TypeScript:
    """`@wavestack/sdk`, in a process of node that takes one call a line."""

    def __init__(self, node: subprocess.Popen[str], options: dict[str, Any]) -> None:
        self._node = node
        self.progress: list[Plain] = []
        self._ask({"open": options})

    def call(self, method: str, *args: Any, **kwargs: Any) -> Plain:
        answer = self._ask({"method": method, "args": list(args), "options": kwargs})
        self.progress = answer["progress"]
        return answer["value"]

    def together(self, method: str, times: int, **kwargs: Any) -> list[Plain]:
        done: list[Plain] = self._ask({"method": method, "args": [], "options": kwargs, "times": times})["value"]
        return done

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(question, default=_written) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        assert line, "node ended"
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            self.progress = answer["progress"]
            raise Refusal(answer["error"].pop("kind"), answer["error"])
        return answer


def typescript(node: subprocess.Popen[str]) -> Speak:
    """Returns what makes clients in a process of node."""

    @contextmanager
    def speak(base_url: str, **options: Any) -> Iterator[Speaker]:
        yield TypeScript(node, {"base_url": base_url, **_with_retry(options)})

    return speak


@contextmanager
def refusing() -> Iterator[None]:
    """Turns the errors of the Python SDK into a `Refusal`."""
    try:
        yield
    except (wavestack.WaveStackError, ValueError) as error:
        names = ("message", "code", "reason", "status", "field", "constraint", "retry_after", "sent")
        said = {name: getattr(error, name) for name in names if hasattr(error, name)}
        raise Refusal(type(error).__name__, said) from error


def plain(value: Any) -> Plain:
    """Returns a result as plain values, moments as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return _written(value) if isinstance(value, datetime | Path) else value


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return re.sub(r"\+00:00$", "Z", value.isoformat(timespec="milliseconds"))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def _with_retry(options: dict[str, Any]) -> dict[str, Any]:
    return {"api_key": "a-token", "org_id": "org_123", "retry": QUICK, **options}


def _method(client: Any, name: str) -> Any:
    resource, _, method = name.partition(".")
    return getattr(getattr(client, resource), method)


def _told(method: str, kwargs: dict[str, Any], progress: list[Plain]) -> dict[str, Any]:
    if method not in ("clipper.wait", "clipper.download", "thumbnails.download"):
        return kwargs
    return {**kwargs, "on_progress": lambda *told: progress.append(plain(told[0] if len(told) == 1 else told))}
