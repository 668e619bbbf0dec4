"""Both SDKs, their examples and the code of their READMEs on the whole service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import httpx2
import pytest
from PIL import Image

from tests.clients import toolchains
from tests.clients.wavestack.scripted import Drop, Lose, Pass, scripted
from tests.clients.wavestack.speakers import Refusal, Speak
from tests.media import write_video
from tests.service_fixture import ORGANISATIONS, RunningService

pytestmark = [pytest.mark.edge, pytest.mark.timeout(300)]

README_OF = {
    "python": toolchains.ROOT / "clients" / "python" / "wavestack" / "README.md",
    "ts": toolchains.TYPESCRIPT / "wavestack" / "README.md",
}
SOURCE = "cut-by-the-sdks.mp4"


@pytest.fixture(scope="module")
def video(service: RunningService) -> Path:
    """Six seconds of numbered frames below the media root."""
    return write_video(service.media / SOURCE, count=150, options={"g": "50"})


def key_of(org_id: str = "org_123") -> str:
    client = ORGANISATIONS[org_id]
    return f"{client['client_id']}:{client['client_secret']}"


def on(service: RunningService, org_id: str = "org_123") -> dict[str, Any]:
    """Returns what makes a client speak to the service; the other services are found from the core's port."""
    return {"base_url": service.core_url, "api_key": key_of(org_id), "org_id": org_id}


def frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_from_a_video_to_the_queue(speak: Speak, service: RunningService, video: Path, tmp_path: Path) -> None:
    goal, drawn, framed = tmp_path / "clip.mp4", tmp_path / "drawn.png", tmp_path / "framed.png"
    with speak(**on(service)) as client:
        project = client.call("projects.create", name="SDK 名前", description="Project description")
        assert project in client.call("projects.iterate")
        created = client.call("clipper.create", source=video.name, start_sec=1.2, duration_sec=2)
        clip = client.call("clipper.wait", created["job_id"], poll_sec=0.1)
        assert client.progress[-1] == clip
        client.call("clipper.download", clip["job_id"], str(goal))
        assert (goal.stat().st_size, frames_of(goal)) == (clip["result"]["size_bytes"], 50)
        asset = client.call("assets.get", clip["result"]["asset_id"])
        assert (asset["type"], asset["status"], asset["job_id"]) == ("clip", "ready", clip["job_id"])
        assert asset in client.call("assets.list", type="clip", status="ready", limit=100)["items"]
        for path, thumbnail in (
            (drawn, client.call("thumbnails.generate", title="Epic", style="gaming", include_face=True)),
            (framed, client.call("thumbnails.from_frame", video_url=asset["id"], timestamp=0.5, title="CLUTCH")),
        ):
            client.call("thumbnails.download", thumbnail["thumbnail_id"], str(path))
            assert Image.open(path).size == (1280, 720)
        assert client.call("assets.get", thumbnail["asset_id"])["source_asset_id"] == asset["id"]
        wanted = {"project_id": project["id"], "asset_id": asset["id"], "hashtags": ["gaming"]}
        made = [client.call("queue.create", title=title, platforms=["x"], **wanted) for title in ("One", "Two 🎬", "3")]
        shown = client.call("queue.get", made[1]["id"])
        assert {name: shown[name] for name in wanted} == wanted
        assert (shown["title"], shown["platforms"], shown["created_at"]) == ("Two 🎬", ["x"], made[1]["created_at"])
        listed = client.call("queue.iterate", project_id=project["id"], page_size=2)
        assert [each["id"] for each in listed] == [each["id"] for each in reversed(made)]
        assert client.call("queue.list", project_id=project["id"], limit=2)["total"] == 3


