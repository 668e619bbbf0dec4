"""The commands of operators, as a person types them, on a SOPilot in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
import typer
from reelops.cli import audit, jobs, operate, service, steps
from reelops_client import Job
from typer.testing import CliRunner, Result

from tests.clients.conftest import Takes, fake, takes
from tests.clients.sopilot_fake import FakeService, exports

__all__ = ["fake", "takes"]

Type = Callable[..., Result]


@pytest.fixture
def type_in(fake: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Type:
    app = typer.Typer(pretty_exceptions_enable=False)
    operate.add_to(app)
    steps.add_to(app)
    app.add_typer(jobs.app, name="jobs")
    app.add_typer(audit.app, name="audit")
    monkeypatch.setenv("REELOPS_GRPC_ADDRESS", fake.grpc_address)
    monkeypatch.setenv("REELOPS_TOKEN", fake.tokens["admin"])
    monkeypatch.setenv("REELOPS_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SOPILOT_AUDIT_SIGNING_KEY", raising=False)
    monkeypatch.setattr(service.out, "width", 200)
    monkeypatch.setattr(service.err, "width", 200)
    runner = CliRunner()

    def run(*words: object) -> Result:
        # The consoles write to the streams of the moment only where they have none of their own.
        service.out.file = service.err.file = None  # type: ignore[assignment]
        return runner.invoke(app, [str(word) for word in words], catch_exceptions=False)

    return run


def test_videos_are_uploaded_and_scored(type_in: Type, takes: Takes, tmp_path: Path) -> None:
    gold = type_in("upload", takes.gold, "--task", "t", "--role", "gold")
    assert gold.exit_code == 0, gold.output
    assert "video 1, 12 clips" in gold.output
    assert "video 2" in type_in("upload", takes.trainee, "--task", "t").output
    scored = type_in("score", 1, 2, "--report", tmp_path / "r.pdf")
    assert scored.exit_code == 0, scored.output
    assert "score 87.5 of 100" in scored.output
    assert "step_missing" in scored.output
    assert "30.0-45.0 s" in scored.output
    assert "-12.5" in scored.output
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert "0.900" in type_in("search", "t", 1, 0).output


def test_a_score_is_waited_for_and_its_report_saved_later(type_in: Type, takes: Takes, tmp_path: Path) -> None:
    for role in ("gold", "trainee"):
        type_in("upload", takes.trainee, "--task", "t", "--role", role)
    assert "job score-3" in type_in("score", 1, 2, "--no-wait").output
    assert "completed" in type_in("wait", "score-3").output
    assert type_in("report", "score-3", tmp_path / "r.pdf").exit_code == 0


def test_steps_are_saved_edited_and_set(type_in: Type, takes: Takes, tmp_path: Path) -> None:
    assert "no gold video" in type_in("steps", "t").output
    type_in("upload", takes.gold, "--task", "t", "--role", "gold")
    type_in("upload", takes.trainee, "--task", "t")
    file = tmp_path / "steps.json"
    assert "found" in type_in("steps", "t", "--save", file).output
    edited = json.loads(file.read_text("utf-8"))
    edited["steps"] = [
        {"name": "プレート", "start_sec": 0, "end_sec": 20, "expected_sec": 25, "critical": True},
        {"name": "Drive [the] screws", "start_sec": 20, "end_sec": 48},
    ]
    file.write_text(json.dumps(edited), "utf-8")
    kept = type_in("steps", "t", "--load", file)
    assert kept.exit_code == 0, kept.output
    assert all(
        word in kept.output for word in ("set by token:admin", "プレート", "25.0 s", "yes", "Drive [the] screws")
    )
    stale = type_in("steps", "t", "--load", file)
    assert (stale.exit_code, "changed meanwhile" in stale.output) == (1, True)
    assert "Step 1" in type_in("steps", "t", "--gold", 1, "--reset").output
    file.write_text("{", "utf-8")
    assert "holds no steps" in type_in("steps", "t", "--load", file).output


def test_a_refusal_is_one_sentence(type_in: Type, fake: FakeService) -> None:
    refused = type_in("score", 1, 2)
    assert refused.exit_code == 1
    assert "error: There is no such video. [VIDEO_UNKNOWN] (request " in refused.output
    fake.plan("CreateScore", grpc.StatusCode.INTERNAL)
    assert type_in("score", 1, 2).exit_code == 1


def test_a_failed_ingest_says_why(type_in: Type, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"not a video at all")
    failed = type_in("upload", tmp_path / "notes.txt", "--task", "t")
    assert failed.exit_code == 1
    assert "The file is not a video." in failed.output


def test_jobs_are_listed_watched_and_cancelled(type_in: Type, takes: Takes, fake: FakeService) -> None:
    type_in("upload", takes.trainee, "--task", "t[red]", "--no-wait")
    listed = type_in("jobs", "list", "--state", "queued")
    assert "ingest-1" in listed.output
    assert "t[red]" in listed.output
    assert "cancelled" in type_in("jobs", "cancel", "ingest-1").output
    assert fake.state.work["ingest-1"].job.state == Job.STATE_CANCELLED
    watched = type_in("jobs", "watch", "--until-idle")
    assert watched.exit_code == 0
    assert "The job was cancelled." in watched.output
    again = type_in("jobs", "cancel", "ingest-1")
    assert again.exit_code == 1
    assert "JOB_FINISHED" in again.output


def test_one_job_is_watched_until_it_ends(type_in: Type, takes: Takes) -> None:
    for _ in range(2):
        type_in("upload", takes.trainee, "--task", "t", "--no-wait")
    type_in("jobs", "cancel", "ingest-2")
    watched = type_in("jobs", "watch", "ingest-1")
    assert watched.exit_code == 0
    assert "ingest-1" in watched.output and "completed" in watched.output
    assert "ingest-2" not in watched.output
    cancelled = type_in("jobs", "watch", "ingest-2")
    assert (cancelled.exit_code, "The job was cancelled." in cancelled.output) == (1, True)
    unknown = type_in("jobs", "watch", "ingest-9")
    assert (unknown.exit_code, "error:" in unknown.output) == (1, True)


def test_an_unknown_state_is_refused(type_in: Type) -> None:
    refused = type_in("jobs", "list", "--state", "lost")
    assert refused.exit_code == 1
    assert "queued, running" in refused.output


def test_the_trail_is_shown_and_verified(type_in: Type) -> None:
    shown = type_in("audit", "trail")
    assert "delete" in shown.output
    verified = type_in("audit", "verify")
    assert "intact: 3 entries" in verified.output
    noted = exports.entries()[1]["entry_hash"]
    assert type_in("audit", "verify", "--head", noted).exit_code == 0
    shortened = type_in("audit", "verify", "--head", "0" * 64)
    assert shortened.exit_code == 1
    assert "shortened" in shortened.output


def test_an_export_is_saved_and_checked_without_the_service(type_in: Type, tmp_path: Path) -> None:
    goal, key = tmp_path / "audit.json", tmp_path / "key"
    assert type_in("audit", "export", goal).exit_code == 0
    key.write_text(exports.KEY + "\n")
    genuine = type_in("audit", "check", goal, "--key-file", key)
    assert genuine.exit_code == 0, genuine.output
    assert "genuine: 3 entries" in genuine.output
    assert "no key" in type_in("audit", "check", goal).output
    goal.write_bytes(goal.read_bytes().replace(b"87.5", b"97.5"))
    forged = type_in("audit", "check", goal, "--key-file", key)
    assert forged.exit_code == 1
    assert "cannot be trusted" in forged.output


def test_the_credentials_of_the_service_on_this_machine_are_found(
    type_in: Type, fake: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("REELOPS_TOKEN")
    refused = type_in("jobs", "list")
    assert refused.exit_code == 1
    assert "CREDENTIALS_INVALID" in refused.output
    data = tmp_path / "data"
    data.mkdir()
    (data / "credentials.json").write_text(
        json.dumps({"tokens": dict(fake.tokens), "audit_signing_key": exports.KEY, "audit_signing_key_id": "x"})
    )
    assert type_in("jobs", "list").exit_code == 0
    goal = tmp_path / "audit.json"
    assert type_in("audit", "export", goal).exit_code == 0
    assert type_in("audit", "check", goal).exit_code == 0


def test_a_user_and_password_are_taken(type_in: Type, fake: FakeService) -> None:
    assert type_in("jobs", "list", "--user", ":".join(fake.basic)).exit_code == 0


def test_every_command_explains_itself(type_in: Type) -> None:
    for words in (["upload"], ["score"], ["wait"], ["report"], ["search"], ["jobs", "watch"], ["audit", "verify"]):
        explained = type_in(*words, "--help")
        assert explained.exit_code == 0
        assert "--address" in explained.output
