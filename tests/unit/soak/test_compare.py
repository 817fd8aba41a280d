"""The soak's own judgement: it finds a call that is lost, doubled, unknown, or told wrong."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from crm.models import Direction
from crm.simulator.seed import DEMO, SECOND
from tests.soak.compare import Verdict, _compare_leg, compare
from tests.soak.plan import plan
from tests.soak.tally import Tally
from tests.soak.truth import Truth, read, truth_of
from tests.unit.simulator.world import World

COLUMNS = {
    "id": 1,
    "tenant": "demo",
    "activecallkey": "active",
    "callkey": "record",
    "transaction_id": "unique",
    "direction": Direction.INBOUND,
    "queue": "Support",
    "recording_url": "https://x/recordings/active",
    "started_at": datetime(2026, 3, 10, 9, 0, tzinfo=UTC),
    "state": "ended",
    "dial_problem": "",
    "sources": {},
    "note": "",
}
FIELDS = {
    "direction": "inbound",
    "queue": "Support",
    "transaction_id": "unique",
    "recording_url": "https://x/recordings/active",
    "started_at": datetime(2026, 3, 10, 9, 0, tzinfo=UTC),
}
CALL = Truth("demo", "record", "active", FIELDS)


def judged(*rows: dict[str, Any], truth: Truth = CALL, tally: Tally | None = None) -> Verdict:
    told: Any = [SimpleNamespace(_mapping=COLUMNS | row) for row in rows]
    return compare([truth], told, tally or Tally())


def test_a_call_that_is_on_record_as_it_was_is_good() -> None:
    verdict = judged({})
    assert verdict.is_good
    assert (verdict.calls, verdict.on_record) == (1, 1)


def test_a_call_without_a_row_is_lost() -> None:
    assert len(judged().lost) == 1


@pytest.mark.parametrize("keys", [{"activecallkey": "active"}, {"transaction_id": "unique"}])
def test_a_second_row_with_a_key_of_the_call_is_a_double(keys: dict[str, str]) -> None:
    nameless = {"callkey": None, "activecallkey": None, "transaction_id": None}
    assert len(judged({}, nameless | keys).doubled) == 1


def test_a_row_that_is_no_call_is_unknown_unless_it_says_that_no_call_came_of_it() -> None:
    other = {"callkey": None, "activecallkey": "x", "transaction_id": "y"}
    assert len(judged({}, other).unknown) == 1
    verdict = judged({}, other | {"dial_problem": "not_taken"})
    assert (verdict.is_good, verdict.came_to_nothing) == (True, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"queue": "Sales"},
        {"direction": Direction.OUTBOUND},
        {"activecallkey": "another"},
        {"activecallkey": None},
        {"started_at": datetime(2026, 3, 10, 9, 0, 1, tzinfo=UTC)},
    ],
)
def test_a_field_that_differs_is_told(wrong: dict[str, Any]) -> None:
    (difference,) = judged(wrong).differences
    assert difference.startswith(next(iter(wrong)))


def test_a_key_may_be_missing_only_when_nobody_could_have_told_it() -> None:
    missed = Truth("demo", "record", "active", FIELDS | {"recording_url": None})
    row = {"recording_url": None, "activecallkey": None}
    assert judged(row, truth=missed).is_good
    seen = Tally()
    seen.seen_at_desks.add("active")
    assert not judged(row, truth=missed, tally=seen).is_good


def test_a_note_must_be_there() -> None:
    tally = Tally()
    tally.notes["active"] = "Wants the invoice."
    assert judged({}, tally=tally).fields == {"note": 1}


def test_the_vendors_list_is_read_into_what_must_be_on_record(world: World) -> None:
    world.open_softphone()
    call = world.ring("+905320000001")
    world.time.pass_seconds(3)
    world.agent(call, "answer")
    world.time.pass_seconds(7)
    world.agent(call, "hang-up")
    told = world.client.get("/console/api/records?tenant=demo").get_json()["records"][-1]
    fields = truth_of(told, DEMO).fields
    assert fields["normal_form"] == "+905320000001"
    assert fields["answered_at"] == datetime(2026, 3, 10, 9, 0, 3, tzinfo=UTC)
    assert fields["ended_at"] == datetime(2026, 3, 10, 9, 0, 10, tzinfo=UTC)
    assert (fields["wait_seconds"], fields["talk_seconds"]) == (3, 7)


def test_the_end_of_a_dial_is_reckoned_where_the_record_leaves_it_out(world: World) -> None:
    session = world.open_softphone()
    world.dial(session)
    world.time.pass_seconds(3)
    world.far_side(world.call(), "hang-up")
    told = world.client.get("/console/api/records?tenant=demo").get_json()["records"][-1]
    assert told["record"]["hangupdate"] is None
    fields = truth_of(told, DEMO).fields
    wait, talk = fields["wait_seconds"], fields["talk_seconds"]
    assert (fields["ended_at"] - fields["started_at"]).total_seconds() == wait + talk


def test_records_with_one_key_are_the_legs_of_one_call(world: World) -> None:
    mehmet = "mehmet@demo.example"
    world.open_softphone()
    world.open_softphone(mehmet)
    call = world.ring()
    world.agent(call, "answer")
    world.time.pass_seconds(7)
    world.console(f"calls/{call['id']}/softphone/transfer", agent=mehmet)
    leg = world.call()
    world.time.pass_seconds(2)
    world.agent(leg, "answer")
    world.time.pass_seconds(5)
    world.far_side(leg, "hang-up")
    records = world.client.get("/console/api/records?tenant=demo").get_json()["records"][-2:]
    vendor: Any = SimpleNamespace(get=lambda _path: {"records": records, "next": None})
    [truth] = read(vendor, DEMO)
    assert (truth.fields["talk_seconds"], truth.fields["leg_count"]) == (12, 2)
    assert truth.fields["studio_email"] == mehmet
    verdict = Verdict()
    _compare_leg(truth.legs[1], dict(truth.legs[1].fields), verdict)
    assert verdict.is_good
    _compare_leg(truth.legs[1], truth.legs[1].fields | {"talk_seconds": 6}, verdict)
    _compare_leg(truth.legs[0], None, verdict)
    assert (verdict.fields, len(verdict.lost)) == ({"leg's talk_seconds": 1}, 1)


def test_a_foreign_number_and_a_withheld_one(world: World) -> None:
    for number, expected in (("+447700900555", "+447700900555"), ("anonymous", None)):
        call = world.ring(number)
        world.far_side(call, "hang-up")
        told = world.client.get("/console/api/records?tenant=demo").get_json()["records"][-1]
        assert truth_of(told, DEMO).fields["normal_form"] == expected


@pytest.mark.parametrize(("calls", "troubles"), [(200, (1, 1)), (10_000, (3, 5))])
def test_a_day_has_just_its_calls_and_its_troubles(calls: int, troubles: tuple[int, int]) -> None:
    day = plan(calls)
    assert day.live + sum(day.past.values()) == calls
    assert (day.outages, day.kills) == troubles
    assert set(day.past) == {DEMO.name, SECOND.name}
