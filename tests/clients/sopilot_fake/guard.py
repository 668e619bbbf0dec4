"""Who may call, which faults are due, and how errors are spelled: as the service does it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, NoReturn

import grpc
import protovalidate
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from reelops.api.edge.v1 import edge_pb2
from reelops.api.jobs.v1 import jobs_service_pb2
from reelops.api.sopilot.v1 import (
    accepted_take_service_pb2,
    audit_service_pb2,
    ingest_service_pb2,
    monitoring_service_pb2,
    operations_service_pb2,
    scoring_service_pb2,
    search_service_pb2,
    step_service_pb2,
    training_service_pb2,
    video_service_pb2,
)

from tests.clients.sopilot_fake.state import State

SERVICES = tuple(
    service
    for module in (
        jobs_service_pb2,
        accepted_take_service_pb2,
        audit_service_pb2,
        ingest_service_pb2,
        monitoring_service_pb2,
        operations_service_pb2,
        scoring_service_pb2,
        search_service_pb2,
        step_service_pb2,
        training_service_pb2,
        video_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
)
TOKENS = {"viewer": "v-token", "operator": "o-token", "admin": "a-token"}
PASSWORD = ("ann", "pässword:with colon")
_RANK = {"": 0, "viewer": edge_pb2.ROLE_VIEWER, "operator": edge_pb2.ROLE_OPERATOR, "admin": edge_pb2.ROLE_ADMIN}


def fail(context: grpc.ServicerContext, code: grpc.StatusCode, reason: str, message: str, **details: str) -> NoReturn:
    """Ends the call as the service does: reason, details and request id in a `google.rpc.Status`."""
    status = status_pb2.Status(code=code_pb2.Code.Value(code.name), message=message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain="reelops.dev", metadata=details))
    status.details.add().Pack(error_details_pb2.RequestInfo(request_id=request_id(context)))
    context.set_trailing_metadata((("x-error-code", reason), ("grpc-status-details-bin", status.SerializeToString())))
    context.abort(code, message)
    raise AssertionError("abort returned")


def request_id(context: grpc.ServicerContext) -> str:
    return str(dict(context.invocation_metadata()).get("x-request-id", ""))


class Guard(grpc.ServerInterceptor):
    """Counts calls, checks roles and field rules, and lets planned faults happen."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._roles = {
            f"/{service.full_name}/{method.name}": method.GetOptions().Extensions[edge_pb2.role]
            for service in SERVICES
            for method in service.methods
        }

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = continuation(details)
        name = details.method.rpartition("/")[2]

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            with self._state.lock:
                self._state.calls[name] += 1
                self._state.metadata[name] = dict(context.invocation_metadata())
                planned = self._state.faults.get(name)
                fault = planned.popleft() if planned else None
            check_role(context, self._roles[details.method])
            if isinstance(request, Message):
                check_rules(context, request)
            if fault and fault.after == 0:
                fail(context, fault.code, "PLANNED", "planned by the test")
            if not handler.response_streaming:
                return (handler.unary_unary or handler.stream_unary)(request, context)
            return self._stream(handler.unary_stream(request, context), context, fault)

        return _rebuild(handler, guarded)

    def _stream(self, answers: Iterator[Message], context: grpc.ServicerContext, fault: Any) -> Iterator[Message]:
        for number, answer in enumerate(answers):
            if fault and number == fault.after:
                fail(context, fault.code, "PLANNED", "planned by the test")
            yield answer


def _rebuild(handler: Any, behaviour: Any) -> Any:
    make = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
    }[handler.request_streaming, handler.response_streaming]
    return make(behaviour, handler.request_deserializer, handler.response_serializer)


def check_rules(context: grpc.ServicerContext, message: Message) -> None:
    violations = protovalidate.collect_violations(message)
    if violations:
        fail(context, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID", violations[0].proto.message)


def check_role(context: grpc.ServicerContext, needed: int) -> None:
    if needed == edge_pb2.ROLE_PUBLIC:
        return
    role = role_of(context)
    if not role:
        fail(context, grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID", "The credentials are unknown.")
    if _RANK[role] < needed:
        fail(context, grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW", f"The role {role} may not do this.", role=role)


def role_of(context: grpc.ServicerContext) -> str:
    header = str(dict(context.invocation_metadata()).get("authorization", ""))
    if header == "Basic " + base64.b64encode(":".join(PASSWORD).encode()).decode():
        return "admin"
    return next((role for role, token in TOKENS.items() if header == f"Bearer {token}"), "")