def test_what_is_deleted_is_gone(speak: Speak, service: RunningService) -> None:
    with speak(**on(service)) as client:
        item = client.call(
            "queue.create", title="Later", platforms=["youtube"], schedule_at=datetime(2999, 1, 20, 12, tzinfo=UTC)
        )
        assert client.call("queue.get", item["id"])["schedule_at"] == "2999-01-20T12:00:00.000Z"
        client.call("queue.delete", item["id"])
        for method in ("queue.get", "queue.delete"):
            with pytest.raises(Refusal) as refused:
                client.call(method, item["id"])
            assert refused.value.kind == "NotFoundError"
            assert refused.value.said["reason"] == "QUEUE_ITEM_NOT_FOUND"


def test_errors_are_typed(speak: Speak, service: RunningService) -> None:
    item: dict[str, Any] = {"title": "My Video", "platforms": ["youtube"]}
    with speak(**on(service)) as client:
        for method, kwargs, field, constraint in (
            ("queue.create", {**item, "title": "x" * 121}, "title", "max_length"),
            ("queue.create", {**item, "platforms": ["myspace"]}, "platforms", "enum"),
            ("clipper.create", {"source": "asset_1", "start_sec": 0, "duration_sec": 0.5}, "duration_sec", None),
            ("thumbnails.generate", {"title": ""}, "title", "required"),
        ):
            with pytest.raises(Refusal) as refused:
                client.call(method, **kwargs)
            said = refused.value.said
            assert (refused.value.kind, said["status"], said["field"]) == ("ValidationError", 400, field)
            assert constraint in (None, said["constraint"])
        key = str(uuid4())
        ours = client.call("queue.create", **item, idempotency_key=key)
        assert client.call("queue.create", **item, idempotency_key=key)["id"] == ours["id"]
        with pytest.raises(Refusal) as refused:
            client.call("queue.create", title="Another", platforms=["x"], idempotency_key=key)
        assert refused.value.kind == "ConflictError"
    for options, method, args, kind in (
        (on(service, "org_999"), "queue.get", (ours["id"],), "NotFoundError"),
        ({**on(service), "api_key": "client-of-org_123:wrong"}, "queue.list", (), "UnauthorizedError"),
        ({**on(service), "api_key": "no-token"}, "queue.list", (), "UnauthorizedError"),
        ({**on(service), "api_key": service.token("org_999")}, "queue.list", (), "ForbiddenError"),
    ):
        with speak(**options) as client, pytest.raises(Refusal) as refused:
            client.call(method, *args)
        assert refused.value.kind == kind


def test_nothing_is_created_twice_though_answers_are_lost(speak: Speak, service: RunningService) -> None:
    project = f"proj_{uuid4().hex}"
    with scripted(upstream=service.core_url) as lossy:
        lossy.on("POST /api/queue", Lose(), Drop(), Lose())
        with speak(**{**on(service), "base_url": lossy.url}) as client:
            made = client.call("queue.create", title="Once", platforms=["youtube"], project_id=project)
            assert [each["id"] for each in client.call("queue.list", project_id=project)["items"]] == [made["id"]]
            lossy.on(f"DELETE /api/queue/{made['id']}", Lose())
            client.call("queue.delete", made["id"])
            assert client.call("queue.list", project_id=project)["total"] == 0
        lossy.check()


def test_a_clip_whose_answer_is_lost_is_cut_once(speak: Speak, service: RunningService, video: Path) -> None:
    with scripted(upstream=service.clipper_url) as lossy, speak(**on(service), clipper_url=lossy.url) as client:
        before = client.call("assets.list", type="clip")["total"]
        lossy.on("POST /api/v1/clip", Lose())
        with pytest.raises(Refusal) as refused:
            client.call("clipper.create", source=video.name, start_sec=0, duration_sec=1)
        assert (refused.value.kind, refused.value.said["sent"]) == ("WaveStackConnectionError", True)
        newest = client.call("assets.list", type="clip", limit=1)
        assert newest["total"] == before + 1
        client.call("clipper.wait", newest["items"][0]["job_id"], poll_sec=0.1)
        assert client.call("assets.list", type="clip")["total"] == before + 1


