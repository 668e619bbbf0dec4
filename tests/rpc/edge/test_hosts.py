"""Which surface answers at which host and port, and how several share one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from reelops.api.sopilot.v1.monitoring_service_pb2 import GetHealthResponse
from reelops.api.sopilot.v1.video_service_pb2 import GetVideoResponse
from reelops.api.wavestack.v1.clip_service_pb2 import CreateClipResponse
from reelops.api.wavestack.v1.health_service_pb2 import GetClipperHealthResponse, GetThumbnailHealthResponse
from reelops.api.wavestack.v1.project_service_pb2 import ListProjectsResponse
from reelops.rpc.edge import DESCRIPTORS, Gateway, Listener, documented_listeners, validate, write_gateway
from reelops.rpc.edge.descriptors import read_descriptors, read_routes, slim
from reelops.rpc.edge.routing import shared_routes
from reelops.rpc.edge.speech import common_speech

from tests.rpc.edge.conftest import Edge
from tests.rpc.edge.refusals import detail, failure
from tests.rpc.edge.servicer import Script

pytestmark = pytest.mark.edge

ROUTES = read_routes(read_descriptors(DESCRIPTORS))
CLIP = {"source": "x", "start_sec": 0, "duration_sec": 5}


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def healthy(script: Script) -> Script:
    script.answer("GetHealth", GetHealthResponse(status="ok", db=True))
    script.answer("GetClipperHealth", GetClipperHealthResponse(status="ok"))
    script.answer("GetThumbnailHealth", GetThumbnailHealthResponse(status="healthy", service="t", version="1"))
    script.answer("ListProjects", ListProjectsResponse())
    script.answer("CreateClip", CreateClipResponse(job_id="j"))
    script.answer("GetVideo", GetVideoResponse())
    return script


def test_the_surfaces_of_one_port_share_its_default_host(edge: Edge, web: httpx.Client, healthy: Script) -> None:
    for method, path, rpc, surface in (
        ("GET", "/health", "GetHealth", "sopilot"),
        ("GET", "/api/v1/health", "GetClipperHealth", "clipper"),
        ("HEAD", "/api/v1/health", "GetClipperHealth", "clipper"),
        ("GET", "/videos/1", "GetVideo", "sopilot"),
    ):
        assert web.request(method, edge.url + path).status_code == 200
        assert (healthy.last.method, healthy.last.metadata["x-edge-surface"]) == (rpc, surface)
    assert web.post(f"{edge.url}/api/v1/clip", json=CLIP).json()["job_id"] == "j"
    assert healthy.last.metadata["x-edge-surface"] == "clipper"


def test_a_refusal_speaks_as_the_surface_whose_path_it_is(edge: Edge, web: httpx.Client, healthy: Script) -> None:
    detail(web.get(f"{edge.url}/nope"), 404)
    detail(web.post(f"{edge.url}/health", json={}), 405)
    detail(web.get(f"{edge.url}/health?x=1"), 400)
    detail(web.get(f"{edge.url}/videos/abc"), 400)
    failure(web.get(f"{edge.url}/api/v1/clip"), 405, "METHOD_NOT_ALLOWED")
    failure(web.get(f"{edge.url}/api/v1/health?x=1"), 400, "VALIDATION_ERROR")
    failure(web.post(f"{edge.url}/api/v1/clip", json={**CLIP, "start_sec": "0"}), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("suffix", ["", ":8000", ":9"])
def test_the_clipper_has_a_host_of_its_own(edge: Edge, web: httpx.Client, healthy: Script, suffix: str) -> None:
    host = {"host": f"clipper.localhost{suffix}"}
    for path in ("/health", "/api/v1/health"):
        assert web.get(edge.url + path, headers=host).json() == {"status": "ok"}
        assert healthy.last.method == "GetClipperHealth"
    failure(web.get(f"{edge.url}/videos/1", headers=host), 404, "NOT_FOUND")
    failure(web.get(f"{edge.url}/nope", headers=host), 404, "NOT_FOUND")


def test_each_host_has_its_surface_on_the_port_for_all(edge: Edge, web: httpx.Client, healthy: Script) -> None:
    port = edge.port_of("edge")
    for host, path, surface in (
        ("sopilot.localhost", "/health", "sopilot"),
        ("core.localhost", "/api/projects", "core"),
        ("wavestack.localhost", "/api/projects", "core"),
        ("clipper.localhost", "/health", "clipper"),
        ("thumbnail.localhost", "/health", "thumbnail"),
    ):
        for name in (host, f"{host}:{port}", host.upper()):
            assert web.get(edge.all_hosts_url + path, headers={"host": name}).status_code == 200
            assert healthy.last.metadata["x-edge-surface"] == surface


@pytest.mark.parametrize(
    ("port", "path", "surface"), [("core", "/api/projects", "core"), ("thumbnail", "/health", "thumbnail")]
)
def test_a_port_of_one_surface_serves_any_host(
    edge: Edge, web: httpx.Client, healthy: Script, port: str, path: str, surface: str
) -> None:
    for host in ("localhost", "whatever.example:1", "127.0.0.1"):
        assert web.get(edge.url_of(port) + path, headers={"host": host}).status_code == 200
        assert healthy.last.metadata["x-edge-surface"] == surface
    failure(web.get(f"{edge.url_of(port)}/videos/1"), 404, "NOT_FOUND")


def test_an_upload_has_no_rest_route_on_the_core(edge: Edge, web: httpx.Client) -> None:
    failure(web.post(f"{edge.url_of('core')}/api/assets", json={}), 405, "METHOD_NOT_ALLOWED")
    rpc = "/reelops.api.wavestack.v1.AssetService/UploadAsset"
    failure(web.post(f"{edge.url_of('core')}{rpc}", json={}), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("Clips.Example", "http://Clips.Example"),
        ("[::1]:80", "http://[::1]:80"),
        ("a_b-c.d", "http://a_b-c.d"),
        ("x" * 300, None),
    ],
)
def test_the_server_is_told_how_it_was_reached(edge: Edge, healthy: Script, host: str, base: str | None) -> None:
    lines = [f"GET /api/v1/health HTTP/1.1\r\nHost: {host}", "X-Edge-Base: http://evil", "X-Forwarded-Proto: https"]
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert healthy.last.metadata.get("x-edge-base") == base


@pytest.mark.parametrize("host", ["a,b", "a'b", "a%20b", "a/b", "user@x", "a;b=1"])
def test_an_odd_host_is_told_to_nobody(edge: Edge, healthy: Script, host: str) -> None:
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
        connection.sendall(f"GET /api/v1/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1")
    assert not [call for call in healthy.calls if "x-edge-base" in call.metadata]


def test_the_first_surface_keeps_a_route_that_two_have() -> None:
    both = shared_routes(ROUTES, ("sopilot", "clipper"))
    found = {(route.verb, route.path): route.surface for route in both}
    assert found["GET", "/health"] == "sopilot"
    assert found["GET", "/api/v1/health"] == "clipper"
    turned = {(route.verb, route.path): route.surface for route in shared_routes(ROUTES, ("clipper", "sopilot"))}
    assert turned["GET", "/health"] == "clipper"
    assert turned.keys() == found.keys()


def test_the_transcoder_is_told_of_no_other_routes() -> None:
    both = shared_routes(ROUTES, ("sopilot", "clipper"))
    left = read_routes(slim(read_descriptors(DESCRIPTORS), both))
    wanted = {(route.name, route.verb, route.path, route.body) for route in both}
    assert {(route.name, route.verb, route.path, route.body) for route in left} == wanted


def test_surfaces_that_spell_fields_differently_cannot_share_a_host(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot share a host"):
        common_speech(("sopilot", "core"))
    listener = Listener("mixed", 1, default=("clipper", "core"))
    with pytest.raises(ValueError, match="clipper, core cannot share a host"):
        write_gateway(tmp_path, Gateway(listeners=(listener,), servers=("127.0.0.1:1",), admin_port=2))


def test_envoy_takes_what_is_written(tmp_path: Path) -> None:
    gateway = Gateway(listeners=documented_listeners(), servers=("127.0.0.1:1",), admin_port=9901)
    validate(write_gateway(tmp_path, gateway))
