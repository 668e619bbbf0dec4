"""Uploads: forms of every order, names of every script, and everything that is wrong with a form."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.documents.conftest import Stock
from tests.documents.test_sopilot_refusals import assert_refused
from tests.flow import ingest, wait
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]

_EDGE = "----form-boundary"
_KIND = {"content-type": f"multipart/form-data; boundary={_EDGE}"}


def form(*parts: tuple[str, bytes] | tuple[str, bytes, str], closed: bool = True) -> bytes:
    """Writes a form as bytes: (name, value) or (name, value, filename), in the given order."""
    text = bytearray()
    for part in parts:
        named = f'; filename="{part[2]}"' if len(part) == 3 else ""
        text += f'--{_EDGE}\r\nContent-Disposition: form-data; name="{part[0]}"{named}\r\n\r\n'.encode()
        text += part[1] + b"\r\n"
    return bytes(text) + (f"--{_EDGE}--\r\n".encode() if closed else b"")


@pytest.fixture(scope="module")
def film(stock: Stock) -> bytes:
    """A small video's bytes."""
    return stock.tiny_file.read_bytes()


def test_fields_come_in_any_order(operator: httpx2.Client, film: bytes) -> None:
    jobs = []
    for body in (
        form(("task_id", b"order"), ("role", b"gold"), ("file", film, "a.mp4")),
        form(("file", film, "a.mp4"), ("role", b"gold"), ("task_id", b"order")),
        form(("role", b"gold"), ("file", film, "a.mp4"), ("site_id", b""), ("task_id", b"order")),
    ):
        answer = operator.post("/videos", content=body, headers=_KIND)
        assert answer.status_code == 200, answer.text
        jobs.append(wait(operator, f"/videos/jobs/{answer.json()['ingest_job_id']}"))
    assert {(job["status"], job["task_id"], job["role"]) for job in jobs} == {("completed", "order", "gold")}
    assert operator.get(f"/videos/{jobs[2]['video_id']}").json()["site_id"] is None


def test_gold_is_gold_whatever_the_form_says(operator: httpx2.Client, film: bytes) -> None:
    body = form(("task_id", b"forced"), ("role", b"trainee"), ("file", film, "a.mp4"))
    answer = operator.post("/gold", content=body, headers=_KIND)
    assert wait(operator, f"/videos/jobs/{answer.json()['ingest_job_id']}")["role"] == "gold"


def test_a_form_may_come_without_a_length(operator: httpx2.Client, film: bytes) -> None:
    body = form(("task_id", b"chunked"), ("file", film, "a.mp4"))

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(body), 3001):
            yield body[at : at + 3001]

    assert operator.post("/videos", content=pieces(), headers=_KIND).status_code == 200


def test_names_of_every_script_come_back(operator: httpx2.Client, stock: Stock) -> None:
    names = ["組立ライン１ — 手順", "خط التجميع", "🎬👩🏽‍🔧 task", "é combining", "a/b?c=d&e#f %41", '"quoted" \\ back']
    for name in names[:3]:
        video = ingest(operator, stock.tiny_file, name, site_id=name, camera_id=name)
        shown = operator.get(f"/videos/{video}").json()
        assert (shown["task_id"], shown["site_id"], shown["camera_id"]) == (name, name, name)
        listed = operator.get("/videos", params={"task_id": name}).json()["items"]
        assert [item["video_id"] for item in listed] == [video]
    for name in names[3:]:
        answer = operator.post("/videos", data={"task_id": name}, files={"file": (f"{name}.mp4", b"none")})
        assert answer.status_code == 200, answer.text
        assert operator.get(f"/videos/jobs/{answer.json()['ingest_job_id']}").json()["task_id"] == name


