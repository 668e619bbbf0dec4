"""The thumbnail generator and the documentation pages as the document shows them, through the edge."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from tests.documents import wavestack_shapes as shapes
from tests.documents.shapes import Moment, assert_shape
from tests.media import write_video
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge]

DRAWN = {
    "thumbnail_id": str,
    "url": str,
    "dimensions": {"width": 1280, "height": 720},
    "generated_at": Moment,
    "asset_id": str,
}
DOCUMENTED = {
    "title": "Epic Gaming Moments",
    "style": "gaming",
    "options": {
        "include_face": True,
        "face_expression": "excited",
        "background": "gradient",
        "colors": ["#ff0000", "#0000ff"],
    },
}


@pytest.fixture(scope="module")
def painter(service: RunningService) -> Iterator[httpx2.Client]:
    """The documented base URL, without credentials: this is the trusted network."""
    with httpx2.Client(base_url=service.thumbnail_url, timeout=90.0) as client:
        yield client


@pytest.fixture(scope="module")
def coloured(service: RunningService) -> Path:
    """Three seconds: red, then green, then blue."""
    colours = [(220, 30, 30), (30, 200, 40), (30, 40, 220)]
    frames = [np.full((180, 320, 3), colours[number // 25], np.uint8) for number in range(75)]
    return write_video(service.media / "coloured.mp4", frames=frames, options={"g": "50"})


def picture(client: httpx2.Client, answer: httpx2.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    file = client.get("/thumbnails/" + answer.json()["url"].rsplit("/", 1)[1])
    assert (file.status_code, file.headers["content-type"]) == (200, "image/png")
    return Image.open(io.BytesIO(file.content)).convert("RGB")


def share_of(image: Image.Image, channel: int) -> float:
    """How much of the picture is clearly of one colour."""
    pixels = np.asarray(image).astype(int)
    others = [other for other in range(3) if other != channel]
    return float(np.mean(np.all([pixels[..., channel] > pixels[..., other] + 20 for other in others], axis=0)))


def test_the_documented_request(painter: httpx2.Client, service: RunningService) -> None:
    answer = painter.post("/api/v1/generate", json=DOCUMENTED)
    assert answer.status_code == 200, answer.text
    assert_shape(answer.json(), DRAWN)
    drawn = answer.json()
    assert drawn["url"] == f"{service.thumbnail_url}/thumbnails/{drawn['thumbnail_id']}.png"
    first = painter.get(f"/thumbnails/{drawn['thumbnail_id']}.png").content
    assert Image.open(io.BytesIO(first)).size == (1280, 720)
    again = painter.post("/api/v1/generate", json=DOCUMENTED).json()
    assert again["thumbnail_id"] != drawn["thumbnail_id"]
    assert painter.get(f"/thumbnails/{again['thumbnail_id']}.png").content == first
    part = painter.get(f"/thumbnails/{drawn['thumbnail_id']}.png", headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, b"\x89PNG\r\n\x1a\n")


def test_health(painter: httpx2.Client) -> None:
    assert_shape(painter.get("/health").json(), {"status": "healthy", "service": "thumbnail-generator", "version": str})


def test_the_frame_at_a_moment(painter: httpx2.Client, coloured: Path) -> None:
    for channel, moment in ((0, 0.96), (1, 1.0), (1, 1.96), (2, 2.0)):
        body = {
            "video_url": "coloured.mp4",
            "timestamp": moment,
            "style": "custom",
            "overlays": {"title": "INSANE CLUTCH", "subtitle": "You won't believe this!"},
        }
        answer = painter.post("/api/v1/generate/from-frame", json=body)
        shown = picture(painter, answer)
        assert answer.json()["timestamp"] == moment
        shares = [share_of(shown, other) for other in range(3)]
        assert shares.index(max(shares)) == channel, f"{moment}: {shares}"


def test_a_frame_speaks_for_itself(painter: httpx2.Client, coloured: Path) -> None:
    answer = painter.post("/api/v1/generate/from-frame", json={"video_url": "coloured.mp4", "style": "vlog"})
    assert_shape(answer.json(), {**DRAWN, "timestamp": float})
    assert 0 <= answer.json()["timestamp"] <= 3
    assert picture(painter, answer).size == (1280, 720)


def test_a_thumbnail_is_an_asset_of_its_organisation(service: RunningService, coloured: Path) -> None:
    with (
        service.organisation("org_123") as core,
        httpx2.Client(base_url=service.thumbnail_url, headers=dict(core.headers), timeout=90) as mine,
    ):
        drawn = mine.post("/api/v1/generate", json={"title": "夏 🎬 مرحبا", "style": "tutorial"}).json()
        asset = core.get(f"/api/assets/{drawn['asset_id']}").json()
        assert (asset["type"], asset["status"], asset["contentType"]) == ("thumbnail", "ready", "image/png")
        assert (asset["width"], asset["height"]) == (1280, 720)
    with (
        service.organisation("default") as other,
        httpx2.Client(base_url=service.thumbnail_url, headers=dict(other.headers), timeout=90) as theirs,
    ):
        assert theirs.get(f"/thumbnails/{drawn['thumbnail_id']}.png").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field", "constraint"),
    [
        ("", {}, "title", "required"),
        ("", {"title": ""}, "title", "required"),
        ("", {"title": "x" * 301}, "title", "max_length"),
        ("", {"title": "x", "style": "baroque"}, "style", "enum"),
        ("", {"title": "x", "options": {"colors": ["red"]}}, "options.colors", "pattern"),
        ("", {"title": "x", "options": {"colors": ["#fff"] * 7}}, "options.colors", "max_items"),
        ("", {"title": "x", "options": {"picture": "/etc/passwd"}}, "options.picture", "format"),
        ("/from-frame", {}, "video_url", "required"),
        ("/from-frame", {"video_url": "nothing.mp4"}, "video_url", "exists"),
        ("/from-frame", {"video_url": "coloured.mp4", "timestamp": -1}, "timestamp", "minimum"),
    ],
)
def test_bad_requests(
    painter: httpx2.Client, coloured: Path, path: str, body: dict[str, Any], field: str, constraint: str
) -> None:
    answer = painter.post(f"/api/v1/generate{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert_shape(answer.json(), shapes.refusal("VALIDATION_ERROR", field, constraint))


def test_a_moment_past_the_end_and_a_source_that_is_no_video(
    painter: httpx2.Client, service: RunningService, coloured: Path
) -> None:
    late = painter.post("/api/v1/generate/from-frame", json={"video_url": "coloured.mp4", "timestamp": 3.1})
    assert late.status_code == 400, late.text
    assert_shape(late.json(), shapes.refusal("VALIDATION_ERROR", "timestamp"))
    (service.media / "noise.bin").write_bytes(bytes(range(256)) * 50)
    noise = painter.post("/api/v1/generate/from-frame", json={"video_url": "noise.bin"})
    assert noise.status_code == 400, noise.text
    assert_shape(noise.json(), shapes.refusal("VALIDATION_ERROR", "video_url"))


def test_unknown_thumbnails(painter: httpx2.Client) -> None:
    for name in ("nothing.png", f"thumb_{'0' * 26}.png", "..%2fx.png"):
        assert painter.get(f"/thumbnails/{name}").json()["error"]["code"] == "NOT_FOUND"


class Addresses(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "spec-url")]


@pytest.mark.parametrize("page", ["/api/docs", "/api/redoc", "/api/redoc?surface=core"])
def test_the_pages_load_everything_from_here(service: RunningService, page: str) -> None:
    with httpx2.Client(base_url=service.url, timeout=60) as client:
        shown = client.get(page)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "default-src 'self'" in shown.headers["content-security-policy"]
        parser = Addresses()
        parser.feed(shown.text)
        assert parser.found
        for address in parser.found:
            assert "://" not in address
            assert client.get(f"/api/{address}").status_code == 200, address


def test_the_document_names_this_server(service: RunningService) -> None:
    with httpx2.Client(base_url=service.url, timeout=60) as client:
        document = client.get("/api/openapi.json").json()
        assert (document["openapi"], document["info"]["title"]) == ("3.1.0", "WaveStack Clipper")
        assert document["servers"] == [{"url": f"http://localhost:{8000 + service.offset}"}]
        unknown = client.get("/api/openapi.json", params={"surface": "nowhere"})
        assert unknown.status_code == 404
        assert_shape(unknown.json(), shapes.refusal("NOT_FOUND", "surface"))
