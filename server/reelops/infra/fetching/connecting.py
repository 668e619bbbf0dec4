"""Connects to checked addresses and to nothing else.

The check stands where the connection is made, so no second look-up and no other reader of the URL can come between.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

import httpcore2

from reelops import errors
from reelops.infra.fetching.addresses import Address
from reelops.infra.fetching.policy import Guard
from reelops.infra.fetching.urls import refused

# Gives every address of a host's name. Raises `socket.gaierror`.
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
_MOST_TRIED = 4


async def resolve(host: str, port: int) -> Sequence[str]:
    """Asks the system's resolver for every address of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@contextlib.contextmanager
def translated(host: str, code: str) -> Iterator[None]:
    """Turns what the HTTP library raises into errors of ours; `code` is for what trying again may help."""
    try:
        yield
    except (httpcore2.RemoteProtocolError, httpcore2.LocalProtocolError) as error:
        # With a reason the server broke the protocol; without one, or in the middle of a body, it went away.
        if _reason(error) is not None and code != "SOURCE_INCOMPLETE":
            raise errors.Invalid("SOURCE_REFUSED", f"{host} does not answer in proper HTTP") from None
        raise errors.Unavailable(code, f"{host} broke off before the file was whole") from None
    except httpcore2.TimeoutException:
        raise errors.Unavailable(code, f"{host} does not answer in time") from None
    except httpcore2.NetworkError as error:
        if isinstance(_reason(error), ssl.SSLCertVerificationError):
            raise errors.Invalid("SOURCE_REFUSED", f"{host} has no certificate that can be trusted") from None
        raise errors.Unavailable(code, f"{host} cannot be reached, or broke the connection") from None


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """What the HTTP library opens its connections with. Never reuses an answer of the resolver."""

    def __init__(self, guard: Guard, resolver: Resolver) -> None:
        self._guard = guard
        self._resolver = resolver
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connects to the first checked address that answers. Raises `Invalid`, or the library's `ConnectError`."""
        addresses = await self._checked(host, port, timeout)
        share = None if timeout is None else timeout / len(addresses)
        last: Exception = httpcore2.ConnectError("no address")
        for address in addresses:
            try:
                stream = await self._inner.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
                continue
            if self._is_ourselves(stream, host, port):
                await stream.aclose()
                raise refused()
            return stream
        raise last

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Never connects: a local socket is nobody's to fetch from."""
        raise refused()

    async def sleep(self, seconds: float) -> None:
        """Waits between attempts."""
        await asyncio.sleep(seconds)

    async def _checked(self, host: str, port: int, timeout_sec: float | None) -> list[Address]:
        """Resolves once. One address that is not public spoils the name: it is no name of the public internet."""
        addresses = await self._addresses(host, port, timeout_sec)
        if not self._guard.knows_name(host, port) and not all(self._guard.lets(found, port) for found in addresses):
            raise refused()
        return addresses[:_MOST_TRIED]

    async def _addresses(self, host: str, port: int, timeout_sec: float | None) -> list[Address]:
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(timeout_sec):
                found = await self._resolver(host, port)
        except TimeoutError:
            raise httpcore2.ConnectTimeout("the resolver does not answer") from None
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise httpcore2.ConnectError("the resolver does not answer") from None
            raise _unknown(host) from None
        except UnicodeError:
            raise _unknown(host) from None
        if not found:
            raise _unknown(host)
        # A zone (`fe80::1%eth0`) makes no address public.
        return [ipaddress.ip_address(text.partition("%")[0]) for text in found]

    def _is_ourselves(self, stream: httpcore2.AsyncNetworkStream, host: str, port: int) -> bool:
        """Says whether a public address is this very machine's: what it keeps behind a firewall is not public."""
        ours, theirs = (stream.get_extra_info(end) for end in ("client_addr", "server_addr"))
        if not ours or not theirs or ours[0] != theirs[0]:
            return False
        address = ipaddress.ip_address(str(theirs[0]).partition("%")[0])
        return not self._guard.knows_name(host, port) and not self._guard.is_exempt(address, port)


def _reason(error: Exception) -> BaseException | None:
    """Finds what the library saw; on its way out it takes the cause away and leaves the context."""
    return error.__cause__ or error.__context__


def _unknown(host: str) -> errors.Invalid:
    return errors.Invalid("SOURCE_NOT_FOUND", f"there is no host named {host}")
