"""Two load generators that cost little themselves: HTTP/1.1 and gRPC over raw sockets, closed loop, keep-alive."""

from __future__ import annotations

import asyncio
import statistics
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _PING, _GOAWAY, _WINDOW = 0x0, 0x1, 0x4, 0x6, 0x7, 0x8


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run gave. Times in milliseconds."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


Connect = Callable[[], Awaitable[Callable[[], Awaitable[None]]]]
"""Opens a connection and gives what makes one request on it."""


async def closed_loop(connect: Connect, *, connections: int, seconds: float) -> Measured:
    """Keeps one request in flight on each connection for some seconds."""
    requests = [await connect() for _ in range(connections)]
    for request in requests:
        await request()
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def loop(request: Callable[[], Awaitable[None]]) -> None:
        while (begun := time.perf_counter()) < end:
            await request()
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(loop(request) for request in requests))
    elapsed = time.perf_counter() - begun
    times.sort()
    p99 = times[int(len(times) * 0.99)]
    return Measured(len(times), len(times) / elapsed, statistics.median(times) * 1e3, p99 * 1e3)


def http(host: str, port: int, path: str, headers: dict[str, str]) -> Connect:
    """GET over HTTP/1.1; every answer must be a 200."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    wire = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{lines}\r\n".encode()

    async def connect() -> Callable[[], Awaitable[None]]:
        reader, writer = await asyncio.open_connection(host, port)

        async def request() -> None:
            writer.write(wire)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    await reader.readexactly(int(line.split(b":")[1]))

        return request

    return connect


def grpc(host: str, port: int, method: str, message: bytes, headers: dict[str, str]) -> Connect:
    """A unary call over HTTP/2 with prior knowledge; header fields are sent literally, without an index."""
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": method,
        ":authority": f"{host}:{port}",
        "content-type": "application/grpc",
        "te": "trailers",
        **headers,
    }
    block = b"".join(b"\x00" + _string(name) + _string(value) for name, value in fields.items())
    body = b"\x00" + struct.pack(">I", len(message)) + message

    async def connect() -> Callable[[], Awaitable[None]]:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(PREFACE + _frame(_SETTINGS, 0, 0, b"") + _frame(_WINDOW, 0, 0, struct.pack(">I", 1 << 30)))
        stream = -1

        async def request() -> None:
            nonlocal stream
            stream += 2
            writer.write(_frame(_HEADERS, 0x4, stream, block) + _frame(_DATA, 0x1, stream, body))
            answered = False
            while True:
                head = await reader.readexactly(9)
                kind, flags = head[3], head[4]
                payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
                if kind == _SETTINGS and not flags & 0x1:
                    writer.write(_frame(_SETTINGS, 0x1, 0, b""))
                elif kind == _PING and not flags & 0x1:
                    writer.write(_frame(_PING, 0x1, 0, payload))
                elif kind == _GOAWAY:
                    raise RuntimeError("the server closed the connection")
                elif kind == _DATA:
                    answered = answered or bool(payload)
                elif kind == _HEADERS and flags & 0x1:
                    if not answered:
                        raise RuntimeError("the call failed")
                    return

        return request

    return connect


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def _string(text: str) -> bytes:
    data = text.encode()
    if len(data) < 127:
        return bytes((len(data),)) + data
    return b"\x7f" + _varint(len(data) - 127) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes((*out, value))
