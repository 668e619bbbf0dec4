"""What the service answers is what its OpenAPI documents say, asked with generated requests, right and wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.service_fixture import TOKENS, RunningService

pytestmark = pytest.mark.slow
SURFACES = ("sopilot", "core", "clipper", "thumbnail")
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A picture takes a while to draw, and what others' tests made must stay.
EXAMPLES = {"GenerateThumbnail": 3, "GenerateThumbnailFromFrame": 3}
LEFT_OUT = {"TrainNightly", "ExportAudit"}


def fetched(service: RunningService, surface: str) -> dict[str, Any]:
    answer = httpx2.get(f"{service.clipper_url}/api/openapi.json", params={"surface": surface})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def headers_for(service: RunningService, surface: str) -> dict[str, str]:
    if surface == "sopilot":
        return {"Authorization": f"Bearer {TOKENS['admin']}"}
    if surface == "core":
        return {"Authorization": f"Bearer {service.token()}", "X-Org-Id": "org_123"}
    if surface == "clipper":
        return {"Host": service.clipper_host}
    return {}


def url_of(service: RunningService, surface: str) -> str:
    return {"core": service.core_url, "thumbnail": service.thumbnail_url}.get(surface, service.url)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.timeout(400)
def test_answers_are_as_the_document_says(service: RunningService, surface: str, mode: GenerationMode) -> None:
    url, headers = url_of(service, surface), headers_for(service, surface)
    schema = schemathesis.openapi.from_dict(fetched(service, surface))
    asked = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        name = operation.definition.raw["operationId"]
        if name in LEFT_OUT:
            continue
        try:
            strategy = operation.as_strategy(generation_mode=mode)
            asked += ask(strategy, url, headers, examples=EXAMPLES.get(name, 6))
        except Unsatisfiable:
            # Nothing wrong can be made for a call without parameters.
            assert mode is GenerationMode.NEGATIVE
    assert asked >= 10


def ask(strategy: Any, url: str, headers: dict[str, str], *, examples: int) -> int:
    count = 0

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(strategy)
    def call(case: Any) -> None:
        nonlocal count
        count += 1
        answer = case.call(base_url=url, headers=headers, timeout=60)
        case.validate_response(answer, checks=CHECKS)

    run: Callable[[], None] = call
    run()
    return count
