"""What operators rely on: logs, ids, hosts, checks, stopping."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import grpc
import httpx2 as httpx
import pytest
from reelops import errors
from reelops.api.sopilot.v1.monitoring_service_pb2 import GetHealthResponse
from reelops.api.sopilot.v1.video_service_pb2 import GetVideoRequest, GetVideoResponse
from reelops.api.sopilot.v1.video_service_pb2_grpc import VideoServiceStub
from reelops.rpc.edge import (
    Gateway,
    documented_listeners,
    drain,
    envoy_command,
    is_ready,
    validate,
    write_gateway,
)

from tests.rpc.edge.conftest import Edge, free_ports, running_edge
from tests.rpc.edge.servicer import EdgeServer, Script

pytestmark = pytest.mark.edge

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def log_lines(edge: Edge, count: int) -> list[dict[str, Any]]:
    """Waits for the log to hold so many more lines than were read before."""
    log = edge.folder / "access.log"
    deadline = time.monotonic() + 20
    while True:
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        if len(lines) >= count or time.monotonic() > deadline:
            return lines
        time.sleep(0.05)


@pytest.mark.parametrize("wanted", ["mine-1", "a" * 128, "A.b_c:d-9"])
def test_a_sane_request_id_is_kept(client: httpx.Client, script: Script, wanted: str) -> None:
    script.answer("GetHealth", GetHealthResponse())
    assert client.get("/health", headers={"x-request-id": wanted}).headers["x-request-id"] == wanted
    assert script.last.metadata["x-request-id"] == wanted
    assert client.get("/nope", headers={"x-request-id": wanted}).headers["x-request-id"] == wanted
    assert client.get("/videos/x", headers={"x-request-id": wanted}).headers["x-request-id"] == wanted


@pytest.mark.parametrize("wanted", [None, "", "a" * 129, "has space", 'quo"te', "semi;colon", "<script>"])
def test_another_request_id_is_replaced(client: httpx.Client, script: Script, wanted: str | None) -> None:
    script.answer("GetHealth", GetHealthResponse())
    headers = {} if wanted is None else {"x-request-id": wanted}
    made = client.get("/health", headers=headers).headers["x-request-id"]
    assert UUID.fullmatch(made)
    assert script.last.metadata["x-request-id"] == made
    assert UUID.fullmatch(client.get("/nope", headers=headers).headers["x-request-id"])


def test_a_grpc_caller_keeps_the_request_id(edge: Edge, script: Script) -> None:
    script.answer("GetVideo", GetVideoResponse())
    with grpc.insecure_channel(f"127.0.0.1:{edge.port}") as channel:
        _, call = VideoServiceStub(channel).GetVideo.with_call(GetVideoRequest(), metadata=(("x-request-id", "mine"),))
    assert dict(call.initial_metadata())["x-request-id"] == "mine"
    assert script.last.metadata["x-request-id"] == "mine"


def test_a_refused_grpc_call_says_so_plainly(tmp_path: Path) -> None:
    with running_edge(tmp_path) as edge:
        edge.server.stop()
        with (
            grpc.insecure_channel(f"127.0.0.1:{edge.port}") as channel,
            pytest.raises(grpc.RpcError) as caught,
        ):
            VideoServiceStub(channel).GetVideo(GetVideoRequest())
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "detail" not in error.details()


def test_the_log_tells_of_each_request_and_keeps_its_secrets(tmp_path: Path) -> None:
    with running_edge(tmp_path) as edge, httpx.Client(base_url=edge.url, trust_env=False) as client:
        edge.script.answer("GetVideo", GetVideoResponse())
        secrets = {"authorization": "Bearer s3cret", "x-request-id": "r-1"}
        client.get("/videos/42", headers=secrets)
        client.get("/nope?token=s3cret", headers=secrets)
        first, second = log_lines(edge, 2)
        text = (edge.folder / "access.log").read_text()
    assert "s3cret" not in text
    wanted = {"request_id": "r-1", "method": "GET", "path": "/videos/42", "status": 200, "client": "127.0.0.1"}
    assert {key: first[key] for key in wanted} == wanted
    assert first["rpc"] == "/reelops.api.sopilot.v1.VideoService/GetVideo"
    assert first["upstream"] == edge.gateway.servers[0]
    assert first["duration_ms"] >= 0
    assert first["bytes_sent"] > 0
    assert (second["path"], second["status"], second["request_id"]) == ("/nope", 404, "r-1")


def test_each_host_has_its_service_on_the_common_port(edge: Edge, script: Script) -> None:
    script.answer("GetHealth", GetHealthResponse(status="ok", db=True))
    with httpx.Client(base_url=edge.all_hosts_url, trust_env=False) as client:
        for host in ("sopilot.localhost", f"sopilot.localhost:{edge.port_of('edge')}", "SOPilot.localhost"):
            answer = client.get("/health", headers={"host": host})
            assert answer.json() == {"status": "ok", "db": True}
        for host in ("127.0.0.1", "evil.example", "localhost"):
            answer = client.get("/health", headers={"host": host})
            assert answer.status_code == 404
            assert answer.json() == {"detail": "No service is known under this host name."}


def test_a_caller_behind_a_proxy_is_named_by_its_own_address(tmp_path: Path) -> None:
    with running_edge(tmp_path, trusted_proxies=1) as edge, httpx.Client(base_url=edge.url, trust_env=False) as client:
        edge.script.answer("GetHealth", GetHealthResponse())
        client.get("/health", headers={"x-forwarded-for": "1.2.3.4, 203.0.113.9"})
        assert edge.script.last.metadata["x-client-address"] == "203.0.113.9"
        for told, base in (("https", "https"), ("ftp", "http"), ("https,http", "http")):
            client.get("/health", headers={"x-forwarded-proto": told, "host": "clips.example"})
            assert edge.script.last.metadata["x-edge-base"] == f"{base}://clips.example"


def test_a_restart_of_the_server_is_hidden(edge: Edge, client: httpx.Client, script: Script) -> None:
    script.answer("GetVideo", GetVideoResponse())
    client.get("/videos/1")
    port = edge.server.port
    edge.server.stop()
    back = threading.Timer(0.3, edge.server.start, (port,))
    back.start()
    try:
        statuses = [client.get("/videos/1").status_code for _ in range(3)]
    finally:
        back.join()
    assert statuses[1:] == [200, 200]


def test_calls_go_to_the_server_that_is_healthy(tmp_path: Path) -> None:
    other = EdgeServer()
    other.script.answer("GetVideo", GetVideoResponse())
    address = f"127.0.0.1:{other.start()}"
    try:
        with (
            running_edge(tmp_path, more_servers=(address,)) as edge,
            httpx.Client(base_url=edge.url, trust_env=False, timeout=20) as client,
        ):
            edge.script.answer("GetVideo", GetVideoResponse())
            assert {client.get("/videos/1").status_code for _ in range(20)} == {200}
            assert edge.script.calls
            assert other.script.calls
            edge.server.stop()
            other.script.calls.clear()
            assert {client.get("/videos/1").status_code for _ in range(20)} == {200}
            assert len(other.script.calls) == 20
    finally:
        other.close()


async def test_draining_lets_calls_end_and_takes_no_new_ones(tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()

    async def slow(_request: Any, _context: Any) -> GetVideoResponse:
        started.set()
        await asyncio.to_thread(go_on.wait, 20)
        return GetVideoResponse()

    with running_edge(tmp_path) as edge:
        edge.script.answer("GetVideo", slow)
        assert await is_ready(edge.gateway.admin_port)
        async with httpx.AsyncClient(base_url=edge.url, trust_env=False, timeout=20) as client:
            call = asyncio.create_task(client.get("/videos/1"))
            await asyncio.to_thread(started.wait, 20)
            draining = asyncio.create_task(drain(edge.gateway.admin_port, timeout_sec=20))
            await asyncio.sleep(0.2)
            assert not draining.done()
            go_on.set()
            assert (await call).status_code == 200
            assert await draining


def test_a_port_that_is_taken_is_an_error(edge: Edge, tmp_path: Path) -> None:
    (admin,) = free_ports(1)
    gateway = dataclasses.replace(edge.gateway, admin_port=admin)
    command = envoy_command(write_gateway(tmp_path, gateway), gateway)
    done = subprocess.run(command.argv, env=dict(command.env), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "Address already in use" in done.stderr


async def test_nobody_is_ready_on_a_free_port() -> None:
    assert not await is_ready(1)


def test_a_configuration_is_checked_by_envoy(tmp_path: Path) -> None:
    gateway = Gateway(listeners=documented_listeners(), servers=("127.0.0.1:1", "[::1]:2"), admin_port=9901)
    config = write_gateway(tmp_path, gateway)
    validate(config)
    config.write_text(config.read_text().replace("codec_type: AUTO", "codec_type: MAGIC", 1))
    with pytest.raises(errors.Invalid) as caught:
        validate(config)
    assert "MAGIC" in caught.value.message
