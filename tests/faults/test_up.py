"""`reelops up` itself: interrupted, killed, started twice, on taken ports, on a trail that somebody touched."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from reelops.api.sopilot.v1 import audit_service_pb2, audit_service_pb2_grpc

from tests.faults.conftest import SETTINGS
from tests.faults.tidiness import await_tidy
from tests.flow import upload, wait
from tests.service_fixture import RunningService, free_offset, running_service

pytestmark = [pytest.mark.faults, pytest.mark.edge, pytest.mark.triton, pytest.mark.timeout(420)]


def test_jobs_go_on_after_a_stop_and_after_a_kill(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    with running_service(tmp_path, **SETTINGS) as first, first.client("operator") as client:
        jobs = [upload(client, path, "resumed") for path in pair * 2]
        first.up.send_signal(signal.SIGTERM)
        assert first.up.wait(60) == 0
        assert "stopped" in first.output.read_text().split()
        assert not _parts_of(tmp_path)
    with running_service(tmp_path, **SETTINGS) as second, second.client("operator") as client:
        jobs += [upload(client, path, "resumed") for path in pair]
        second.up.kill()
        second.up.wait()
        _await_no_parts(tmp_path)
    with running_service(tmp_path, **SETTINGS) as third, third.client("operator") as client:
        ended = [wait(client, f"/videos/jobs/{job}") for job in jobs]
        listed = client.get("/videos", params={"task_id": "resumed"}).json()["items"]
    assert {job["status"] for job in ended} == {"completed"}
    assert len({job["video_id"] for job in ended}) == len(listed) == 6
    await_tidy(tmp_path / "data")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    offset = free_offset()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 8000 + offset))
        other.listen()
        answer = _up(tmp_path, offset)
    assert answer.returncode != 0
    # Long lines are wrapped.
    said = " ".join((answer.stdout + answer.stderr).split())
    assert f"port {8000 + offset}" in said
    assert "SOPilot" in said and "--port-offset" in said
    assert f"process {os.getpid()}" in said
    assert "Traceback" not in said


def test_a_data_folder_has_one_service(victim: RunningService) -> None:
    answer = _up(victim.data, free_offset())
    assert answer.returncode != 0
    said = answer.stdout + answer.stderr
    assert str(victim.data) in said.replace("\n", "")
    assert "Traceback" not in said
    with victim.client() as client:
        assert client.get("/health").status_code == 200


def test_the_doctor_finds_nothing_wrong_with_a_running_service(victim: RunningService) -> None:
    answer = _reelops("doctor", victim.data, victim.offset)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "the service runs already" in answer.stdout
    assert "✗" not in answer.stdout
    moved = _reelops("doctor", victim.data, free_offset())
    assert moved.returncode == 1
    assert "on other ports" in moved.stdout


def test_an_entry_that_somebody_changed_is_found(victim: RunningService, film: Path) -> None:
    with victim.client("operator") as client:
        wait(client, f"/videos/jobs/{upload(client, film, 'tampered')}")
    assert _verified(victim).intact
    with _touched(victim, "UPDATE audit_entries SET requested_by = 'token:admin' WHERE sequence = ?", 2):
        found = _verified(victim)
        assert not found.intact
        assert found.first_broken_sequence == 2
    assert _verified(victim).intact


@contextlib.contextmanager
def _touched(service: RunningService, statement: str, sequence: int) -> Iterator[None]:
    """Changes the trail behind the service's back, as somebody with the file could, and undoes it."""
    with contextlib.closing(sqlite3.connect(service.data / "reelops.sqlite3", timeout=30)) as database:
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
        triggers = [sql for (sql,) in database.execute(query)]
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
        for (name,) in database.execute(names).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        (before,) = database.execute(
            "SELECT requested_by FROM audit_entries WHERE sequence = ?", (sequence,)
        ).fetchone()
        database.execute(statement, (sequence,))
        database.commit()
        try:
            yield
        finally:
            database.execute("UPDATE audit_entries SET requested_by = ? WHERE sequence = ?", (before, sequence))
            for sql in triggers:
                database.execute(sql)
            database.commit()


def _verified(service: RunningService) -> audit_service_pb2.VerifyAuditTrailResponse:
    with grpc.insecure_channel(service.grpc_address) as channel:
        return audit_service_pb2_grpc.AuditServiceStub(channel).VerifyAuditTrail(
            audit_service_pb2.VerifyAuditTrailRequest(),
            metadata=(("authorization", f"Bearer {service.tokens['viewer']}"),),
        )


def _up(data: Path, offset: int) -> subprocess.CompletedProcess[str]:
    return _reelops("up", data, offset)


def _reelops(name: str, data: Path, offset: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reelops.cli.main", name, "--data", str(data), "--port-offset", str(offset)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _parts_of(folder: Path) -> list[str]:
    """Finds the processes that work in a data folder, by what they were started with."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"REELOPS_DATA={folder / 'data'}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def _await_no_parts(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while (left := _parts_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left
