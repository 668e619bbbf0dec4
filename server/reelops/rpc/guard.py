"""What every call passes: request id, who calls, how often, the rules of its message, and one place for errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import grpc
import protovalidate
import structlog
from google.protobuf.message import Message

from reelops import errors
from reelops.core.identity.caller import set_principal
from reelops.core.identity.organisations import CHALLENGES as ORG_CHALLENGES
from reelops.core.identity.service import CHALLENGES
from reelops.rpc.admission import Admission, rate_headers
from reelops.rpc.answering import Answer
from reelops.rpc.failures import abort, check_rules
from reelops.rpc.rules import Access, MethodRule
from reelops.rpc.showing import Shown
from reelops.surfaces.context import Context

_log = structlog.get_logger("reelops.rpc")

if TYPE_CHECKING:
    Handler: TypeAlias = grpc.RpcMethodHandler[Any, Any]
else:
    Handler = grpc.RpcMethodHandler
RefusedLogin = Callable[..., Awaitable[None]]
"""Told of each refused login: `reason`, the error's code, and `source`, the caller's address."""
# Missing credentials are no attempt, and a token that has expired was good.
_ATTEMPTS = ("CREDENTIALS_INVALID", "CLIENT_UNKNOWN", "ORG_MISMATCH")


class Guard(grpc.aio.ServerInterceptor):
    """Wraps each method once, then hands out the wrapped one."""

    def __init__(self, *, rules: Mapping[str, MethodRule], admission: Admission, refused_login: RefusedLogin) -> None:
        self._rules = rules
        self._admission = admission
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
        call = _Call(self, method, rule)
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

    def is_counted(self, rule: MethodRule) -> bool:
        """Whether calls of the method's surface have a limit."""
        return rule.surface in self._admission.limits

    async def admit(self, rule: MethodRule, shown: Shown) -> None:
        """Sets who calls, or raises `Unauthenticated`, `Forbidden` or `Unavailable`."""
        caller = await self._admission.identify(rule, shown)
        if caller is not None:
            set_principal(caller)

    async def admit_counted(self, rule: MethodRule, shown: Shown, answer: Answer) -> None:
        """Sets who calls and counts the call; strangers count, too. Raises `Exhausted("RATE_LIMITED")` besides."""
        try:
            caller = await self._admission.identify(rule, shown)
        except (errors.Unauthenticated, errors.Forbidden):
            allowance = await self._admission.count(rule, shown, None)
            answer.headers = rate_headers(allowance)
            allowance.check()
            raise
        allowance = await self._admission.count(rule, shown, caller)
        answer.headers = rate_headers(allowance)
        allowance.check()
        if caller is not None:
            set_principal(caller)

    async def note_refusal(self, error: errors.ReelOpsError, metadata: Mapping[str, str | bytes], peer: str) -> None:
        """Has a login with wrong credentials recorded."""
        if isinstance(error, errors.Unauthenticated | errors.Forbidden) and error.code in _ATTEMPTS:
            await self._refused_login(reason=error.code, source=str(metadata.get("x-client-address", peer)))

    def check(self, message: Message) -> None:
        """Passes a message that keeps its rules."""
        check_rules(self._validator, message)


class _Call:
    """The wrapped forms of one method."""

    def __init__(self, guard: Guard, method: str, rule: MethodRule) -> None:
        self._guard = guard
        self._method = method
        self._rule = rule
        self._counted = guard.is_counted(rule)
        self._challenges = CHALLENGES if rule.access is Access.role else ORG_CHALLENGES

    def unary_out(self, behaviour: Any, streams_in: bool) -> Any:
        async def call(request: Any, context: Context) -> Any:
            answer = self._answer(context)
            try:
                await self._admit(answer)
                response = await behaviour(self._check(request, streams_in), answer)
                if isinstance(answer, Answer):
                    await answer.begin()
                return response
            except Exception as error:
                await self._fail(answer, error)

        return call

    def stream_out(self, behaviour: Any, streams_in: bool) -> Any:
        async def call(request: Any, context: Context) -> AsyncIterator[Any]:
            answer = self._answer(context)
            try:
                await self._admit(answer)
                async for message in behaviour(self._check(request, streams_in), answer):
                    if isinstance(answer, Answer):
                        await answer.begin()
                    yield message
                if isinstance(answer, Answer):
                    await answer.begin()
            except Exception as error:
                await self._fail(answer, error)

        return call

    def _answer(self, context: Context) -> Any:
        """Gives servicers a context that adds the limit's headers where there is one."""
        return Answer(context) if self._counted else context

    async def _admit(self, answer: Any) -> None:
        if isinstance(answer, Answer):
            await self._guard.admit_counted(self._rule, Shown.of(answer), answer)
        elif self._rule.access is not Access.public:
            await self._guard.admit(self._rule, Shown.of(answer))

    def _check(self, request: Any, streams_in: bool) -> Any:
        if streams_in:
            return self._checked(request)
        self._guard.check(request)
        return request

    async def _checked(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        async for request in requests:
            self._guard.check(request)
            yield request

    async def _fail(self, context: Any, error: Exception) -> None:
        if isinstance(error, grpc.aio.AbortError):
            raise error
        metadata = dict(context.invocation_metadata() or ())
        request_id = str(metadata.get("x-request-id") or uuid4())
        if not isinstance(error, errors.ReelOpsError):
            _log.error("unexpected error", method=self._method, request_id=request_id, exc_info=error)
            error = errors.Internal("INTERNAL", f"internal error; the request id is {request_id}")
        await self._guard.note_refusal(error, metadata, context.peer())
        await abort(context, error, request_id, challenges=self._challenges)
