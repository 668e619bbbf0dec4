"""What people and machines are told of a request that breaks the rules of its proto."""

from __future__ import annotations

import pickle

import protovalidate
import pytest
from google.protobuf.message import Message
from reelops import errors
from reelops.api.sopilot.v1.scoring_service_pb2 import CreateScoreRequest
from reelops.api.wavestack.v1.asset_service_pb2 import UploadAssetRequest
from reelops.api.wavestack.v1.auth_service_pb2 import IssueTokenRequest
from reelops.api.wavestack.v1.clip_service_pb2 import CreateClipRequest
from reelops.api.wavestack.v1.queue_service_pb2 import CreateQueueItemRequest, ListQueueItemsRequest
from reelops.api.wavestack.v1.thumbnail_service_pb2 import GenerateThumbnailRequest
from reelops.rpc.edge.speech import Speech, speech_of
from reelops.rpc.violations import ViolatedRules, check_rules

VALIDATOR = protovalidate.Validator()
CORE, CLIPPER, GRPC = speech_of("core"), speech_of("clipper"), Speech()
Options = GenerateThumbnailRequest.Options


def violated(message: Message) -> ViolatedRules:
    with pytest.raises(ViolatedRules) as caught:
        check_rules(VALIDATOR, message)
    return caught.value


def item(**changes: object) -> CreateQueueItemRequest:
    return CreateQueueItemRequest(**({"title": "t", "platforms": [1], "idempotency_key": "k"} | changes))  # type: ignore[arg-type]


def clip(**changes: object) -> CreateClipRequest:
    return CreateClipRequest(**({"source": "x", "start_sec": 0, "duration_sec": 5} | changes))  # type: ignore[arg-type]


PLATFORMS = "youtube, instagram, tiktok, x, facebook, linkedin"
CASES: list[tuple[Message, str, str, str]] = [
    (item(title=""), "title", "required", "title is required"),
    (item(title="x" * 121), "title", "max_length", "title must have at most 120 characters"),
    (item(idempotency_key=""), "idempotencyKey", "required", "idempotencyKey is required"),
    (item(project_id=""), "projectId", "min_length", "projectId must not be empty"),
    (item(platforms=[]), "platforms", "min_items", "platforms must have at least 1 entry"),
    (item(platforms=[1, 1]), "platforms", "unique", "platforms must not have an entry twice"),
    (item(platforms=[1, 77]), "platforms", "enum", f"platforms[1] must be one of {PLATFORMS}"),
    (item(platforms=[0]), "platforms", "enum", f"platforms[0] must be one of {PLATFORMS}"),
    (item(hashtags=["a", ""]), "hashtags", "min_length", "hashtags[1] must not be empty"),
    (item(hashtags=["a"] * 61), "hashtags", "max_items", "hashtags must have at most 60 entries"),
    (item(hashtags=["a", "b\x00"]), "hashtags", "format", "hashtags[1] must not contain NUL"),
    (ListQueueItemsRequest(limit=0), "limit", "minimum", "limit must be from 1 to 100"),
    (ListQueueItemsRequest(limit=101), "limit", "maximum", "limit must be from 1 to 100"),
    (ListQueueItemsRequest(offset=1 << 31), "offset", "maximum", "offset must be at most 2147483647"),
    (ListQueueItemsRequest(status=9), "status", "enum", "status must be one of queued, processing, published, failed"),  # type: ignore[arg-type]
    (IssueTokenRequest(client_secret="x", org_id="o"), "client_id", "required", "client_id is required"),
    (UploadAssetRequest(), "content", "required", "content is required"),
]


@pytest.mark.parametrize(("message", "field", "constraint", "sentence"), CASES, ids=[case[3][:40] for case in CASES])
def test_a_broken_rule_is_told_as_the_core_spells_fields(
    message: Message, field: str, constraint: str, sentence: str
) -> None:
    error = violated(message)
    assert error.broken[0].field(CORE) == field
    assert error.details["constraint"] == constraint
    assert error.sentence(CORE) == sentence


@pytest.mark.parametrize(
    ("message", "field", "constraint", "sentence"),
    [
        (clip(start_sec=-1), "start_sec", "minimum", "start_sec must be at least 0"),
        (clip(duration_sec=3601), "duration_sec", "maximum", "duration_sec must be from 1 to 3600"),
        (clip(duration_sec=0.5), "duration_sec", "minimum", "duration_sec must be from 1 to 3600"),
        (clip(out_ext="avi"), "out_ext", "enum", "out_ext must be one of mp4, mov, webm, mkv"),
        (
            GenerateThumbnailRequest(title="t", options=Options(colors=["#fff", "red"])),
            "options.colors",
            "pattern",
            "options.colors[1] must match ^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$",
        ),
        (
            GenerateThumbnailRequest(title="t", options=Options(picture="a\x00")),
            "options.picture",
            "format",
            "options.picture must not contain NUL",
        ),
    ],
)
def test_other_surfaces_and_grpc_keep_the_names_of_the_proto(
    message: Message, field: str, constraint: str, sentence: str
) -> None:
    error = violated(message)
    assert error.details == {"field": field, "constraint": constraint}
    assert error.sentence(CLIPPER) == error.sentence(GRPC) == error.message == sentence


def test_every_broken_rule_is_told() -> None:
    error = violated(CreateQueueItemRequest())
    told = "title is required; platforms must have at least 1 entry; idempotency_key is required"
    assert error.message == told
    assert error.sentence(CORE) == told.replace("idempotency_key", "idempotencyKey")
    assert error.details["field"] == "title"


def test_sopilot_keeps_its_words() -> None:
    error = violated(CreateScoreRequest())
    assert error.message == "gold_video_id: must be greater than 0; trainee_video_id: must be greater than 0"
    assert error.details == {"field": "gold_video_id"}


def test_it_crosses_to_another_process_as_the_error_that_it_is() -> None:
    error = violated(item(title=""))
    back = pickle.loads(pickle.dumps(error))
    assert isinstance(back, errors.Invalid)
    assert (back.code, back.message, back.details) == (error.code, error.message, error.details)
