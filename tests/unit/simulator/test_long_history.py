"""A history of any size: the same from the same seed, found by key, in order, cheap."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.simulator.long_history import LongHistory
from crm.simulator.seed import DEMO, SECOND, Tenant
from tests.unit.simulator.world import World

FEBRUARY: dict[str, Any] = {"startdate": "2026-02-01", "finishdate": "2026-02-28"}


def add(world: World, calls: int, tenant: Tenant = DEMO, **wish: Any) -> Any:
    period = {"from": "2026-02-01T00:00Z", "to": "2026-03-01T00:00Z", "seed": 7}
    return world.console("history", tenant=tenant.name, calls=calls, **(period | wish))


def history(calls: int, tenant: Tenant = DEMO, seed: int = 7) -> LongHistory:
    start, finish = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    return LongHistory(
        tenant, calls=calls, start=start, finish=finish, seed=seed, recordings_at=None
    )


def all_pages(world: World, tenant: Tenant = DEMO, **fields: Any) -> list[list[Any]]:
    pages: list[list[Any]] = []
    cursor: dict[str, str] = {}
    while not pages or len(pages[-1]) == 100:
        wish = fields | cursor
        answer = world.ask("reportsCDRLogs", app_token=tenant.app_token, **wish)
        pages.append(answer["CallList"])
        cursor = {"cursor": answer["cursor"]}
    return pages


@pytest.mark.parametrize("sorting", ["asc", "desc"])
def test_every_call_comes_once_and_in_order(world: World, sorting: str) -> None:
    add(world, 1000)
    pages = all_pages(world, sorting=sorting, **FEBRUARY)
    assert [len(page) for page in pages] == [100] * 10 + [0]
    dates = [record["calldate"] for page in pages for record in page]
    assert dates == sorted(dates, reverse=sorting == "desc")
    assert len({record["callkey"] for page in pages for record in page}) == 1000


def test_a_part_of_the_time_holds_just_its_part_of_the_calls(world: World) -> None:
    add(world, 1000)
    everything = [record for page in all_pages(world, **FEBRUARY) for record in page]
    start, finish = "2026-02-10 10:00:00", "2026-02-11 16:30:00"
    part = [r for page in all_pages(world, startdate=start, finishdate=finish) for r in page]
    assert part == [r for r in everything if start <= r["calldate"] <= finish]
    assert part


def test_the_same_seed_gives_the_same_calls_and_twice_is_once(world: World) -> None:
    assert add(world, 50)["records_count"] == add(world, 50)["records_count"]
    assert history(50)[3] == history(50)[3]
    assert history(50)[3] != history(50, seed=8)[3]
    assert history(50)[3] != history(50, SECOND)[3]


@pytest.mark.parametrize("name", ["activecallkey", "callkey", "uniqueid"])
def test_a_call_is_found_by_each_of_its_keys(world: World, name: str) -> None:
    add(world, 500)
    record = history(500)[123]
    key = record.activecallkey if name == "activecallkey" else record.data[name]
    (found,) = world.records(**{name: key})
    assert found["callkey"] == record.data["callkey"]
    assert world.records(**{name: key[:-1] + ("A" if key[-1] != "A" else "B")}) == []


def test_the_mixture_is_believable() -> None:
    records = [record.data for record in history(3000)]
    ways = Counter((record["inbound"], record["answered"]) for record in records)
    assert set(ways) == {(True, True), (True, False), (False, True), (False, None)}
    assert 0.6 < (ways[True, True] + ways[False, True]) / 3000 < 0.85
    without_key = [r for r in records if not r["recordingurl"]]
    assert {r["answered"] for r in without_key} == {False, None}
    assert {r["agentid"] for r in records if r["abandon"]} >= {"", "ayse@demo.example"}
    assert any(r["holdduration"] for r in records)
    assert any(r["callerid"] == "anonymous" for r in records)
    numbers = Counter(r["callerid"] for r in records if r["inbound"])
    assert numbers.most_common(1)[0][1] > 10
    assert sum(count == 1 for count in numbers.values()) > 100


def test_most_calls_are_in_office_hours() -> None:
    zone = ZoneInfo(DEMO.timezone)
    hours = Counter(record.calldate.astimezone(zone).hour for record in history(3000))
    assert hours[10] > 5 * hours[3]
    days = Counter(record.calldate.astimezone(zone).weekday() for record in history(3000))
    assert days[2] > 2 * days[6]


def test_two_hundred_thousand_calls_are_there_at_once_and_a_page_needs_only_its_own() -> None:
    long = history(200_000)
    start = datetime(2026, 2, 20, tzinfo=UTC)
    made: list[int] = []
    original = long.__class__.__getitem__

    class Counting(LongHistory):
        def __getitem__(self, place: int) -> Any:
            made.append(place)
            return original(self, place)

    long.__class__ = Counting
    found = long.between((start, ""), (start + timedelta(days=1), "~"), descending=False)
    for _, _record in zip(range(100), found, strict=False):
        pass
    assert len(made) < 110


def test_in_the_hour_that_a_clock_change_repeats_times_come_twice(world: World) -> None:
    world.time.now = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
    night = {"from": "2026-10-25T02:00+02:00", "to": "2026-10-25T03:00+01:00"}
    add(world, 100, SECOND, **night)
    dates = {"startdate": "2026-10-25 00:00:00", "finishdate": "2026-10-25 23:59:59"}
    pages = all_pages(world, SECOND, sorting="asc", **dates)
    records = [r for page in pages for r in page if r["calldate"] < "2026-10-25 03:00:00"]
    dates_told = [record["calldate"] for record in records]
    assert len(records) == 100
    assert dates_told != sorted(dates_told)
    assert dates_told[:50] == sorted(dates_told[:50])
    assert {date[:13] for date in dates_told} == {"2026-10-25 02"}


@pytest.mark.parametrize(
    "wish",
    [
        {"tenant": "x"},
        {"calls": 0},
        {"calls": "many"},
        {"from": "yesterday"},
        {"to": "2026-01-01"},
        {"seed": True},
    ],
)
def test_a_history_that_cannot_be_made_is_told(world: World, wish: dict[str, Any]) -> None:
    good = {"tenant": "demo", "calls": 5, "from": "2026-02-01", "to": "2026-03-01"}
    answer = world.client.post("/console/api/history", json=good | wish)
    assert answer.status_code == 422
    assert answer.get_json()["error"]


def test_what_really_happened_can_be_read_to_the_end_with_utc_times(world: World) -> None:
    add(world, 1500)
    call = world.ring()
    world.far_side(call, "hang-up")
    seen: list[Any] = []
    after = ""
    while True:
        query = {"tenant": "demo", "after": after}
        answer = world.client.get("/console/api/records", query_string=query).get_json()
        seen += answer["records"]
        if answer["next"] is None:
            break
        after = answer["next"]
    assert len({one["callkey"] for one in seen}) == len(seen)
    assert len(seen) > 1500
    assert [one["started"] for one in seen] == sorted(one["started"] for one in seen)
    last = seen[-1]
    assert last["activecallkey"] == call["activecallkey"]
    assert last["started"] == "2026-03-10T09:00:00+00:00"
    assert (last["answered"], last["record"]["calldate"]) == (None, "2026-03-10 12:00:00")


def test_a_kept_history_and_its_recordings_are_there_after_a_reset(world: World) -> None:
    add(world, 300, keep=True)
    add(world, 200, seed=9)
    everything = world.state()["records_count"]
    world.console("reset", sign_out=False)
    assert world.state()["records_count"] == everything - 200
    recorded = (one for one in all_pages(world, **FEBRUARY)[0] if one["recordingurl"])
    key = next(recorded)["recordingurl"].rpartition("/")[2]
    assert world.client.get(f"/recordings/{key}").status_code == 200
