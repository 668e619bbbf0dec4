"""Queue items as callers see them: created once, listed, deleted, and nobody else's."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from reelops import errors
from reelops.core.publishing.model import ItemState, NewItem, Platform, QueueItem
from reelops.infra.jobs import JobState

from tests.core.publishing.conftest import CLIENT, ORG, OTHER, Desk, later, wanted


async def test_an_item_is_kept_as_it_was_asked_for(desk: Desk) -> None:
    schedule_at = later(days=3)
    new = wanted(
        title="夏のハイライト 🎬",
        caption="line one\nline two \u202eabc",
        hashtags=("gaming", "#stream", "配信"),
        project_id="proj_456",
        asset_id="asset_789",
        schedule_at=schedule_at,
    )
    item = await desk.get((await desk.create(new)).item_id)
    assert (item.title, item.caption, item.hashtags) == (new.title, new.caption, new.hashtags)
    assert (item.project_id, item.asset_id, item.platforms) == ("proj_456", "asset_789", new.platforms)
    assert (item.schedule_at, item.state, item.org_id) == (schedule_at, ItemState.queued, ORG)


@pytest.mark.parametrize(
    ("new", "field", "constraint"),
    [
        (wanted(title=" \t\u3000"), "title", "required"),
        (wanted(key="  "), "idempotency_key", "required"),
        (wanted(hashtags=("ok", "a\x00b")), "hashtags", "pattern"),
    ],
)
async def test_a_wrong_item_names_its_field(desk: Desk, new: NewItem, field: str, constraint: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        await desk.create(new)
    assert (refused.value.details["field"], refused.value.details["constraint"]) == (field, constraint)
    assert await desk.queue.list() == []


async def test_fifty_equal_requests_make_one_item(desk: Desk) -> None:
    for round_number in range(2):
        made = await asyncio.gather(*(desk.create(wanted(schedule_at=_FAR)) for _ in range(50)))
        assert len({item.item_id for item in made}) == 1
        assert len({(item.state, item.created_at) for item in made}) == 1
        assert (await desk.publishing.list(org_id=ORG)).total == 1
        assert len(await desk.queue.list()) == round_number + 1
        # The key of an item that was deleted may be used again, by one item.
        await desk.publishing.delete(made[0].item_id, org_id=ORG, by=CLIENT)


async def test_a_key_with_other_content_conflicts(desk: Desk) -> None:
    first = await desk.create(wanted())
    for changes in (
        {"title": "Another"},
        {"platforms": (Platform.x,)},
        {"caption": ""},
        {"hashtags": ("a",)},
        {"asset_id": "asset_1"},
        {"project_id": "proj_1"},
        {"schedule_at": _FAR},
    ):
        with pytest.raises(errors.Conflict) as refused:
            await desk.create(wanted(**changes))
        assert refused.value.code == "IDEMPOTENCY_CONFLICT"
    assert (await desk.create(wanted())).item_id == first.item_id


async def test_concurrent_requests_with_one_key_and_two_contents_agree_on_one(desk: Desk) -> None:
    asked = [wanted(title=f"Title {number % 2}") for number in range(20)]
    made = await asyncio.gather(*(desk.create(new) for new in asked), return_exceptions=True)
    items = [one for one in made if isinstance(one, QueueItem)]
    assert len({item.item_id for item in items}) == 1
    assert len(items) == 10
    assert all(isinstance(one, QueueItem | errors.Conflict) for one in made)


async def test_organisations_do_not_see_each_other(desk: Desk) -> None:
    ours, theirs = await desk.create(wanted()), await desk.create(wanted(title="Theirs"), OTHER)
    assert ours.item_id != theirs.item_id
    for item_id in (theirs.item_id, "c" + "0" * 24, "", "' OR 1=1 --", "🎬"):
        with pytest.raises(errors.NotFound) as unknown:
            await desk.get(item_id)
        with pytest.raises(errors.NotFound) as undeletable:
            await desk.publishing.delete(item_id, org_id=ORG, by=CLIENT)
        assert unknown.value.code == undeletable.value.code == "QUEUE_ITEM_NOT_FOUND"
        assert unknown.value.message == f"there is no queue item {item_id}"
    page = await desk.publishing.list(org_id=ORG)
    assert ([item.item_id for item in page.items], page.total) == ([ours.item_id], 1)
    assert (await desk.get(theirs.item_id, OTHER)).title == "Theirs"
    assert (await desk.publishing.list(org_id="org_empty")).total == 0


async def test_lists_agree_with_a_plain_model(desk: Desk) -> None:
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")
    rng = random.Random(seed)
    kept: list[QueueItem] = []
    for number in range(40):
        if kept and rng.random() < 0.25:
            gone = kept.pop(rng.randrange(len(kept)))
            await desk.publishing.delete(gone.item_id, org_id=ORG, by=CLIENT)
        project_id = rng.choice([None, "proj_a", "proj_b", "*"])
        kept.append(await desk.create(wanted(str(number), project_id=project_id, schedule_at=_FAR)))
    for _ in range(30):
        project_id = rng.choice([None, "proj_a", "proj_b", "*", "proj_none"])
        state = rng.choice([None, ItemState.queued, ItemState.failed])
        limit, offset = rng.randint(1, 10), rng.choice([0, 0, 3, 1000])
        page = await desk.publishing.list(org_id=ORG, project_id=project_id, state=state, limit=limit, offset=offset)
        matching = [
            item.item_id
            for item in reversed(kept)
            if project_id in (None, item.project_id) and state in (None, item.state)
        ]
        assert page.total == len(matching)
        assert [item.item_id for item in page.items] == matching[offset : offset + limit]


async def test_a_deleted_item_takes_its_timer_with_it(desk: Desk) -> None:
    item = await desk.create(wanted(schedule_at=_FAR))
    await desk.publishing.delete(item.item_id, org_id=ORG, by=CLIENT)
    assert (await desk.queue.get(item.job_id)).state is JobState.cancelled
    with pytest.raises(errors.NotFound):
        await desk.get(item.item_id)
    subjects = [(entry.job_type, entry.subject) for entry in await desk.audit.list()]
    assert subjects == [("delete", f"queue_item:{item.item_id}"), ("create", f"queue_item:{item.item_id}")]


@pytest.mark.parametrize(
    "schedule_at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
async def test_the_ends_of_time_are_kept(desk: Desk, schedule_at: datetime) -> None:
    item = await desk.create(wanted(schedule_at=schedule_at))
    assert (await desk.get(item.item_id)).schedule_at == schedule_at
    assert (await desk.create(wanted(schedule_at=schedule_at))).item_id == item.item_id


_FAR = datetime(2999, 1, 1, tzinfo=UTC) + timedelta(microseconds=7)
