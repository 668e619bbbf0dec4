"""Calls without an event loop.

The client's logic is written once, as coroutines over a transport. This transport blocks where the asyncio one awaits,
so its coroutines never suspend and `drive` runs them to their end in the calling thread.
"""

# ruff: noqa: ASYNC109  a deadline is passed on to gRPC, which tells the service of it
from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from .connection import Connection
from .errors import ReelOpsError, from_status
from .transport import Headers, Rpc, drive, text_headers

In = TypeVar("In", bound=Message)
Out = TypeVar("Out", bound=Message)
T = TypeVar("T")


def iterate(items: AsyncGenerator[T, None]) -> Iterator[T]:
    """Yields what an asynchronous generator over a `BlockingTransport` yields, and closes it at the end."""
    try:
        while True:
            try:
                item = drive(anext(items))
            except StopAsyncIteration:
                return
            yield item
    finally:
        drive(items.aclose())


class BlockingTransport:
    """Carries calls over a synchronous channel. Threads may share it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        options = connection.options()
        self._channel: grpc.Channel = (
            grpc.secure_channel(connection.target, connection.tls.credentials(), options)
            if connection.tls
            else grpc.insecure_channel(connection.target, options)
        )

    async def unary(self, rpc: Rpc[In, Out], request: In, *, timeout: float) -> Out:
        start: Any = self._channel.unary_unary(
            rpc.path, request_serializer=rpc.request.SerializeToString, response_deserializer=rpc.response.FromString
        )
        request_id = str(uuid.uuid4())
        try:
            answer: Out = start(request, timeout=timeout, metadata=self._connection.metadata(request_id))
        except grpc.RpcError as failure:
            raise translate(failure, request_id) from None
        return answer

    async def receive(
        self,
        rpc: Rpc[In, Out],
        request: In,
        *,
        timeout: float,
        headers: Headers = (),
        on_headers: Callable[[dict[str, str]], None] | None = None,
    ) -> AsyncGenerator[Out, None]:
        start: Any = self._channel.unary_stream(
            rpc.path, request_serializer=rpc.request.SerializeToString, response_deserializer=rpc.response.FromString
        )
        request_id = str(uuid.uuid4())
        call = start(request, timeout=timeout, metadata=self._connection.metadata(request_id, *headers))
        try:
            if on_headers:
                on_headers(text_headers(call.initial_metadata()))
            for answer in call:
                yield answer
        except grpc.RpcError as failure:
            raise translate(failure, request_id) from None
        finally:
            call.cancel()

    async def send(self, rpc: Rpc[In, Out], requests: AsyncGenerator[In, None], *, timeout: float) -> Out:
        start: Any = self._channel.stream_unary(
            rpc.path, request_serializer=rpc.request.SerializeToString, response_deserializer=rpc.response.FromString
        )
        request_id = str(uuid.uuid4())
        source = _Source(requests)
        call = start.future(iter(source), timeout=timeout, metadata=self._connection.metadata(request_id))
        try:
            answer: Out = call.result()
        except grpc.RpcError as failure:
            raise source.failure or translate(failure, request_id) from None
        except grpc.FutureCancelledError:
            raise source.failure or from_status(grpc.StatusCode.CANCELLED, None, (), request_id=request_id) from None
        finally:
            call.cancel()
        return answer

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  this transport is the one that blocks

    async def blocking(self, work: Callable[[], T]) -> T:
        return work()

    async def close(self) -> None:
        self._channel.close()


class _Source:
    """Hands requests to the thread in which gRPC sends them, and keeps what went wrong in making them."""

    def __init__(self, requests: AsyncIterator[Message]) -> None:
        self._requests = requests
        self.failure: BaseException | None = None

    def __iter__(self) -> Iterator[Message]:
        while True:
            try:
                request = drive(anext(self._requests))
            except StopAsyncIteration:
                return
            except BaseException as failure:
                self.failure = failure
                raise
            yield request


def translate(failure: grpc.RpcError, request_id: str) -> ReelOpsError:
    if not isinstance(failure, grpc.Call):
        return from_status(grpc.StatusCode.UNKNOWN, str(failure), (), request_id=request_id)
    return from_status(
        failure.code(), failure.details(), tuple(failure.trailing_metadata() or ()), request_id=request_id
    )
