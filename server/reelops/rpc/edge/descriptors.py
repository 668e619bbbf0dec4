"""Reads the descriptor set: which RPC is which REST route, and what Envoy needs of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from reelops.api.edge.v1 import edge_pb2

HTTP_BODY = "google.api.HttpBody"


@dataclass(frozen=True, slots=True)
class Route:
    """One REST route. `path` is a template (`/videos/{video_id}`), `rpc` a full path (`/package.Service/Method`)."""

    surface: str
    verb: str
    path: str
    body: str
    method: MethodDescriptor
    response_body: str

    @property
    def name(self) -> str:
        """The method's full name, `package.Service.Method`."""
        return str(self.method.full_name)

    @property
    def rpc(self) -> str:
        """The path of the gRPC call."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"

    @property
    def takes_stream(self) -> bool:
        """Whether the request is a stream of unknown length: an upload."""
        return bool(self.method.client_streaming)

    @property
    def gives_stream(self) -> bool:
        """Whether the answer is a stream: a download."""
        return bool(self.method.server_streaming)

    @property
    def takes_json(self) -> bool:
        """Whether a request body would be JSON; the transcoder reads one even where no rule names it."""
        return self.verb != "GET" and self.method.input_type.full_name != HTTP_BODY

    @property
    def content(self) -> Descriptor:
        """The message that a JSON request body spells: a field of the request where the rule names one."""
        message: Descriptor = self.method.input_type
        if self.body in ("", "*"):
            return message
        field: Descriptor = message.fields_by_name[self.body].message_type
        return field

    @property
    def answer(self) -> FieldDescriptor | Descriptor | None:
        """What the JSON answer is made from; None where the answer is no JSON."""
        message: Descriptor = self.method.output_type
        if message.full_name == HTTP_BODY:
            return None
        if not self.response_body:
            return message
        field: FieldDescriptor = message.fields_by_name[self.response_body]
        return field


def read_descriptors(path: Path) -> descriptor_pb2.FileDescriptorSet:
    """Reads a descriptor set with the options of google.api and reelops.api.edge understood."""
    return descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())


def read_routes(descriptors: descriptor_pb2.FileDescriptorSet) -> tuple[Route, ...]:
    """Lists every REST route of every service that names its surface, in the order of the files."""
    pool = descriptor_pool.DescriptorPool()
    for file in descriptors.file:
        pool.Add(file)  # type: ignore[no-untyped-call]
    return tuple(
        route
        for file in descriptors.file
        for service in file.service
        for method in service.method
        for route in _routes_of(service, method, _find(pool, f"{file.package}.{service.name}.{method.name}"))
    )


def _find(pool: descriptor_pool.DescriptorPool, name: str) -> MethodDescriptor:
    found: MethodDescriptor = pool.FindMethodByName(name)  # type: ignore[no-untyped-call]
    return found


def _routes_of(
    service: descriptor_pb2.ServiceDescriptorProto,
    method: descriptor_pb2.MethodDescriptorProto,
    found: MethodDescriptor,
) -> Iterator[Route]:
    if not method.options.HasExtension(annotations_pb2.http):
        return
    rule = method.options.Extensions[annotations_pb2.http]
    surface = service.options.Extensions[edge_pb2.surface]
    for binding in (rule, *rule.additional_bindings):
        verb, path = verb_and_path(binding)
        yield Route(surface, verb, path, binding.body, found, binding.response_body)


def verb_and_path(rule: http_pb2.HttpRule) -> tuple[str, str]:
    """Returns the HTTP method and the path template of a rule."""
    kind = rule.WhichOneof("pattern")
    if kind is None:
        raise ValueError("a google.api.http rule without a path")
    if kind == "custom":
        return rule.custom.kind, rule.custom.path
    return kind.upper(), getattr(rule, kind)


def slim(descriptors: descriptor_pb2.FileDescriptorSet, routes: Iterable[Route]) -> descriptor_pb2.FileDescriptorSet:
    """Returns what the transcoder takes: no comments, no other routes than these.

    Nor any `response_body`, which the filter does in its place.
    """
    wanted = {(route.name, route.verb, route.path) for route in routes}
    result = descriptor_pb2.FileDescriptorSet()
    result.CopyFrom(descriptors)
    for file in result.file:
        file.ClearField("source_code_info")
        for service in file.service:
            for method in service.method:
                _keep(method.options, f"{file.package}.{service.name}.{method.name}", wanted)
    return result


def _keep(options: descriptor_pb2.MethodOptions, name: str, wanted: set[tuple[str, str, str]]) -> None:
    """Leaves only the wanted ones of a method's routes."""
    if not options.HasExtension(annotations_pb2.http):
        return
    rule = http_pb2.HttpRule()
    rule.CopyFrom(options.Extensions[annotations_pb2.http])
    options.ClearExtension(annotations_pb2.http)
    bindings = [binding for binding in (rule, *rule.additional_bindings) if (name, *verb_and_path(binding)) in wanted]
    for binding in bindings:
        kept = http_pb2.HttpRule()
        kept.CopyFrom(binding)
        kept.ClearField("response_body")
        kept.ClearField("additional_bindings")
        if binding is bindings[0]:
            options.Extensions[annotations_pb2.http].CopyFrom(kept)
        else:
            options.Extensions[annotations_pb2.http].additional_bindings.append(kept)


def is_nullable(field: FieldDescriptor) -> bool:
    """Whether REST spells the absent field `null`."""
    options = descriptor_pb2.FieldOptions.FromString(field.GetOptions().SerializeToString())
    return bool(options.Extensions[edge_pb2.nullable])
