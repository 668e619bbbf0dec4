"""What every call passes: request id, credentials, role, the rules of its message, and one place for errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import grpc
import protovalidate
import structlog
from google.protobuf.message import Message

from reelops import errors
from reelops.core.identity import Identity, Role, authorize
from reelops.core.identity.caller import set_principal
from reelops.rpc.failures import abort, check_rules
from reelops.rpc.rules import MethodRule
from reelops.surfaces.context import Context

_log = structlog.get_logger("reelops.rpc")

if TYPE_CHECKING:
    Handler: TypeAlias = grpc.RpcMethodHandler[Any, Any]
else:
    Handler = grpc.RpcMethodHandler
RefusedLogin = Callable[..., Awaitable[None]]
"""Told of each refused login: `reason`, the error's code, and `source`, the caller's address."""


class Guard(grpc.aio.ServerInterceptor):
    """Wraps each method once, then hands out the wrapped one."""

    def __init__(self, *, rules: Mapping[str, MethodRule], identity: Identity, refused_login: RefusedLogin) -> None:
        self._rules = rules
        self._identity = identity
        self._refused_login = refused_login
        self._validator = protovalidate.Validator()
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        known = self._wrapped.get(details.method)
        if known is not None:
            return known
        handler = await continuation(details)
        rule = self._rules.get(details.method)
        if handler is None or rule is None:
            return handler  # health and reflection, which are open, or an unknown method
        return self._wrapped.setdefault(details.method, self._wrap(details.method, rule, handler))

    def _wrap(self, method: str, rule: MethodRule, handler: Handler) -> Handler:
        call = _Call(self, method, rule.role)
        coders = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.request_streaming and handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(call.stream_out(handler.stream_stream, True), **coders)
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(call.unary_out(handler.stream_unary, True), **coders)
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(call.stream_out(handler.unary_stream, False), **coders)
        return grpc.unary_unary_rpc_method_handler(call.unary_out(handler.unary_unary, False), **coders)

    def identify(self, metadata: Mapping[str, str | bytes], needed: Role) -> None:
        """Sets who calls, or raises `Unauthenticated`, `Forbidden` or `Unavailable`."""
        if needed is Role.public:
            return
        caller = self._identity.authenticate(metadata.get("authorization"))
        authorize(caller, needed)
        set_principal(caller)

    async def note_refusal(self, error: errors.ReelOpsError, metadata: Mapping[str, str | bytes], peer: str) -> None:
        """Has a login with unknown credentials recorded; missing ones are no attempt."""
        if isinstance(error, errors.Unauthenticated) and error.code == "CREDENTIALS_INVALID":
            await self._refused_login(reason=error.code, source=str(metadata.get("x-client-address", peer)))

    def check(self, message: Message) -> None:
        """Passes a message that keeps its rules."""
        check_rules(self._validator, message)


class _Call:
    """The wrapped forms of one method."""

    def __init__(self, guard: Guard, method: str, role: Role) -> None:
        self._guard = guard
        self._method = method
        self._role = role

    def unary_out(self, behaviour: Any, streams_in: bool) -> Any:
        guard, role = self._guard, self._role

        async def call(request: Any, context: Context) -> Any:
            metadata = dict(context.invocation_metadata() or ())
            try:
                guard.identify(metadata, role)
                if streams_in:
                    return await behaviour(self._checked(request), context)
                guard.check(request)
                return await behaviour(request, context)
            except Exception as error:
                await self._fail(context, error, metadata)

        return call

    def stream_out(self, behaviour: Any, streams_in: bool) -> Any:
        guard, role = self._guard, self._role

        async def call(request: Any, context: Context) -> AsyncIterator[Any]:
            metadata = dict(context.invocation_metadata() or ())
            try:
                guard.identify(metadata, role)
                if streams_in:
                    request = self._checked(request)
                else:
                    guard.check(request)
                async for message in behaviour(request, context):
                    yield message
            except Exception as error:
                await self._fail(context, error, metadata)

        return call

    async def _checked(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        async for request in requests:
            self._guard.check(request)
            yield request

    async def _fail(self, context: Context, error: Exception, metadata: Mapping[str, str | bytes]) -> None:
        if isinstance(error, grpc.aio.AbortError):
            raise error
        request_id = str(metadata.get("x-request-id") or uuid4())
        if not isinstance(error, errors.ReelOpsError):
            _log.error("unexpected error", method=self._method, request_id=request_id, exc_info=error)
            error = errors.Internal("INTERNAL", f"internal error; the request id is {request_id}")
        await self._guard.note_refusal(error, metadata, context.peer())
        await abort(context, error, request_id)
