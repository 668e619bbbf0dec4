"""Fills the templates in gateway/ and writes what Envoy reads into one folder."""

from __future__ import annotations

import json
import textwrap
from importlib.resources import files
from pathlib import Path
from string import Template

from reelops.rpc.edge.descriptors import Route, read_descriptors, read_routes, slim
from reelops.rpc.edge.hosts import access_log, broken_answers, descriptor_file, virtual_hosts
from reelops.rpc.edge.lua import lua_tables
from reelops.rpc.edge.model import DESCRIPTORS, Gateway, Listener
from reelops.rpc.edge.routing import shared_routes

CONFIG, FILTER = "envoy.yaml", "edge.lua"


def template_folder() -> Path:
    """Returns the folder of the templates: in the package where it was installed, in the repository otherwise."""
    installed = Path(str(files("reelops"))) / "gateway"
    if installed.is_dir():
        return installed
    found = Path(__file__).resolve().parents[4] / "gateway"
    if not found.is_dir():
        raise FileNotFoundError(f"the gateway's templates are neither at {installed} nor at {found}")
    return found


def write_gateway(folder: Path, gateway: Gateway, *, descriptors: Path = DESCRIPTORS) -> Path:
    """Writes `envoy.yaml`, `edge.lua` and a descriptor set for each kind of host, and returns the path of the first."""
    whole = read_descriptors(descriptors)
    routes = read_routes(whole)
    folder.mkdir(parents=True, exist_ok=True)
    for surfaces in _hosts(gateway):
        slimmed = slim(whole, shared_routes(routes, surfaces))
        (folder / descriptor_file(surfaces)).write_bytes(slimmed.SerializeToString())
    (folder / FILTER).write_text(filter_text(gateway, routes))
    (folder / CONFIG).write_text(config_text(gateway, routes, folder.absolute()))
    return folder / CONFIG


def _hosts(gateway: Gateway) -> tuple[tuple[str, ...], ...]:
    """Lists, each once, which surfaces share a host."""
    return tuple(dict.fromkeys(surfaces for listener in gateway.listeners for surfaces in listener.surfaces))


def filter_text(gateway: Gateway, routes: tuple[Route, ...]) -> str:
    """Returns the whole filter: JSON, generated tables, dialects."""
    source = template_folder()
    tables = lua_tables(routes, gateway.limits, _hosts(gateway))
    text = [
        (source / name).read_text() for name in ("json.lua", "strict.lua", "sentences.lua", "errors.lua", "dialect.lua")
    ]
    return "\n".join([tables, *text])


def config_text(gateway: Gateway, routes: tuple[Route, ...], folder: Path) -> str:
    """Returns the bootstrap that Envoy starts from."""
    listeners = "".join(_listener(gateway, listener, routes, folder) for listener in gateway.listeners)
    addresses = [server.rpartition(":") for server in gateway.servers]
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": host.strip("[]"), "port_value": int(port)}}}}
        for host, _, port in addresses
    ]
    return _filled(
        "envoy.yaml",
        admin_port=gateway.admin_port,
        max_connections=gateway.limits.connections,
        max_heap_bytes=gateway.limits.heap_bytes,
        max_requests=gateway.limits.calls,
        listeners=textwrap.indent(listeners, "  "),
        cluster_type="STRICT_DNS",
        endpoints=json.dumps(endpoints),
        health_checks=json.dumps([HEALTH_CHECK] if len(endpoints) > 1 else []),
    )


HEALTH_CHECK = {
    "timeout": "2s",
    "interval": "5s",
    "no_traffic_interval": "15s",
    "unhealthy_threshold": 2,
    "healthy_threshold": 1,
    "grpc_health_check": {},
}


def _listener(gateway: Gateway, listener: Listener, routes: tuple[Route, ...], folder: Path) -> str:
    limits = gateway.limits
    return _filled(
        "listener.yaml",
        name=listener.name,
        surface=listener.default[0] if listener.default else "",
        broken="\n".join(f"          - {json.dumps(mapper)}" for mapper in broken_answers()),
        bind=gateway.bind,
        port=listener.port,
        trusted_proxies=gateway.trusted_proxies,
        headers_timeout=f"{limits.headers_timeout_sec}s",
        idle_timeout=f"{limits.stream_idle_sec}s",
        keepalive_timeout=f"{limits.keepalive_sec}s",
        max_headers_kb=limits.headers_kb,
        max_streams=limits.streams_per_connection,
        access_log=json.dumps(access_log(gateway)),
        virtual_hosts=json.dumps(virtual_hosts(gateway, listener, routes, folder)),
        lua_file=json.dumps(str(folder / FILTER)),
        descriptor_file=json.dumps(str(folder / descriptor_file(listener.default))),
    )


def _filled(template: str, /, **values: object) -> str:
    text = (template_folder() / template).read_text()
    return Template(text).substitute({key: str(value) for key, value in values.items()})
