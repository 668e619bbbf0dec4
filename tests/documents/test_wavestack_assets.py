"""Assets of the one library: uploaded over gRPC for an organisation, and those of SOPilot's videos."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import grpc
import httpx2
import pytest
from reelops.api.wavestack.v1 import asset_service_pb2 as pb
from reelops.api.wavestack.v1 import asset_service_pb2_grpc

from tests.documents import wavestack_shapes as shapes
from tests.documents.conftest import Stock
from tests.documents.shapes import assert_shape
from tests.documents.test_wavestack_core import create, outcome
from tests.flow import ingest, wait
from tests.service_fixture import RunningService

pytestmark = [pytest.mark.edge, pytest.mark.triton]


@pytest.fixture(scope="module")
def shop(service: RunningService) -> Iterator[httpx2.Client]:
    with service.organisation("org_123") as client:
        yield client


@pytest.fixture(scope="module")
def house(service: RunningService) -> Iterator[httpx2.Client]:
    with service.organisation("default") as client:
        yield client


def described(name: str, size_bytes: int) -> pb.UploadAssetRequest:
    description = pb.UploadAssetRequest.Description(name=name, size_bytes=size_bytes)
    return pb.UploadAssetRequest(description=description)


def send(service: RunningService, messages: list[pb.UploadAssetRequest]) -> pb.Asset:
    """Uploads as a client of org_123, through the edge."""
    metadata = (("authorization", f"Bearer {service.token()}"), ("x-org-id", "org_123"))
    with grpc.insecure_channel(service.core_url.removeprefix("http://")) as channel:
        stub = asset_service_pb2_grpc.AssetServiceStub(channel)
        return stub.UploadAsset(iter(messages), metadata=metadata, timeout=60).asset


def whole(content: bytes, name: str) -> list[pb.UploadAssetRequest]:
    step = 100_000
    chunks = [pb.UploadAssetRequest(chunk=content[at : at + step]) for at in range(0, len(content), step)]
    return [described(name, len(content)), *chunks]


def test_an_upload_is_an_asset_that_is_ready(service: RunningService, shop: httpx2.Client, stock: Stock) -> None:
    content = stock.tiny_file.read_bytes()
    sent = send(service, whole(content, "夏 🎬.mp4"))
    asset = shop.get(f"/api/assets/{sent.id}").json()
    assert_shape(asset, shapes.ASSET)
    assert (asset["orgId"], asset["type"], asset["status"], asset["name"]) == ("org_123", "video", "ready", "夏 🎬.mp4")
    assert (asset["contentType"], asset["sizeBytes"]) == ("video/mp4", len(content))
    assert (asset["width"], asset["height"]) == (320, 180)
    assert asset["error"] is None
    assert shop.get("/api/assets?type=video&status=ready&limit=1").json()["items"] == [asset]
    kept = next((service.data / "blobs" / "assets").glob(f"{sent.id}.*"))
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(content).digest()
    with service.organisation("org_999") as mill:
        assert mill.get(f"/api/assets/{sent.id}").status_code == 404
        assert sent.id not in mill.get("/api/assets?limit=100").text
        foreign = outcome(mill, create(mill, assetId=sent.id, projectId=None, scheduleAt=None))
    assert foreign["error"] == {"code": "ASSET_NOT_FOUND", "message": f"there is no asset {sent.id}"}
    due = outcome(shop, create(shop, assetId=sent.id, projectId=None, scheduleAt=None))
    assert due["error"]["code"] == "PUBLISHER_MISSING"
    assert all(platform in due["error"]["message"] for platform in due["platforms"])


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "STREAM_INVALID"),
        ([pb.UploadAssetRequest(chunk=b"x")], "STREAM_INVALID"),
        ([described("a.mp4", 3), pb.UploadAssetRequest(chunk=b"ab")], "UPLOAD_INCOMPLETE"),
        ([described("a.mp4", 1), described("b.mp4", 1)], "STREAM_INVALID"),
        ([described("a.mp4", 12), pb.UploadAssetRequest(chunk=b"not a video!")], "VIDEO_UNREADABLE"),
        ([described(" ", 1), pb.UploadAssetRequest(chunk=b"x")], "FIELD_INVALID"),
        ([pb.UploadAssetRequest()], "FIELD_INVALID"),
    ],
)
def test_a_wrong_upload_leaves_nothing(
    service: RunningService, shop: httpx2.Client, messages: list[pb.UploadAssetRequest], reason: str
) -> None:
    before = shop.get("/api/assets").json()["total"]
    with pytest.raises(grpc.RpcError) as refused:
        send(service, messages)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    trailing: Any = refused.value.trailing_metadata()
    assert dict(trailing)["x-error-code"] == reason
    assert shop.get("/api/assets").json()["total"] == before


@pytest.mark.parametrize("size_bytes", [(16 << 20) + 1, 2**63, 2**64 - 1])
def test_an_upload_that_is_too_large_is_refused_before_it_comes(service: RunningService, size_bytes: int) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        send(service, [described("a.mp4", size_bytes)])
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_video_of_the_house_is_an_asset_of_its_organisation(
    service: RunningService, house: httpx2.Client, stock: Stock
) -> None:
    task = f"assets {uuid4().hex}"
    with service.client() as admin:
        video_id = ingest(admin, stock.tiny_file, task)
        asset = house.get("/api/assets?status=ready&limit=1").json()["items"][0]
        assert_shape(asset, shapes.ASSET)
        assert (asset["type"], asset["name"]) == ("video", stock.tiny_file.name)
        assert asset["durationSec"] > 0
        with service.organisation() as stranger:
            assert stranger.get(f"/api/assets/{asset['id']}").status_code == 404
        assert admin.delete(f"/videos/{video_id}").status_code == 200
    assert house.get(f"/api/assets/{asset['id']}").status_code == 404


def test_a_file_that_is_no_video_becomes_a_failed_asset(service: RunningService, house: httpx2.Client) -> None:
    with service.client("operator") as operator:
        files = {"file": ("broken.mp4", b"no video at all")}
        answer = operator.post("/videos", data={"task_id": "broken"}, files=files)
        wait(operator, f"/videos/jobs/{answer.json()['ingest_job_id']}")
    asset = made_by(house, answer.json()["ingest_job_id"])
    while asset["status"] != "failed":
        time.sleep(0.1)
        asset = made_by(house, answer.json()["ingest_job_id"])
    assert asset["name"] == "broken.mp4"
    assert asset["error"]


def made_by(house: httpx2.Client, job_id: str) -> dict[str, Any]:
    """Finds the asset that a job makes."""
    (asset,) = [one for one in house.get("/api/assets?limit=100").json()["items"] if one["jobId"] == job_id]
    found: dict[str, Any] = asset
    return found