def test_a_file_of_the_service_comes_whole_over_lost_connections(
    speak: Speak, service: RunningService, video: Path, tmp_path: Path
) -> None:
    goal = tmp_path / "clip.mp4"
    with scripted(upstream=service.clipper_url) as lossy, speak(**on(service), clipper_url=lossy.url) as client:
        job_id = client.call("clipper.create", source=video.name, start_sec=0, duration_sec=4)["job_id"]
        clip = client.call("clipper.wait", job_id, poll_sec=0.1)
        route = f"GET /files/{job_id}.mp4"
        lossy.on(route, Pass(cut=clip["result"]["size_bytes"] // 2), Drop(), Pass(cut=1000))
        client.call("clipper.download", job_id, str(goal))
        lossy.check()
    assert goal.read_bytes() == httpx2.get(f"{service.clipper_url}/files/{job_id}.mp4").content


def run(service: RunningService, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program as a person would, with the service and the credentials in its environment."""
    return toolchains.run(
        *command,
        cwd=cwd,
        PYTHONPATH=os.pathsep.join(("server", "clients/python")),
        WAVESTACK_URL=service.core_url,
        WAVESTACK_API_KEY=key_of(),
        WAVESTACK_ORG_ID="org_123",
    )


def test_the_python_example_runs(service: RunningService, video: Path, tmp_path: Path) -> None:
    goal, thumbnail = tmp_path / "clip.mp4", tmp_path / "thumbnail.png"
    program = "clients/python/examples/cut_and_queue.py"
    told = ("--start", "1", "--duration", "2", "--clip", str(goal), "--thumbnail", str(thumbnail))
    for source, code, said in ((video.name, 0, "queued: "), ("nothing.mp4", 1, "failed: ")):
        done = run(service, sys.executable, program, source, *told, cwd=toolchains.ROOT)
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr + done.stdout
        assert "Traceback" not in done.stderr
    assert (frames_of(goal), Image.open(thumbnail).size) == (50, (1280, 720))


def test_the_typescript_example_runs(sdk: Path, service: RunningService, video: Path, tmp_path: Path) -> None:
    goal, thumbnail = tmp_path / "clip.mp4", tmp_path / "thumbnail.png"
    for source, code, said in ((video.name, 0, "queued: "), ("nothing.mp4", 1, "failed: ")):
        program = "dist/examples/cut_and_queue.js"
        done = run(service, "node", program, source, "1", "2", str(goal), str(thumbnail), cwd=sdk)
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr + done.stdout
    assert (frames_of(goal), Image.open(thumbnail).size) == (50, (1280, 720))


def readme_code(language: str, service: RunningService, goal: Path) -> str:
    """Returns the code of a README, spoken to the service at hand."""
    found = re.search(rf"```{language}\n(.*?)```", README_OF[language].read_text("utf-8"), re.DOTALL)
    assert found
    code = re.sub(r"(?i)(duration_?sec\W+)15", r"\g<1>2", found[1])
    for shown, meant in (
        ("http://localhost:3000", service.core_url),
        ("your-client-id:your-client-secret", key_of()),
        ("https://example.com/video.mp4", SOURCE),
        ("clip.mp4", str(goal)),
        ("30,", "1,"),
    ):
        assert shown in code
        code = code.replace(shown, meant)
    return code


@pytest.mark.parametrize("language", ["python", "ts"])
def test_the_code_of_the_readme_runs(
    request: pytest.FixtureRequest, service: RunningService, video: Path, tmp_path: Path, language: str
) -> None:
    goal = tmp_path / "clip.mp4"
    code = readme_code(language, service, goal)
    if language == "python":
        done = run(service, sys.executable, "-c", code, cwd=toolchains.ROOT)
    else:
        package: Path = request.getfixturevalue("sdk")
        program = package / "dist" / f"readme-{uuid4().hex}.mjs"
        program.write_text(code, "utf-8")
        done = run(service, "node", str(program), cwd=package)
        program.unlink()
    assert done.returncode == 0, done.stderr
    assert "100" in done.stdout.split()
    assert frames_of(goal) == 50
