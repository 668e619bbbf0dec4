"""The toolchains of the other clients: found, prepared, or named as the reason for a skip."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GO = ROOT / "clients" / "go"
TYPESCRIPT = ROOT / "clients" / "typescript"
_OFFLINE = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ENOTCACHED",
    "dial tcp",
    "no such host",
    "i/o timeout",
)
_OLD_GO = ("go.mod requires go >=", "invalid go version")


def run(*command: str, cwd: Path, timeout: float = 600, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def go_module() -> Path:
    """Returns the Go module with what it imports at hand."""
    if shutil.which("go") is None:
        pytest.skip("the Go client: no Go toolchain here")
    _expect(run("go", "mod", "download", cwd=GO, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly"), "the Go client")
    return GO


def typescript_package() -> Path:
    """Returns the TypeScript package with what it imports at hand."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("the TypeScript client: no node here")
    version = run("node", "--version", cwd=TYPESCRIPT).stdout.strip()
    if int(version.lstrip("v").partition(".")[0] or 0) < 20:
        pytest.skip(f"the TypeScript client: node {version} is older than 20")
    if not _installed():
        _expect(run("npm", "ci", "--ignore-scripts", "--prefer-offline", cwd=TYPESCRIPT), "the TypeScript client")
    return TYPESCRIPT


def _installed() -> bool:
    """Says whether node_modules is what the lock file asks for."""
    made = TYPESCRIPT / "node_modules" / ".package-lock.json"
    if not made.is_file():
        return False
    wanted = json.loads((TYPESCRIPT / "package-lock.json").read_text())["packages"]
    present = json.loads(made.read_text())["packages"]
    return all(
        present.get(name, {}).get("version") == package["version"]
        for name, package in wanted.items()
        if name and not package.get("optional")
    )


def _expect(done: subprocess.CompletedProcess[str], client: str) -> None:
    if done.returncode == 0:
        return
    said = done.stderr + done.stdout
    if any(sign in said for sign in _OFFLINE):
        pytest.skip(f"{client}: the packages it imports are not at hand, and there is no way to get them")
    if any(sign in said for sign in _OLD_GO):
        pytest.skip(f"{client}: this Go is older than its go.mod asks for")
    pytest.fail(f"{client} cannot be prepared:\n{said}")