@pytest.mark.parametrize(
    "name", ["長" * 1300 + ".mp4", "🎬.mp4", "../../../etc/passwd", "a\\..\\b.mp4", "x" * 4000, ".mp4"]
)
def test_any_file_name_will_do(operator: httpx2.Client, film: bytes, name: str) -> None:
    body = form(("task_id", b"files"), ("file", film, name))
    answer = operator.post("/videos", content=body, headers=_KIND)
    assert answer.status_code == 200, answer.text
    job = wait(operator, f"/videos/jobs/{answer.json()['ingest_job_id']}")
    assert job["status"] == "completed", job
    file = operator.get(f"/videos/{job['video_id']}/file")
    assert file.content == film
    assert f"video_{job['video_id']}" in file.headers["content-disposition"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (form(("file", b"x", "a.mp4")), "task_id"),
        (form(("task_id", b""), ("file", b"x", "a.mp4")), "task_id"),
        (form(("task_id", b"  "), ("file", b"x", "a.mp4")), "task_id"),
        (form(("task_id", b"t")), "file"),
        (form(("task_id", b"t"), ("file", b"", "a.mp4")), "empty"),
        (form(("task_id", b"t"), ("role", b"boss"), ("file", b"x", "a.mp4")), "role"),
        (form(("task_id", b"t"), ("role", b"GOLD"), ("file", b"x", "a.mp4")), "role"),
        (form(("task_id", b"t"), ("file", b"x", "a.mp4"), ("file", b"y", "b.mp4")), "more than one file"),
        (form(("task_id", b"t"), ("task_id", b"u"), ("file", b"x", "a.mp4")), "twice"),
        (form(("task_id", b"x" * 256), ("file", b"x", "a.mp4")), "task_id"),
        (form(("task_id", "組".encode() * 1400), ("file", b"x", "a.mp4")), "task_id"),
        (form(("task_id", b"t"), ("site_id", b"x" * 4096), ("file", b"x", "a.mp4")), "site_id"),
        (form(("task_id", b"\xff\xfe"), ("file", b"x", "a.mp4")), "task_id"),
        (form(("task_id", b"a\x00b"), ("file", b"x", "a.mp4")), "task_id"),
        (form(("task_id", b"t"), ("privacy_mask", b"nonsense"), ("file", b"x", "a.mp4")), "mask"),
        (form(("task_id", b"t"), ("file", b"x", "a.mp4"), closed=False), "form"),
        (form(("task_id", b"t"), ("file", b"x", "a.mp4"))[:60], "form"),
        (form(), "form"),
        (b"", "body"),
        (b"no form at all", "form"),
        (form(*((f"f{number}", b"x") for number in range(100))), "parts"),
        (form(("a" * 20_000, b"x")), "header"),
        (form(("task_id", b"x" * 100_000)), "long"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(operator: httpx2.Client, body: bytes, named: str) -> None:
    for path in ("/videos", "/gold"):
        if named == "role" and path == "/gold":
            continue
        assert named in assert_refused(operator.post(path, content=body, headers=_KIND), 400)


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x", "", "; boundary=x"]
)
def test_an_upload_has_to_be_a_form(operator: httpx2.Client, kind: str) -> None:
    assert_refused(operator.post("/videos", content=b'{"a": 1}', headers={"content-type": kind}), 400, 415)


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_past_the_limit_is_a_413(service: RunningService, announced: bool) -> None:
    start = form(("task_id", b"large"), ("file", b"", "a.mp4"), closed=False)[:-2]

    def pieces() -> Iterator[bytes]:
        yield start
        for _ in range(17):
            yield bytes(1 << 20)

    with service.client("operator") as client:
        length = {"content-length": str(len(start) + (17 << 20))} if announced else {}
        answer = client.post("/videos", content=pieces(), headers={**_KIND, **length})
    assert_refused(answer, 413)
    assert not list((service.data / "staging").iterdir())


def test_nothing_is_left_of_what_was_refused(service: RunningService, operator: httpx2.Client) -> None:
    for body in (form(("file", b"x" * 9000, "a.mp4")), form(("task_id", b"t"), ("file", b"x", "a"), closed=False)):
        assert_refused(operator.post("/videos", content=body, headers=_KIND), 400)
    assert not list((service.data / "staging").iterdir())
