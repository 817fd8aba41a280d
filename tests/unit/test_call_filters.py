"""Filters of the call log: what passes, page by page, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crm import calls
from crm.calls import CallFilter, Result
from crm.extensions import db
from crm.models import Call, CallState, Contact, Direction, utc_now
from tests.unit.calls_world import ELIF_NORMAL, START, World, after, make_contact, make_world

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(app: Flask) -> World:
    """Two tenants; the other one has a call that no filter of ours may let pass."""
    return make_world()


@pytest.fixture
def call_of(world: World) -> Any:
    """Puts a call on record, one minute after the one before."""
    minutes: Iterator[int] = iter(range(1000))

    def put(**columns: Any) -> Call:
        minute = next(minutes)
        facts: dict[str, Any] = {
            "tenant_id": world.tenant.id,
            "state": CallState.ENDED,
            "direction": Direction.INBOUND,
            "started_at": after(60 * minute),
            "normal_form": "+447700900555",
            "sources": {},
        }
        call = Call(**(facts | columns))
        db.session.add(call)
        db.session.commit()
        return call

    return put


def found(world: World, **wanted: Any) -> list[Call]:
    return calls.matching(CallFilter(tenant_ids=(world.tenant.id,), region="TR", **wanted))


def test_a_filter_that_asks_for_nothing_lets_all_pass_newest_first(
    world: World, call_of: Any
) -> None:
    first, second = call_of(), call_of()
    assert found(world) == [second, first]
    assert len(calls.matching(CallFilter())) == 3  # the other tenant's too


def test_each_field_lets_only_its_own_pass(world: World, call_of: Any) -> None:
    elif_ = make_contact("Elif Şahin", ELIF_NORMAL)
    call_of()
    wanted = {
        "direction": Direction.OUTBOUND,
        "queue": "Support",
        "agent_id": world.ayse.id,
        "contact_id": elif_.id,
        "disposition": "BUSY",
        "outcome": "sale",
    }
    call = call_of(**wanted)
    for name, value in wanted.items():
        assert found(world, **{name: value}) == [call], name
    assert found(world, **wanted) == [call]
    assert found(world, **(wanted | {"outcome": "other"})) == []


def test_who_gave_up_waiting_is_missed_too(world: World, call_of: Any) -> None:
    gave_up = call_of(answered=False, abandoned=True)
    missed = call_of(answered=False)
    call_of(answered=None)  # nobody has said yet
    answered = call_of(answered=True)
    call_of(answered=None, state=CallState.RINGING)
    call_of(answered=None, direction=Direction.OUTBOUND)
    assert found(world, result=Result.ABANDONED) == [gave_up]
    assert found(world, result=Result.MISSED) == [missed, gave_up]
    assert found(world, result=Result.ANSWERED) == [answered]


def test_what_a_filter_calls_missed_is_what_the_log_calls_missed(
    world: World, call_of: Any
) -> None:
    for answered in (True, False, None):
        for abandoned in (True, False, None):
            for direction in Direction:
                call_of(answered=answered, abandoned=abandoned, direction=direction)
    for result in Result:
        words = {"missed", "abandoned"} if result is Result.MISSED else {result.value}
        assert {calls.result_of(call) for call in found(world, result=result)} <= words
        assert len(found(world, result=result)) == sum(
            calls.result_of(call) in words for call in found(world)
        )


def test_the_last_moment_is_not_included(world: World, call_of: Any) -> None:
    first, second = call_of(), call_of()
    assert found(world, until=second.started_at) == [first]
    assert found(world, since=second.started_at) == [second]
    assert found(world, since=START, until=START) == []


@pytest.mark.parametrize(
    "typed", ["elif", "SAHIN", "boğaz", "0532 000 00 01", "+90 532 000 0001", "5320000001", "0001"]
)
def test_people_are_found_by_name_company_or_number(world: World, call_of: Any, typed: str) -> None:
    call_of()
    call = call_of(contact_id=elif_of_bogaz().id, normal_form=ELIF_NORMAL)
    assert found(world, who=typed) == [call]


def test_a_stranger_is_found_by_the_number(world: World, call_of: Any) -> None:
    call = call_of(normal_form="+442079460012")
    call_of()
    assert found(world, who="+44 20 7946") == [call]
    assert found(world, who="  ") == found(world)
    assert found(world, who="77") == []  # too short to be a number


def test_a_withheld_number_is_not_found_by_its_digits(world: World, call_of: Any) -> None:
    call_of(normal_form="+442079460012", caller_kind="masked")
    assert found(world, who="+442079460012") == []


def test_a_name_that_nobody_has_finds_nothing(world: World, call_of: Any) -> None:
    call_of()
    for typed in ("nobody", "%", "…", "0"):
        assert found(world, who=typed) == []


def test_pages_go_on_with_the_filter(world: World, call_of: Any) -> None:
    wanted = CallFilter(tenant_ids=(world.tenant.id,), queue="Support")
    expected = [call_of(queue=name) for name in ("Support", "Sales") * 5][::2][::-1]
    shown: list[Call] = []
    before = None
    while page := calls.matching(wanted, before=before, limit=2):
        shown += page
        before = page[-1].cursor
    assert shown == expected


def test_the_queues_of_the_calls_are_named_once(world: World, call_of: Any) -> None:
    for name in ("Support", "", "Sales", "Support", "İhracat"):
        call_of(queue=name)
    assert calls.queues([world.tenant.id]) == ["İhracat", "Sales", "Support"]
    assert calls.queues([]) == []


def test_only_dispositions_on_record_are_offered(world: World, call_of: Any) -> None:
    for word in ("BUSY", "", "ANSWER", "BUSY", "Cevaplandı"):
        call_of(disposition=word)
    assert calls.dispositions([world.tenant.id]) == ["ANSWER", "BUSY", "Cevaplandı"]
    assert calls.dispositions([]) == []


def elif_of_bogaz() -> Contact:
    from crm import contacts
    from crm.contacts import ContactData, Number

    data = ContactData(
        name="Elif Şahin",
        company="Boğaz Mobilya",
        email="",
        notes="",
        numbers=(Number(ELIF_NORMAL, "work"),),
    )
    contact = contacts.create(data, region="TR")
    db.session.commit()
    return contact


def test_a_day_is_no_rounding(world: World, call_of: Any) -> None:
    call = call_of(started_at=utc_now() - timedelta(days=1, microseconds=1))
    assert found(world, since=call.started_at, until=call.started_at + timedelta(seconds=1)) == [
        call
    ]


def test_the_number_that_a_page_shows_finds_its_calls(world: World, call_of: Any) -> None:
    call = call_of(normal_form="+902165550102")
    call_of(normal_form="+902165550103")
    for who in ("(0216) 555 01 02 ext. 12", "0216 555 01 02 (pbx)", "555 01 02"):
        assert found(world, who=who) == [call], who
