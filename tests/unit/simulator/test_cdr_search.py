"""reportsCDRLogs: keys, dates in the tenant's time, filters, pages."""

from typing import Any

import pytest

from crm.simulator.seed import DEMO, SECOND
from tests.unit.simulator.world import World

EVER = {"startdate": "2026-01-01 00:00:00", "finishdate": "2026-12-31 23:59:59"}
TODAY = {"startdate": "2026-03-10 11:59:00", "finishdate": "2026-03-10 23:59:59"}


def end_calls(world: World, count: int) -> list[Any]:
    """Calls a second apart that ended at once, newest last."""
    calls = []
    for _ in range(count):
        calls.append(world.ring())
        world.far_side(calls[-1], "hang-up")
        world.time.pass_seconds(1)
    world.time.pass_seconds(2)
    return calls


def pages(world: World, **fields: str) -> list[Any]:
    """All answers, following the cursor as the guide says."""
    answers = [world.ask("reportsCDRLogs", app_token=DEMO.app_token, **fields)]
    while len(answers[-1]["CallList"]) == 100:
        cursor = answers[-1]["cursor"]
        answers.append(
            world.ask("reportsCDRLogs", app_token=DEMO.app_token, cursor=cursor, **fields)
        )
    return answers


def test_about_thirty_calls_lie_in_the_past_the_same_after_a_restart(world: World) -> None:
    records = world.records(**EVER)
    assert 25 <= len(records) <= 45
    assert World().records(**EVER) == records
    assert {record["sourcetenant"] for record in records} == {DEMO.host}


def test_a_record_appears_a_little_after_the_hangup(world: World) -> None:
    call = world.ring()
    world.far_side(call, "hang-up")
    key = call["activecallkey"]
    assert world.records(activecallkey=key) == []
    world.time.pass_seconds(2)
    assert len(world.records(activecallkey=key)) == 1


def test_the_activecallkey_beats_uniqueid_and_every_other_filter(world: World) -> None:
    first, second = end_calls(world, 2)
    (found,) = world.records(
        activecallkey=first["activecallkey"],
        uniqueid=world.record(second)["uniqueid"],
        queue="Nowhere",
        startdate="not a date",
    )
    assert found["callkey"] == world.record(first)["callkey"]


def test_a_click2call_is_found_by_its_transaction_id(world: World) -> None:
    session = world.open_softphone()
    world.dial(session, transactionid="our-id")
    call = world.call()
    world.ask("click2hang", session=session)
    record = world.record(call)
    assert world.records(uniqueid="our-id") == [record]
    assert world.records(callkey=record["callkey"]) == [record]
    assert record["click2call"] is True


def test_one_tenant_does_not_see_the_calls_of_another(world: World) -> None:
    (call,) = end_calls(world, 1)
    answer = world.ask(
        "reportsCDRLogs", app_token=SECOND.app_token, activecallkey=call["activecallkey"]
    )
    assert answer["CallList"] == []


def test_dates_are_in_the_tenants_own_time(world: World) -> None:
    end_calls(world, 1)
    (record,) = world.records(**TODAY)
    assert record["calldate"] == "2026-03-10 12:00:00"


@pytest.mark.parametrize(("total", "sizes"), [(99, [99]), (100, [100, 0]), (205, [100, 100, 5])])
def test_pages_hold_a_hundred_and_a_multiple_ends_with_an_empty_one(
    world: World, total: int, sizes: list[int]
) -> None:
    end_calls(world, total)
    answers = pages(world, **TODAY)
    assert [len(answer["CallList"]) for answer in answers] == sizes
    assert len({r["callkey"] for answer in answers for r in answer["CallList"]}) == total


def test_every_answer_has_a_cursor_of_its_own(world: World) -> None:
    cursors = {
        world.ask("reportsCDRLogs", app_token=DEMO.app_token, **TODAY)["cursor"] for _ in range(3)
    }
    assert len(cursors) == 3
    assert all(cursors)


def test_a_call_that_ends_between_two_pages_moves_nothing(world: World) -> None:
    calls = end_calls(world, 101)
    first = world.ask("reportsCDRLogs", app_token=DEMO.app_token, **TODAY)
    end_calls(world, 1)
    (left,) = world.records(cursor=first["cursor"], **TODAY)
    assert left == world.record(calls[0])


def test_newest_come_first_unless_asked_otherwise(world: World) -> None:
    end_calls(world, 3)
    newest_first = world.records(**TODAY)
    assert world.records(sorting="asc", **TODAY) == newest_first[::-1]
    assert newest_first[0]["calldate"] > newest_first[-1]["calldate"]


def test_agent_and_queue_narrow_it_down(world: World) -> None:
    everything = world.records(**EVER)
    for name, field in (("agent", "agent"), ("agent_username", "agentid"), ("queue", "queue")):
        wanted = next(r[field] for r in everything if r[field])
        found = world.records(**EVER, **{name: wanted})
        assert found == [r for r in everything if r[field] == wanted]


@pytest.mark.parametrize("fields", [{}, {"startdate": "x"}, {**EVER, "cursor": "not ours"}])
def test_what_cannot_be_read_is_a_failure_in_the_envelope(
    world: World, fields: dict[str, str]
) -> None:
    answer = world.ask("reportsCDRLogs", app_token=DEMO.app_token, **fields)
    assert answer["success"] is False
