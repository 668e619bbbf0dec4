"""Web servers on loopback that say whatever a test wants, byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from reelops import errors
from reelops.infra.fetching import Fetcher, FetchPolicy, Resolver

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Site:
    """A running server: what it answers by path, and the requests that it got (the head of each, as text)."""

    port: int
    pages: dict[str, bytes | Script]
    requests: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.split(" ", 2)[1] for request in self.requests]


@contextlib.asynccontextmanager
async def serving(
    pages: dict[str, bytes | Script] | None = None, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Site]:
    """Runs a server until the block ends; a page is a whole answer, head included, or a script that writes one."""
    site = Site(0, pages or {})

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            site.requests.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            page = site.pages.get(site.paths[-1].partition("?")[0], b"HTTP/1.1 404 Not Found\r\n\r\n")
            if isinstance(page, bytes):
                writer.write(page)
                await writer.drain()
            else:
                await page(writer)
        writer.close()

    server = await asyncio.start_server(answer, host, 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()


def page(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Writes an answer with a length: the right one unless told."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def redirect(target: str, status: str = "302 Found") -> bytes:
    """Writes an answer that leads on."""
    return page(b"elsewhere", f"Location: {target}", status=status)


def repeating(head: str, block: bytes, *, pause_sec: float = 0.0) -> Script:
    """Makes an answer that never ends."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(head.replace("\n", "\r\n").encode())
        while not writer.is_closing():
            writer.write(block)
            await writer.drain()
            await asyncio.sleep(pause_sec)

    return write


def fetcher(
    *sites: Site,
    max_bytes: int = 1 << 20,
    total_sec: float = 20.0,
    idle_sec: float = 10.0,
    allow: tuple[str, ...] = (),
    resolver: Resolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> Fetcher:
    """Makes a fetcher for which loopback is private, but for the ports of these sites."""
    policy = FetchPolicy(
        allow_hosts=(*(f"127.0.0.1:{site.port}" for site in sites), *allow),
        max_bytes=max_bytes,
        total_timeout_sec=total_sec,
        idle_timeout_sec=idle_sec,
    )
    if resolver is None:
        return Fetcher(policy, ssl_context=tls)
    return Fetcher(policy, resolver=resolver, ssl_context=tls)


def answering(*answers: list[str]) -> tuple[Resolver, list[str]]:
    """Makes a resolver that gives one answer after the other, and the last one for ever; tells what it was asked."""
    asked: list[str] = []

    async def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return look_up, asked


async def refusal(site: Site, answer: bytes | Script, folder: Path, **bounds: float) -> errors.ReelOpsError:
    """Asks for a page that gives no file; nothing may be left in the folder. Returns what was raised."""
    site.pages["/bad"] = answer
    with pytest.raises(errors.ReelOpsError) as caught:
        await fetcher(site, **bounds).fetch(site.url("/bad"), folder / "v.mp4")  # type: ignore[arg-type]  # numbers all
    assert list(folder.iterdir()) == []
    return caught.value
