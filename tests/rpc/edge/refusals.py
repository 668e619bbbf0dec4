"""How a refusal is made, and what every refusal looks like."""

from __future__ import annotations

from typing import Any

import grpc
import httpx2 as httpx


def detail(answer: httpx.Response, status: int) -> str:
    """Checks that the answer is an error as the document spells it, and returns its sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert not [name for name in answer.headers if name.startswith(("grpc-", "x-error", "x-http", "x-edge", "x-envoy"))]
    assert len(answer.headers["x-request-id"]) > 0
    body = answer.json()
    assert list(body) == ["detail"]
    assert isinstance(body["detail"], str)
    assert body["detail"]
    return body["detail"]


def aborts(code: grpc.StatusCode, message: str, *metadata: tuple[str, str | bytes]) -> Any:
    async def answer(_request: Any, context: Any) -> None:
        await context.abort(code, message, metadata)

    return answer


def failure(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Checks that the answer is an error as WaveStack's document spells it, and returns what is below `error`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert not [name for name in answer.headers if name.startswith(("grpc-", "x-error", "x-http", "x-edge", "x-envoy"))]
    assert len(answer.headers["x-request-id"]) > 0
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "details"]
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert isinstance(body["error"]["details"], dict)
    return dict(body["error"])
