"""When the nightly training runs, changes of the clocks included."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from reelops.core.training.model import NightlyPlan

BERLIN = ZoneInfo("Europe/Berlin")


def runs(start: str, count: int, *, hour: int, zone: ZoneInfo = BERLIN) -> list[str]:
    plan = NightlyPlan(enabled=True, hour_local=hour, zone=zone)
    moment, found = datetime.fromisoformat(start), []
    for _ in range(count):
        moment = plan.next_run(moment)
        found.append(plan.spell_local(moment))
    return found


def test_it_runs_once_a_day_at_the_hour() -> None:
    assert runs("2026-02-08T00:30:00+01:00", 2, hour=2) == ["2026-02-08T02:00:00", "2026-02-09T02:00:00"]
    assert runs("2026-02-08T02:00:00+01:00", 1, hour=2) == ["2026-02-09T02:00:00"]
    assert runs("2026-02-08T23:30:00-05:00", 1, hour=2) == ["2026-02-10T02:00:00"]


def test_where_the_hour_is_left_out_it_runs_right_after() -> None:
    assert runs("2026-03-28T12:00:00+01:00", 2, hour=2) == ["2026-03-29T03:00:00", "2026-03-30T02:00:00"]


def test_where_the_hour_comes_twice_it_runs_once() -> None:
    assert runs("2026-10-24T12:00:00+02:00", 3, hour=2) == [
        "2026-10-25T02:00:00",
        "2026-10-26T02:00:00",
        "2026-10-27T02:00:00",
    ]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "America/St_Johns", "UTC"])
def test_every_zone_and_hour_has_one_run_a_day(zone: str) -> None:
    for hour in (0, 13, 23):
        found = runs("2026-06-01T00:00:00+00:00", 5, hour=hour, zone=ZoneInfo(zone))
        assert len({moment[:10] for moment in found}) == 5
        assert all(moment.endswith(f"T{hour:02}:00:00") for moment in found)


def test_the_servers_own_zone_is_the_default() -> None:
    plan = NightlyPlan(enabled=True, hour_local=5)
    moment = plan.next_run(datetime(2026, 6, 1, tzinfo=UTC))
    assert moment > datetime(2026, 6, 1, tzinfo=UTC)
    assert plan.spell_local(moment).endswith("T05:00:00")
