"""Calls on the running asyncio loop."""

# ruff: noqa: ASYNC109  a deadline is passed on to gRPC, which tells the service of it
from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from grpc import aio

from .connection import Connection
from .errors import ReelOpsError, from_status
from .transport import Headers, Rpc, drive, text_headers

In = TypeVar("In", bound=Message)
Out = TypeVar("Out", bound=Message)
T = TypeVar("T")


class AioTransport:
    """Carries calls over a `grpc.aio` channel. Make it, use it and close it on one event loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        options = connection.options()
        self._channel: aio.Channel = (
            aio.secure_channel(connection.target, connection.tls.credentials(), options)
            if connection.tls
            else aio.insecure_channel(connection.target, options)
        )

    async def unary(self, rpc: Rpc[In, Out], request: In, *, timeout: float) -> Out:
        start: Any = self._channel.unary_unary(
            rpc.path, request_serializer=rpc.request.SerializeToString, response_deserializer=rpc.response.FromString
        )
        request_id = str(uuid.uuid4())
        try:
            answer: Out = await start(request, timeout=timeout, metadata=self._connection.metadata(request_id))
        except aio.AioRpcError as failure:
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
                on_headers(text_headers(await call.initial_metadata()))
            async for answer in call:
                yield answer
        except aio.AioRpcError as failure:
            raise translate(failure, request_id) from None
        finally:
            call.cancel()

    async def send(self, rpc: Rpc[In, Out], requests: AsyncGenerator[In, None], *, timeout: float) -> Out:
        start: Any = self._channel.stream_unary(
            rpc.path, request_serializer=rpc.request.SerializeToString, response_deserializer=rpc.response.FromString
        )
        request_id = str(uuid.uuid4())
        call = start(timeout=timeout, metadata=self._connection.metadata(request_id))
        ending = _Ending(request_id)
        call.add_done_callback(ending.note)
        try:
            await _write_all(call, requests)
            answer: Out = await call
        except aio.AioRpcError as failure:
            raise ending.said or translate(failure, request_id) from None
        finally:
            call.cancel()
        return answer

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)

    async def close(self) -> None:
        await self._channel.close()


async def _write_all(call: Any, requests: AsyncGenerator[Message, None]) -> None:
    """Writes every request, or stops early when the service has already answered: the answer then says why."""
    async for request in requests:
        if call.done():
            return
        try:
            await call.write(request)
        except (asyncio.InvalidStateError, aio.AioRpcError):
            # A write that comes too late fails as "internal error"; only the call itself knows the service's status.
            return
    if not call.done():
        await call.done_writing()


class _Ending:
    """Notes how the service ended a call.

    A write that comes too late replaces the status of the call by "Internal error from Core"
    (https://github.com/grpc/grpc/issues/36066), so the service's own has to be read when it comes.
    """

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self.said: ReelOpsError | None = None

    def note(self, call: Any) -> None:
        code, message = drive(call.code()), drive(call.details())
        if code is not grpc.StatusCode.OK and message != "Internal error from Core":
            self.said = from_status(code, message, tuple(drive(call.trailing_metadata())), request_id=self._request_id)


def translate(failure: aio.AioRpcError, request_id: str) -> ReelOpsError:
    trailing = failure.trailing_metadata() or ()
    code = failure.code()
    return from_status(
        code if isinstance(code, grpc.StatusCode) else grpc.StatusCode.UNKNOWN,
        failure.details(),
        tuple(trailing),
        request_id=request_id,
    )
