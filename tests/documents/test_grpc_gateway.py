"""The HTTP rules are those of grpc-gateway: its generators take the same protos, and what they write compiles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from reelops.rpc.edge import DESCRIPTORS
from reelops.rpc.edge.descriptors import read_descriptors, read_routes

from tools.generate import ROOT, protoc, sources

VERSION = "v2.27.3"
MODULE = "github.com/grpc-ecosystem/grpc-gateway/v2"
PLUGINS = ("protoc-gen-grpc-gateway", "protoc-gen-openapiv2")
TOOLS = ROOT / "build" / "go-tools" / VERSION
STUBS = ROOT / "clients" / "go"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def go(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    found = shutil.which("go")
    if found is None:
        pytest.skip("grpc-gateway: no Go toolchain here")
    settings = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", **environment}
    return subprocess.run(
        [found, *arguments], cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def plugins() -> list[str]:
    """Returns protoc's flags for the plugins, which are built once and kept in build/."""
    if not all((TOOLS / name).exists() for name in PLUGINS):
        TOOLS.mkdir(parents=True, exist_ok=True)
        packages = [f"{MODULE}/{name}@{VERSION}" for name in PLUGINS]
        done = go("install", *packages, folder=TOOLS, GOBIN=str(TOOLS), GOFLAGS="")
        if done.returncode and not any((TOOLS / name).exists() for name in PLUGINS):
            pytest.skip(f"grpc-gateway: its generators cannot be built here: {done.stderr.strip()[-300:]}")
    return [f"--plugin={name}={TOOLS / name}" for name in PLUGINS]


def test_openapi_v2_has_the_routes_of_the_protos(plugins: list[str], tmp_path: Path) -> None:
    options = "allow_merge=true,merge_file_name=reelops,json_names_for_fields=false"
    protoc(tmp_path, *plugins, f"--openapiv2_out={tmp_path}", f"--openapiv2_opt={options}", *sources())
    document = json.loads((tmp_path / "reelops.swagger.json").read_text())
    found = {(verb.upper(), path) for path, item in document["paths"].items() for verb in item}
    assert found == {(route.verb, route.path) for route in read_routes(read_descriptors(DESCRIPTORS))}


def test_a_gateway_in_go_is_generated_and_compiles(plugins: list[str], tmp_path: Path) -> None:
    if not (STUBS / "go.mod").exists():
        pytest.skip("grpc-gateway: there are no Go stubs to compile with")
    module = tmp_path / "module"
    shutil.copytree(STUBS, module, ignore=shutil.ignore_patterns("examples"))
    protoc(tmp_path, *plugins, f"--grpc-gateway_out={module}", "--grpc-gateway_opt=module=reelops.dev", *sources())
    generated = sorted(path.name for path in module.rglob("*.pb.gw.go"))
    assert "video_service.pb.gw.go" in generated
    got = go("get", f"{MODULE}@{VERSION}", folder=module)
    if got.returncode:
        pytest.skip(f"grpc-gateway: its runtime cannot be fetched here: {got.stderr.strip()[-300:]}")
    built = go("build", "./api/...", folder=module)
    assert built.returncode == 0, built.stderr
