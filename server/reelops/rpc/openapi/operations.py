"""Routes as OpenAPI operations: parameters, bodies, answers, errors, who may call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from reelops.api.edge.v1 import edge_pb2
from reelops.rpc.edge.descriptors import Route
from reelops.rpc.openapi.comments import Comment
from reelops.rpc.openapi.errors import SENTENCES, said_errors
from reelops.rpc.openapi.rules import is_required, rules_of
from reelops.rpc.openapi.schemas import Direction, Schemas, example_of
from reelops.rpc.openapi.security import SECURITY, Security

Json = dict[str, Any]
_FILE_HEADERS = ("Accept-Ranges", "ETag", "Last-Modified", "Content-Disposition")
_LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_LIMITED = {"core", "clipper", "thumbnail"}


def operation(route: Route, *, schemas: Schemas, comments: Mapping[str, Comment]) -> Json:
    """Gives the operation of a route."""
    options = descriptor_pb2.MethodOptions.FromString(route.method.GetOptions().SerializeToString())
    comment = comments[route.name]
    access = SECURITY[options.Extensions[edge_pb2.role]]
    result: Json = {
        "operationId": route.method.name,
        "tags": [route.method.containing_service.name],
        "summary": comment.summary,
        "description": comment.rest,
        "security": access.requirements(route.surface),
    }
    parameters = [*_path_parameters(route, schemas), *_query_parameters(route, schemas)]
    if route.gives_stream:
        parameters.append({"$ref": "#/components/parameters/Range"})
    if parameters:
        result["parameters"] = parameters
    body = _request_body(route, options, schemas)
    if body is not None:
        result["requestBody"] = body
    result["responses"] = _responses(route, options, schemas, comment, access)
    return result


def _path_parameters(route: Route, schemas: Schemas) -> Iterator[Json]:
    for name in re.findall(r"\{([^}=]*)", route.path):
        field = route.method.input_type.fields_by_name[name]
        described = schemas.field(field, Direction.request)
        text = described.pop("description", "")
        yield {"name": name, "in": "path", "required": True, "description": text, "schema": described}


def _query_parameters(route: Route, schemas: Schemas) -> Iterator[Json]:
    if route.body == "*" or route.method.input_type.full_name == "google.api.HttpBody":
        return
    bound = set(re.findall(r"\{([^}=]*)", route.path)) | {route.body}
    for field in route.method.input_type.fields:
        if field.name in bound or (
            field.message_type is not None and field.message_type.full_name.startswith("reelops")
        ):
            continue
        described = schemas.field(field, Direction.request)
        text = described.pop("description", "")
        required = is_required(field, rules_of(field))
        yield {
            "name": schemas.speech.name(field),
            "in": "query",
            "required": required,
            "description": text,
            "schema": described,
        }


def _request_body(route: Route, options: Any, schemas: Schemas) -> Json | None:
    form = options.Extensions[edge_pb2.form]
    if form:
        schema = schemas.reference(_message(route, form), Direction.request)
        return {"required": True, "content": {"multipart/form-data": {"schema": _with_file(schema, schemas)}}}
    if not route.body or not route.takes_json:
        return None
    message: Descriptor = route.content
    content: Json = {"schema": schemas.reference(message, Direction.request)}
    example = example_of(message)
    if example is not None:
        content["example"] = example
    return {"required": True, "content": {"application/json": content}}


def _message(route: Route, name: str) -> Descriptor:
    """Finds a message that no method takes, beside those that some do."""
    pool = route.method.containing_service.file.pool
    found: Descriptor = pool.FindMessageTypeByName(name)
    return found


def _with_file(schema: Json, schemas: Schemas) -> Json:
    component = schemas.components[schema["$ref"].rsplit("/", 1)[1]]
    # Bytes are Base64 in JSON, but stand in a form as they are.
    for value in component["properties"].values():
        if value.pop("contentEncoding", None):
            value["contentMediaType"] = "application/octet-stream"
    return schema


def _responses(route: Route, options: Any, schemas: Schemas, comment: Comment, access: Security) -> Json:
    produces = list(options.Extensions[edge_pb2.produces])
    limited = route.surface in _LIMITED
    good: Json = {"description": "Done."}
    if limited:
        good["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _LIMIT_HEADERS}
    if produces or route.answer is None:
        kinds = produces or ["application/octet-stream"]
        good["content"] = {kind: {"schema": {} if "json" in kind else _file_schema(kind)} for kind in kinds}
    else:
        good["content"] = {"application/json": _answer(route.answer, schemas)}
    result: Json = {"200": good}
    if route.gives_stream:
        good["headers"] = good.get("headers", {}) | {
            name: {"$ref": f"#/components/headers/{name}"} for name in _FILE_HEADERS
        }
        result["206"] = {**good, "description": "The part that was asked for."}
        result["304"] = {"description": "Nothing changed."}
    return result | _errors(route, options, comment, access, limited=limited)


def _file_schema(kind: str) -> Json:
    return {"type": "string"} if kind.startswith("text/") else {"type": "string", "contentMediaType": kind}


def _answer(answer: Descriptor | FieldDescriptor, schemas: Schemas) -> Json:
    if isinstance(answer, FieldDescriptor):
        schema = schemas.field(answer, Direction.answer)
        message = answer.message_type
    else:
        schema, message = schemas.reference(answer, Direction.answer), answer
    content: Json = {"schema": schema}
    example = example_of(message) if message is not None else None
    if example is not None:
        content["example"] = example
    return content


def _errors(route: Route, options: Any, comment: Comment, access: Security, *, limited: bool) -> Json:
    reasons: dict[int, list[str]] = {400: []}
    for error in said_errors(comment.text):
        reasons.setdefault(error.status, []).append(error.reason)
    for status in access.statuses:
        reasons.setdefault(status, [])
    if limited and not options.Extensions[edge_pb2.uncounted]:
        reasons.setdefault(429, [])
    if route.gives_stream:
        reasons.setdefault(416, [])
    if route.takes_json and route.body:
        reasons |= {status: reasons.get(status, []) for status in (413, 415)}
    result: Json = {}
    for status, names in sorted(reasons.items()):
        text = SENTENCES.get(status, "Refused.")
        told = f" Reasons: {', '.join(f'`{name}`' for name in names)}." if names else ""
        result[str(status)] = _error(text + told, retries=status in (429, 503))
    result["default"] = _error("Anything else that went wrong, in the same shape.", retries=False)
    return result


def _error(description: str, *, retries: bool) -> Json:
    result: Json = {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    if retries:
        result["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return result
