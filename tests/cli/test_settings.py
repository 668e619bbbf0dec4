"""Wrong settings end the program with a sentence, before anything starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from reelops.cli.doctor import _ports
from reelops.cli.lock import only_one
from reelops.cli.ports import taken_ports
from reelops.settings import Settings

from tests.database_fixture import copy_sqlite


def reelops(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reelops.cli.main", *arguments],
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SOPILOT_UPLOAD_MAX_MB": "many"}, "SOPILOT_UPLOAD_MAX_MB"),
        ({"SOPILOT_API_ROLE_TOKENS": "boss:secret-token"}, "names no role"),
        ({"SOPILOT_BASIC_USER": "ann"}, "SOPILOT_BASIC_PASSWORD"),
        ({"REELOPS_BIND": "0.0.0.0"}, "not loopback"),
        ({"REELOPS_BIND": "everywhere"}, "IPv4 or IPv6"),
        ({"SOPILOT_NIGHTLY_HOUR_LOCAL": "24"}, "SOPILOT_NIGHTLY_HOUR_LOCAL"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name(environment: dict[str, str], said: str, tmp_path: Path) -> None:
    ended = reelops("serve", "--data", str(tmp_path), **environment)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "secret-token" not in ended.stderr


def test_a_taken_port_is_named_with_what_it_is_for(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        said = taken_ports(Settings(data=tmp_path, grpc_port=port, port_offset=0))
    assert any(f"port {port} (gRPC server) is taken" in str(taken) for taken in said)


def test_the_doctor_knows_the_ports_of_a_service_that_runs_in_this_folder(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        settings = Settings(data=tmp_path / "mine", grpc_port=holder.getsockname()[1], port_offset=0)
        before = list(_ports(settings))
        with only_one(settings.folder):
            during = list(_ports(settings))
            moved = settings.model_copy(update={"grpc_port": free_port()})
            elsewhere = list(_ports(moved))
        after = list(_ports(settings))
    grpc = str(settings.port("grpc_port"))
    assert any(not finding.well and grpc in finding.said for finding in before)
    assert any(finding.well and "runs already" in finding.said and grpc in finding.said for finding in during)
    assert not any(not finding.well and grpc in finding.said for finding in during)
    assert any(not finding.well and "on other ports" in finding.said for finding in elsewhere)
    assert [finding.said for finding in after] == [finding.said for finding in before]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_empty_media_root_is_none_and_not_the_folder_that_one_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELOPS_MEDIA_ROOT", "")
    assert Settings().media_root is None


def test_clients_of_organisations_are_credentials_enough_for_other_addresses() -> None:
    clients = '[{"client_id": "a", "client_secret": "s", "org_id": "o"}]'
    assert Settings(bind="0.0.0.0", WAVESTACK_SERVICE_CLIENTS=clients).has_service_clients
    with pytest.raises(ValueError, match="not loopback"):
        Settings(bind="0.0.0.0", WAVESTACK_SERVICE_CLIENTS="  ")


def test_secrets_are_not_shown() -> None:
    settings = Settings(
        SOPILOT_API_ROLE_TOKENS="admin:very-secret",
        SOPILOT_AUDIT_SIGNING_KEY="also-secret",
        WAVESTACK_SERVICE_CLIENTS='[{"client_id": "a", "client_secret": "secret", "org_id": "o"}]',
        WAVESTACK_SIGNING_KEY_PASSPHRASE="secret",
    )
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("words", [("keys", "list"), ("clients", "list"), ("db", "version")])
def test_commands_that_read_the_database_load_nothing_heavy(
    empty_sqlite: Path, tmp_path: Path, words: tuple[str, str]
) -> None:
    copy_sqlite(empty_sqlite, tmp_path)
    heavy = {"numba", "av", "numpy", "reportlab", "usearch", "tritonclient", "PIL", "httpx2"}
    program = f"""
import sys
from reelops.cli.main import app
app({[*words, "--data", str(tmp_path)]!r}, standalone_mode=False)
print("loaded:", sorted({heavy!r} & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "loaded: []"
