"""The OpenAPI documents are valid, whole, and their examples are what they describe."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from google.protobuf import json_format, message_factory
from openapi_spec_validator import OpenAPIV31SpecValidator
from reelops.rpc.edge.descriptors import read_descriptors, read_routes
from reelops.rpc.edge.model import DESCRIPTORS
from reelops.rpc.openapi import openapi_document, surfaces
from reelops.rpc.openapi.errors import SaidError, said_errors
from reelops.rpc.openapi.schemas import example_of

DOCUMENTS = {surface: openapi_document(surface, url="http://localhost:8000") for surface in surfaces()}
ROUTES = read_routes(read_descriptors(DESCRIPTORS))


def schema_of(surface: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "components": DOCUMENTS[surface]["components"]}


@pytest.mark.parametrize("surface", surfaces())
def test_a_document_is_valid(surface: str) -> None:
    OpenAPIV31SpecValidator(json.loads(json.dumps(DOCUMENTS[surface]))).validate()


def test_every_route_is_in_a_document() -> None:
    listed = {
        (surface, verb.upper(), path)
        for surface, document in DOCUMENTS.items()
        for path, operations in document["paths"].items()
        for verb in operations
    }
    assert listed == {(route.surface, route.verb, route.path) for route in ROUTES}


@pytest.mark.parametrize("surface", surfaces())
def test_everything_is_described(surface: str) -> None:
    for name, component in DOCUMENTS[surface]["components"]["schemas"].items():
        assert component["description"], name
        for field, value in component.get("properties", {}).items():
            assert name == "Error" or value["description"], f"{name}.{field}"
    for path, operations in DOCUMENTS[surface]["paths"].items():
        for verb, operation in operations.items():
            assert operation["summary"], f"{verb} {path}"
            assert set(operation["responses"]) > {"200", "default"}


@pytest.mark.parametrize("surface", surfaces())
def test_examples_keep_their_schemas(surface: str) -> None:
    checked = 0
    for component in DOCUMENTS[surface]["components"]["schemas"].values():
        for example in component.get("examples", []):
            jsonschema.Draft202012Validator(schema_of(surface, component)).validate(example)
            checked += 1
    assert checked > 3


def test_examples_are_messages() -> None:
    """What the documentation shows is what the transcoder takes and gives."""
    checked = 0
    files = {route.method.containing_service.file for route in ROUTES}
    files |= {dependency for file in files for dependency in file.dependencies}
    for message in (message for file in files for message in file.message_types_by_name.values()):
        example = example_of(message)
        if example is not None:
            json_format.ParseDict(example, message_factory.GetMessageClass(message)())
            checked += 1
    assert checked > 20


def test_core_speaks_camel_case_but_where_the_document_does_not() -> None:
    schemas = DOCUMENTS["core"]["components"]["schemas"]
    assert {"orgId", "scheduleAt", "createdAt"} <= schemas["QueueItem"]["properties"].keys()
    assert schemas["IssueTokenResponse"]["properties"].keys() == {"access_token", "token_type", "expires_in"}
    names = [parameter["name"] for parameter in DOCUMENTS["core"]["paths"]["/api/queue"]["get"]["parameters"]]
    assert names == ["status", "projectId", "limit", "offset"]
    assert "start_sec" in DOCUMENTS["clipper"]["components"]["schemas"]["CreateClipRequest"]["properties"]


def test_rules_bind_requests_and_not_answers() -> None:
    schemas = DOCUMENTS["core"]["components"]["schemas"]
    asked, given = schemas["CreateQueueItemRequest"], schemas["QueueItem"]
    assert asked["properties"]["title"] | {"description": ""} == {
        "type": "string",
        "minLength": 1,
        "maxLength": 120,
        "description": "",
    }
    assert asked["required"] == ["title", "platforms", "idempotencyKey"]
    assert asked["additionalProperties"] is False
    assert "maxLength" not in given["properties"]["title"]
    assert given["properties"]["assetId"]["type"] == ["string", "null"]
    duration = DOCUMENTS["clipper"]["components"]["schemas"]["CreateClipRequest"]["properties"]["duration_sec"]
    assert (duration["minimum"], duration["maximum"]) == (1, 3600)


def test_who_may_call() -> None:
    def security(surface: str, path: str, verb: str) -> Any:
        return DOCUMENTS[surface]["paths"][path][verb]["security"]

    assert security("core", "/api/queue", "get") == [{"token": [], "organisation": []}]
    assert security("core", "/api/auth/token", "post") == []
    assert security("clipper", "/api/v1/clip", "post") == [{}, {"token": [], "organisation": []}]
    assert security("sopilot", "/score", "post") == [{"token": []}, {"basic": []}]


def test_forms_and_files_are_what_they_are() -> None:
    upload = DOCUMENTS["sopilot"]["paths"]["/videos"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert upload["schema"] == {"$ref": "#/components/schemas/VideoForm"}
    form = DOCUMENTS["sopilot"]["components"]["schemas"]["VideoForm"]
    assert form["required"] == ["file", "task_id"]
    assert form["properties"]["file"]["contentMediaType"] == "application/octet-stream"
    report = DOCUMENTS["sopilot"]["paths"]["/score/{score_job_id}/report.pdf"]["get"]["responses"]
    assert set(report["200"]["content"]) == {"application/pdf"}
    assert {"206", "304", "416"} <= report.keys()


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Does it. Needs the viewer role.", []),
        ("Gives NOT_FOUND `A` and `B`.", [SaidError(404, "A"), SaidError(404, "B")]),
        (
            "Gives NOT_FOUND `A` and FAILED_PRECONDITION `B` (409) while `unrelated` goes on.",
            [SaidError(404, "A"), SaidError(409, "B")],
        ),
        ("Gives INVALID_ARGUMENT `A`, `B` and RESOURCE_EXHAUSTED `C` (413).", [
            SaidError(400, "A"), SaidError(400, "B"), SaidError(413, "C")
        ]),
    ],
)  # fmt: skip
def test_errors_are_read_from_comments(comment: str, expected: list[SaidError]) -> None:
    assert said_errors(comment) == expected


def test_an_unknown_surface_is_refused() -> None:
    with pytest.raises(KeyError):
        openapi_document("nowhere", url="http://localhost")
