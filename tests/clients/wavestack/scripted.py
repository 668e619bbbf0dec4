"""An HTTP server that does what it is told: what a healthy service never does, and a service whose answers get lost."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that arrived. `at` is when, in seconds of a monotonic clock."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Say:
    """An answer. With `cut`, no more than so many of its bytes are sent before the connection is dropped."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Drop:
    """No answer: the connection is closed when the request is there."""


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer until the caller leaves."""


@dataclass(frozen=True, slots=True)
class Drip:
    """An answer that comes byte by byte and never ends."""


@dataclass(frozen=True, slots=True)
class Pass:
    """The request is passed on to the service; with `cut`, no more than so many bytes of the answer come back."""

    cut: int | None = None


@dataclass(frozen=True, slots=True)
class Lose:
    """The request is passed on to the service, and the answer is lost."""


Step = Say | Drop | Hang | Drip | Pass | Lose
_PASSED_ON = ("etag", "content-range", "content-type", "retry-after", "x-request-id")


class Scripted:
    """The server of a test. Each call of a route takes the route's next step; a call without one is a failure."""

    def __init__(self, port: int, upstream: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.seen: list[Seen] = []
        self.upstream = upstream
        self.surprises: list[str] = []
        self._steps: dict[str, list[Step]] = {}
        self._rest: dict[str, Callable[[Seen], Step]] = {}
        self._lock = threading.Lock()

    def on(self, route: str, *steps: Step) -> None:
        """Adds steps to a route, such as `GET /api/queue`."""
        self._steps.setdefault(route, []).extend(steps)

    def serve(self, route: str, answer: Callable[[Seen], Step]) -> None:
        """Has a route answer by what is asked, once its steps are taken."""
        self._rest[route] = answer

    def calls(self, route: str) -> list[Seen]:
        return [seen for seen in self.seen if f"{seen.method} {seen.path.partition('?')[0]}" == route]

    def take(self, seen: Seen) -> Step:
        route = f"{seen.method} {seen.path.partition('?')[0]}"
        with self._lock:
            self.seen.append(seen)
            if self._steps.get(route):
                return self._steps[route].pop(0)
            if route in self._rest:
                return self._rest[route](seen)
            if self.upstream:
                return Pass()
            self.surprises.append(route)
            return Say(500, {"error": {"code": "INTERNAL_ERROR", "message": f"the script has no step for {route}"}})

    def check(self) -> None:
        """Fails where a call came that was not expected, or did not come that was."""
        assert not self.surprises, f"calls without a step: {self.surprises}"
        left = {route: len(steps) for route, steps in self._steps.items() if steps}
        assert not left, f"calls that did not come: {left}"


@contextlib.contextmanager
def scripted(*, upstream: str = "", port: int = 0) -> Iterator[Scripted]:
    """Runs a server until the block ends. What has no step is passed on to `upstream` where there is one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            with contextlib.suppress(ConnectionError):
                super().handle_one_request()

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, self.path, headers, self.rfile.read(length), time.monotonic())
            self.perform(script.take(seen), seen)

        do_POST = do_DELETE = do_GET

        def perform(self, step: Step, seen: Seen) -> None:
            match step:
                case Say():
                    self.say(step)
                case Drop():
                    self.leave()
                case Hang():
                    self.connection.recv(1)
                    self.leave()
                case Drip():
                    self.drip()
                case Pass():
                    self.say(relay(script.upstream, seen, cut=step.cut))
                case Lose():
                    relay(script.upstream, seen)
                    self.leave()

        def say(self, step: Say) -> None:
            content = step.content()
            self.send_response(step.status)
            for name, value in step.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content if step.cut is None else content[: step.cut])
            if step.cut is not None:
                time.sleep(0.1)  # lets the caller read what there is
                self.leave()

        def drip(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            while True:
                self.wfile.write(b" ")
                time.sleep(0.02)

        def leave(self) -> None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", port), Handler)
    script = Scripted(server.server_address[1], upstream)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def relay(upstream: str, seen: Seen, *, cut: int | None = None) -> Say:
    """Passes a request on and returns the answer."""
    headers = {name: value for name, value in seen.headers.items() if name not in ("host", "connection")}
    answer = httpx2.request(seen.method, f"{upstream}{seen.path}", headers=headers, content=seen.body, timeout=60.0)
    kept = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
    return Say(answer.status_code, answer.content, kept, cut)


def unused_port() -> int:
    """Returns a port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
