"""Tokens as callers of the document get and show them, over REST and gRPC, through the edge."""

from __future__ import annotations

import time

import grpc
import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from reelops.api.wavestack.v1 import project_service_pb2 as pb
from reelops.api.wavestack.v1 import project_service_pb2_grpc

from tests.flow import WAIT_SEC
from tests.service_fixture import ORGANISATIONS, RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]


def test_a_token_is_given_as_documented(service: RunningService) -> None:
    answer = httpx2.post(f"{service.core_url}/api/auth/token", json=ORGANISATIONS["org_123"])
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)
    assert answer.json()["access_token"].startswith("eyJhbGciOiJSUzI1NiIs")
    assert answer.headers["cache-control"] == "no-store"


def test_the_key_set_verifies_it(service: RunningService) -> None:
    published = httpx2.get(f"{service.core_url}/.well-known/jwks.json")
    assert published.headers["cache-control"].startswith("public, max-age=")
    keys = published.json()["keys"]
    assert set(keys[0]) == {"kty", "kid", "use", "alg", "n", "e"}
    assert keys[0]["kid"].startswith("wavestack-")
    token = jwt.decode(service.token("org_123"), KeySet.import_key_set(published.json()), algorithms=["RS256"])
    assert token.claims["org_id"] == "org_123"


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"client_secret": "wrong"}])
def test_a_wrong_client_is_unauthorized(service: RunningService, wrong: dict[str, str]) -> None:
    answer = httpx2.post(f"{service.core_url}/api/auth/token", json={**ORGANISATIONS["org_123"], **wrong})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="wavestack"'
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"
    assert answer.json()["error"]["message"] == "The client id or the secret is wrong."


def test_another_organisation_is_forbidden(service: RunningService) -> None:
    answer = httpx2.post(f"{service.core_url}/api/auth/token", json={**ORGANISATIONS["org_123"], "org_id": "org_999"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    token = service.token("org_123")
    for shown in ({"X-Org-Id": "org_999"}, {}):
        answer = httpx2.get(f"{service.core_url}/api/projects", headers={"Authorization": f"Bearer {token}", **shown})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Bearer x",
        "Bearer test-admin-token",
        "Basic eDp5",
        b"Bearer \xff\xfe\x00"[:-1],
        pytest.param("Bearer " + "x" * 18_000, id="long"),
        pytest.param("Bearer " + "x" * 50_000, id="longer"),
    ],
)
def test_without_a_good_token_it_is_unauthorized(service: RunningService, header: str | bytes | None) -> None:
    headers: dict[str, str | bytes] = {"X-Org-Id": "org_123"}
    if header is not None:
        headers["Authorization"] = header
    raw = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers.items()]
    answer = httpx2.get(f"{service.core_url}/api/projects", headers=raw)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers.get_list("www-authenticate") == ['Bearer realm="wavestack"']
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= set(answer.headers)


def test_the_same_token_works_over_grpc(service: RunningService) -> None:
    metadata = (("authorization", f"Bearer {service.token('org_123')}"), ("x-org-id", "org_123"))
    with grpc.insecure_channel(service.edge_address) as channel:
        stub = project_service_pb2_grpc.ProjectServiceStub(channel)
        stub.ListProjects(pb.ListProjectsRequest(), metadata=metadata, timeout=30)
        with pytest.raises(grpc.RpcError) as caught:
            stub.ListProjects(pb.ListProjectsRequest(), metadata=metadata[:1], timeout=30)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_refused_clients_are_in_the_audit_trail(service: RunningService) -> None:
    httpx2.post(f"{service.core_url}/api/auth/token", json={**ORGANISATIONS["org_999"], "client_secret": "wrong"})
    with service.client() as client:
        deadline = time.monotonic() + WAIT_SEC
        while time.monotonic() < deadline:
            entries = client.get("/audit/trail", params={"limit": 200}).json()["items"]
            if any(entry["job_type"] == "login" and entry["error_message"] == "CLIENT_UNKNOWN" for entry in entries):
                return
            time.sleep(0.2)
    raise AssertionError("the refused login is not in the trail")
