"""What can be wrong with a page of records: each fault happens as often as said, and is counted."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from crm.callcenterstudio.results import CdrRecord
from crm.simulator.seed import DEMO
from tests.unit.simulator.world import World

FEBRUARY = {"startdate": "2026-02-01", "finishdate": "2026-03-31"}


@pytest.fixture
def full(world: World) -> World:
    """A simulator with 250 calls in February."""
    period = {"from": "2026-02-01", "to": "2026-03-01"}
    world.console("history", tenant="demo", calls=250, seed=1, **period)
    return world


def ask(world: World, cursor: str = "", **fields: str) -> Any:
    wish = FEBRUARY | {"cursor": cursor, "sorting": "asc"} | fields
    return world.ask("reportsCDRLogs", app_token=DEMO.app_token, **wish)


def to_the_end(world: World, **fields: str) -> list[Any]:
    answers = [ask(world, **fields)]
    while len(keys(answers[-1])) == 100:
        answers.append(ask(world, answers[-1]["cursor"], **fields))
    return answers


def keys(answer: Any) -> list[str]:
    return [record["callkey"] for record in answer["CallList"]]


@pytest.mark.parametrize(("fault", "status"), [("500", 500), ("html", 200)])
def test_the_next_pages_are_none_and_then_all_is_well(full: World, fault: str, status: int) -> None:
    full.console("switches", **{f"pages_{fault}": 2})
    query = {"function": "reportsCDRLogs", "app_token": DEMO.app_token} | FEBRUARY
    client: FlaskClient = full.client
    answers = [client.get("/api/", query_string=query) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert [answer.is_json for answer in answers] == [False, False, True]
    assert full.state()["faults"] == {f"pages_{fault}": 2}
    assert full.state()["switches"][f"pages_{fault}"] == 0


def test_a_slow_page_is_held_back_and_then_right(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    full.console("switches", pages_slow=1, pages_slow_seconds=40)
    assert len(keys(ask(full))) == 100
    assert slept == [0, 40]


def test_the_page_before_comes_again_and_leads_on_to_the_one_that_was_asked_for(
    full: World,
) -> None:
    first = ask(full)
    expected = ask(full, first["cursor"])
    full.console("switches", pages_repeated=1)
    again = ask(full, first["cursor"])
    assert keys(again) == keys(first)
    assert again["cursor"] != first["cursor"]
    assert keys(ask(full, again["cursor"])) == keys(expected)
    assert full.state()["faults"] == {"pages_repeated": 1}


def test_a_cursor_is_refused_as_expired_and_a_first_page_is_not(full: World) -> None:
    full.console("switches", pages_refused=1)
    first = ask(full)
    refused = ask(full, first["cursor"])
    assert (refused["success"], refused["message"]) == (False, "cursor has expired.")
    assert len(keys(ask(full, first["cursor"]))) == 100


@pytest.mark.parametrize("sorting", ["asc", "desc"])
def test_a_list_that_grows_repeats_records_and_loses_none(full: World, sorting: str) -> None:
    before = {key for answer in to_the_end(full) for key in keys(answer)}
    count = full.state()["records_count"]
    full.console("switches", pages_growing=1)
    answers = to_the_end(full, sorting=sorting)
    told = [key for answer in answers for key in keys(answer)]
    assert keys(answers[1])[:3] == keys(answers[0])[-3:]
    assert full.state()["records_count"] == count + 3
    assert len(told) - len(set(told)) == 3
    assert before <= set(told)
    assert len(set(told) - before) == (3 if sorting == "asc" else 0)


def test_odd_records_stand_among_the_others_and_the_true_ones_stay(full: World) -> None:
    sound = ask(full)
    full.console("switches", pages_odd=1)
    odd = ask(full)
    differ = [n for n in range(100) if odd["CallList"][n] != sound["CallList"][n]]
    assert differ == list(range(0, 100, 10))
    assert keys(odd) == keys(sound)
    assert ask(full)["CallList"] == sound["CallList"]


def test_every_odd_record_can_be_read_and_some_name_what_is_wrong(full: World) -> None:
    full.console("switches", pages_odd=1)
    read = [CdrRecord.parse(record) for record in ask(full)["CallList"]]
    assert all(record.callkey and record.calldate for record in read)
    assert [n for n, record in enumerate(read) if record.problems] == [40, 60]


def test_one_record_by_its_key_meets_no_page_fault(full: World) -> None:
    record = ask(full)["CallList"][0]
    full.console("switches", pages_500=1)
    assert full.records(callkey=record["callkey"]) == [record]


@pytest.mark.parametrize("value", [-1, 1.5, "2", True, 10_001])
def test_a_count_that_cannot_be_is_told(full: World, value: object) -> None:
    answer = full.client.post("/console/api/switches", json={"pages_500": value})
    assert answer.status_code == 422


def test_a_dropped_connection_is_counted(full: World) -> None:
    full.console("switches", api_answers="dropped")
    assert full.client.get("/api/?function=ping").status_code == 500
    assert full.state()["faults"] == {"api_dropped": 1}
