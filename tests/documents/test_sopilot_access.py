"""Who may call what: every route of the list, with each role, with none, with wrong and with senseless credentials."""

from __future__ import annotations

import base64
import csv
import socket
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.service_fixture import BASIC, RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]

_RANKS = {"public": 0, "viewer": 1, "operator": 2, "admin": 3}
_TABLE = Path(__file__).with_name("routes.tsv")


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the document. `path` names things that do not exist."""

    method: str
    path: str
    role: str


def _routes() -> list[Route]:
    rows = csv.reader(_TABLE.read_text("utf-8").splitlines(), delimiter="\t")
    return [
        Route(row[3], row[4].replace("{video_id}", "999999999").replace("{", "no-").replace("}", ""), row[6])
        for row in rows
        if row and row[0] == "sopilot"
    ]


ROUTES = _routes()
GUARDED = [route for route in ROUTES if route.role != "public"]


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


def _call(client: httpx2.Client, route: Route, **headers: str) -> httpx2.Response:
    return client.request(route.method, route.path, headers=headers)


def test_the_list_has_twenty_routes() -> None:
    assert len(ROUTES) == 20


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_without_credentials_both_schemes_are_offered(nobody: httpx2.Client, route: Route) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic d3Jvbmc6d3Jvbmc="}):
        answer = _call(nobody, route, **headers)
        assert answer.status_code == 401
        offered = answer.headers.get_list("www-authenticate")
        assert {scheme.split()[0] for value in offered for scheme in [value]} == {"Bearer", "Basic"}
        assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize("route", ROUTES, ids=_name)
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_each_role_may_do_what_is_documented(service: RunningService, route: Route, role: str) -> None:
    """Calls name nothing that exists, so what is allowed ends in another refusal or in an answer."""
    with service.client(role) as client:
        answer = _call(client, route)
    if _RANKS[role] >= _RANKS[route.role]:
        assert answer.status_code in (200, 400, 404), answer.text
    else:
        assert answer.status_code == 403
        assert answer.json() == {"detail": f"This needs the {route.role} role."}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path != "/train/nightly"], ids=_name)
def test_an_admin_may_do_everything(admin: httpx2.Client, route: Route) -> None:
    assert _call(admin, route).status_code in (200, 400, 404)


def test_basic_credentials_have_their_role(nobody: httpx2.Client) -> None:
    assert nobody.get("/videos", auth=BASIC).status_code == 200
    assert nobody.get("/ops/queue", auth=BASIC).status_code == 403
    assert nobody.get("/videos", auth=(BASIC[0], "wrong")).status_code == 401


@pytest.mark.parametrize(
    "value",
    [
        b"Bearer \xff\xfe\x80",
        "Bearer 秘密".encode(),
        b"Bearer ",
        b"Bearer",
        b"Basic \xff\xff",
        b"Basic " + base64.b64encode(b"\xff\x00\xfe"),
        b"Basic !!!!",
        b"Digest username=x",
        b"Bearer " + b"x" * 8000,
        b"Bearer a, Bearer b",
        b"\xf0\x9f\x92\xa9",
        b"Bearer test-admin-token\t",
        b"Bearer  test-admin-token x",
    ],
    ids=repr,
)
def test_any_bytes_as_a_token_are_a_401(service: RunningService, value: bytes) -> None:
    wanted = 200 if value.strip() == b"Bearer test-admin-token" else 401
    assert _raw_status(service, b"authorization: " + value) == wanted


def test_a_token_twice_is_no_token(service: RunningService) -> None:
    token = f"authorization: Bearer {service.tokens['admin']}".encode()
    assert _raw_status(service, token + b"\r\nauthorization: Bearer other") == 401


def _raw_status(service: RunningService, header: bytes) -> int:
    with socket.create_connection(("127.0.0.1", 8000 + service.offset), timeout=30) as connection:
        connection.sendall(b"GET /videos HTTP/1.1\r\nhost: localhost\r\n" + header + b"\r\nconnection: close\r\n\r\n")
        return int(connection.makefile("rb").readline().split()[1])
