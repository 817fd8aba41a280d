"""A call that several agents had is one call with a leg for each: in the log and in the reports."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio.results import CdrRecord
from crm.calls import missed
from crm.calls.record_page import record_cdrs
from crm.calls.reports import Counts, Period, report
from crm.extensions import db
from crm.models import Call, CallLeg, CallState
from crm.telephony.records import complete_call
from tests.unit.calls_world import KEY, START, World, after, cdr, hangup_form, local, make_world

pytestmark = pytest.mark.both_databases

AYSE, MEHMET = "ayse@demo.example", "mehmet@demo.example"
# Ayşe talks for 60 seconds after 9 of waiting, and hands on to Mehmet, who talks for 30.
FIRST = {"callkey": "ck-1", "uniqueid": "u", "agentid": AYSE, "talkdate": local(9)}
SECOND = {
    **{"callkey": "ck-2", "uniqueid": "u", "agentid": MEHMET, "agent": "Mehmet"},
    **{"calldate": local(69), "waitduration": 4, "talkdate": local(73), "duration": 30},
    **{"hangupdate": local(103), "queue": "Accounts", "transferred": 1},
}


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def tell(world: World, *records: CdrRecord, asked: bool = False) -> Call:
    for record in records:
        asked_for = {"activecallkey": KEY} if asked else {}
        call = calls.record_cdr(world.tenant, record, asked_for=asked_for, received_at=after(200))
        db.session.commit()
    assert call is not None
    return call


def legs(call: Call) -> list[tuple[object, ...]]:
    return [(leg.agent_id, leg.answered, leg.talk_seconds, leg.queue) for leg in call.parts]


def rows(world: World) -> list[Call]:
    return list(db.session.scalars(select(Call).where(Call.tenant_id == world.tenant.id)))


def of_agents(world: World) -> dict[str, Counts]:
    found = report([world.tenant], Period(START.date(), START.date()))
    assert found.total.calls == 1
    return {one.name: one.counts for one in found.agents}


def talks(world: World, who: str, start: float, end: float, cid: str) -> None:
    agent = getattr(world, who)
    world.message("IncomingCall", start - 4, agent=agent, cid=cid, activecallkey=KEY)
    world.message("Talking", start, agent=agent, cid=cid)
    world.message("Hangup", end, agent=agent, cid=cid, activecallkey=KEY)


@pytest.mark.parametrize("order", [1, -1])
def test_two_records_with_one_activecallkey_are_two_legs_of_one_call(
    world: World, order: int
) -> None:
    call = tell(world, *[cdr(**FIRST), cdr(**SECOND)][::order])
    assert rows(world) == [call]
    assert legs(call) == [
        (world.ayse.id, True, 60, "Support"),
        (world.mehmet.id, True, 30, "Accounts"),
    ]
    assert (call.started_at, call.answered_at, call.ended_at) == (after(0), after(9), after(103))
    assert (call.wait_seconds, call.talk_seconds, call.queue) == (9, 90, "Support")
    assert (call.agent_id, call.callkey, call.transferred) == (world.mehmet.id, "ck-1", True)
    figures = of_agents(world)
    assert [figures[name].talk_seconds for name in ("Ayse", "Mehmet")] == [60, 30]
    assert [figures[name].answered for name in ("Ayse", "Mehmet")] == [1, 1]
    total = report([world.tenant], Period(START.date(), START.date())).total
    assert (total.answered, total.talk_seconds, total.average_talk) == (1, 90, 90)


NOBODY = {"answered": False, "disposition": "NOANSWER", "talkdate": None, "duration": None}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"hangupdate": local(0)}, {"hangupdate": local(1)} | NOBODY),
        ({"hangupdate": local(0)}, {"hangupdate": local(0)} | NOBODY),
        ({"hangupdate": local(0)}, {"hangupdate": local(2), "talkdate": local(0)}),
    ],
    ids=["nobody takes it on", "all in one second", "both talk"],
)
@pytest.mark.parametrize("keys", [("ck-1", "ck-2"), ("ck-2", "ck-1")])
@pytest.mark.parametrize("order", [1, -1])
def test_legs_that_begin_in_the_same_second_come_in_the_order_of_the_call(
    world: World, first: dict[str, Any], second: dict[str, Any], keys: tuple[str, str], order: int
) -> None:
    same = {"calldate": local(0), "uniqueid": "u", "agent": "", "waitduration": 0}
    told = [
        cdr(**same | {"talkdate": local(0)} | first | {"callkey": keys[0], "agentid": AYSE}),
        cdr(**same | second | {"callkey": keys[1], "agentid": MEHMET}),
    ]
    call = tell(world, *told[::order])
    assert [leg.agent_id for leg in call.parts] == [world.ayse.id, world.mehmet.id]
    assert call.callkey == keys[0]


def test_every_agent_who_had_it_finds_it_and_hears_it(world: World) -> None:
    call = tell(world, cdr(**FIRST), cdr(**SECOND))
    for agent in (world.ayse, world.mehmet):
        assert calls.matching(calls.CallFilter(agent_id=agent.id)) == [call]
        assert call.may_be_heard_by(agent.id, is_admin=False)
    assert not call.may_be_heard_by(0, is_admin=False)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_leg_without_a_recording_is_tied_by_the_question(
    world: World, order: tuple[int, ...]
) -> None:
    silent = cdr(**SECOND | {"recordingurl": "", "uniqueid": "u2"})
    told = [
        lambda: tell(world, cdr(**FIRST)),
        lambda: tell(world, silent),
        lambda: tell(world, silent, asked=True),
    ]
    for place in order:
        told[place]()
    record_cdrs(world.tenant, [silent, cdr(**FIRST)], received_at=after(300))
    db.session.commit()
    [call] = rows(world)
    assert [leg.callkey for leg in call.parts] == ["ck-1", "ck-2"]
    assert (call.callkey, call.transaction_id, call.talk_seconds) == ("ck-1", "u", 90)


def test_a_missed_and_an_answered_leg_are_an_answered_call(world: World) -> None:
    rang = {"answered": False, "duration": None, "talkdate": None, "disposition": "NOANSWER"}
    first = cdr(**FIRST | rang | {"waitduration": 20, "hangupdate": local(20)})
    for start in (local(0), local(20)):
        second = cdr(**SECOND | {"calldate": start, "waitduration": 5})
        call = tell(world, first, second)
        assert (call.answered, calls.result_of(call)) == (True, "answered")
        assert missed.count_waiting([world.tenant.id], now=after(300)) == 0
    assert call.wait_seconds in (5, 25)
    figures = of_agents(world)
    assert (figures["Ayse"].missed, figures["Mehmet"].answered) == (1, 1)
    assert not call.transferred or "transferred" in SECOND


def test_a_missed_leg_of_its_own_key_is_cleared_by_the_talk_of_the_same_start(
    world: World,
) -> None:
    rang = {"answered": False, "duration": None, "talkdate": None, "disposition": ""}
    tell(world, cdr(**FIRST | rang | {"recordingurl": "", "uniqueid": "u1"}))
    assert missed.count_waiting([world.tenant.id], now=after(300)) == 1
    tell(world, cdr(**SECOND | {"calldate": local(0), "uniqueid": "u2"}))
    assert len(rows(world)) == 2
    assert missed.count_waiting([world.tenant.id], now=after(300)) == 0


def test_one_record_of_the_whole_call_is_shared_by_those_who_talked(world: World) -> None:
    talks(world, "ayse", 9, 69, "a")
    talks(world, "mehmet", 73, 103, "m")
    whole = cdr(**FIRST | {"agentid": MEHMET, "duration": 94, "hangupdate": local(103)})
    call = tell(world, whole)
    assert [leg[:3] for leg in legs(call)] == [
        (world.mehmet.id, True, 34),
        (world.ayse.id, True, 60),
    ]
    assert (call.talk_seconds, call.complete, call.transferred) == (94, True, True)


def test_the_softphones_tell_the_legs_until_the_records_come(world: World) -> None:
    talks(world, "ayse", 9, 69, "a")
    talks(world, "mehmet", 73, 103, "m")
    [call] = rows(world)
    assert [leg[:3] for leg in legs(call)] == [
        (world.ayse.id, True, 60),
        (world.mehmet.id, True, 30),
    ]
    tell(world, cdr(**FIRST))
    assert (call.talk_seconds, call.complete) == (90, False)  # Mehmet's record is yet to come
    assert (call.started_at, call.wait_seconds, call.ended_at) == (after(0), 9, after(103))
    tell(world, cdr(**SECOND | {"duration": 31}))
    assert (call.talk_seconds, call.complete, len(call.parts)) == (91, True, 2)


def test_a_record_of_the_first_leg_does_not_end_the_call_at_the_next_agent(world: World) -> None:
    talks(world, "ayse", 9, 69, "a")
    mehmet: dict[str, Any] = {"agent": world.mehmet, "cid": "m"}
    world.message("IncomingCall", 60, activecallkey=KEY, **mehmet)
    call = tell(world, cdr(**FIRST))
    assert (call.state, call.complete) == (CallState.RINGING, False)
    world.message("Talking", 73, **mehmet)
    assert (call.state, call.talk_seconds) == (CallState.TALKING, None)
    card = calls.card_of(call, world.mehmet.id)
    assert card is not None
    assert (card.state, card.open) == (CallState.TALKING, True)
    world.message("Hangup", 103, activecallkey=KEY, **mehmet)
    assert (call.state, call.ended_at, call.talk_seconds) == (CallState.ENDED, after(103), 90)


@pytest.mark.parametrize(
    "record",
    [
        FIRST,
        {"answered": False, "duration": None, "talkdate": None, "hangupdate": local(20)},
        {"answered": False, "duration": None, "talkdate": None, "hangupdate": local(1)},
    ],
)
def test_a_ring_at_a_colleague_whose_end_was_lost_does_not_keep_the_call_open(
    world: World, record: dict[str, Any]
) -> None:
    world.rings(agent=world.mehmet, cid="m")
    call = tell(world, cdr(**{"agentid": AYSE} | record))
    assert (call.state, call.complete) == (CallState.ENDED, True)


def test_a_post_of_the_first_leg_does_not_end_it_either(world: World) -> None:
    call = world.dials()
    world.message("OutgoingActiveCallKey", 1, cid="d1", activecallkey=KEY)
    world.message("Talking", 9, cid="d1")
    world.message("Hangup", 69, cid="d1", activecallkey=KEY)
    world.rings(69, agent=world.mehmet, cid="m")
    form = hangup_form(transaction_id="d1", call_date=local(0), duration="60")
    calls.record_hangup(world.tenant, form, received_at=after(70))
    assert (call.state, call.talk_seconds) == (CallState.RINGING, None)
    world.message("Hangup", 80, agent=world.mehmet, cid="m", activecallkey=KEY)
    assert (call.state, call.answered, call.talk_seconds) == (CallState.ENDED, True, 60)


def test_a_record_that_ends_later_ends_it_at_every_agent(world: World) -> None:
    world.rings(agent=world.mehmet, cid="m")
    world.message("Talking", 9, agent=world.mehmet, cid="m")  # its Hangup is lost
    late = cdr(**FIRST | {"hangupdate": local(600)})
    assert tell(world, late).state is CallState.ENDED


@pytest.mark.parametrize(
    "again",
    [
        {"agentid": "", "agent": ""},
        {"talkdate": None},
        {"duration": 61},
        {"callkey": "ck-9"},  # the same talk under another key
        {"callkey": ""},
        {"callkey": "", "talkdate": None, "agentid": ""},
        {"calldate": None, "talkdate": None},
    ],
)
def test_a_record_told_again_is_no_second_leg(world: World, again: dict[str, Any]) -> None:
    for told in ([FIRST, FIRST | again], [FIRST | again, FIRST]):
        call = tell(world, *(cdr(**one) for one in told))
        assert (call.parts, call.talk_seconds) == ([], again.get("duration", 60))


@pytest.mark.parametrize(
    "changes",
    [
        {"callkey": "ck-1"},  # the vendor may give a call one callkey
        {"callkey": ""},
        {"agentid": AYSE},  # handed back
        {"agentid": "", "agent": "Somebody"},
        {"calldate": local(0), "waitduration": 73},  # each leg may tell the call's start
        {"transferred": "true"},
        {"inbound": False, "callerid": "908500000010", "called_num": "05320000001"},
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_legs_are_told_apart_whatever_the_vendor_calls_them(
    world: World, changes: dict[str, Any], order: int
) -> None:
    call = tell(world, *[cdr(**FIRST), cdr(**SECOND | changes)][::order])
    assert [leg.talk_seconds for leg in call.parts] == [60, 30]
    assert (call.talk_seconds, call.wait_seconds, call.ended_at) == (90, 9, after(103))
    assert of_agents(world)["Ayse"].talk_seconds in (60, 90)


def test_many_legs_add_up(world: World) -> None:
    told = []
    for place in range(12):
        start = 100 * place
        changes = {"calldate": local(start), "talkdate": local(start + 9)}
        changes |= {"hangupdate": local(start + 69), "agentid": [AYSE, MEHMET][place % 2]}
        told.append(cdr(**FIRST | changes | {"callkey": f"ck-{place:02}"}))
    record_cdrs(world.tenant, told[::-1], received_at=after(5000))
    db.session.commit()
    [call] = rows(world)
    assert (call.leg_count, call.talk_seconds) == (12, 720)
    figures = of_agents(world)
    assert [figures[name].talk_seconds for name in ("Ayse", "Mehmet")] == [360, 360]
    again = record_cdrs(world.tenant, told, received_at=after(6000))
    assert (again.known, again.changed) == (12, 0)


def test_all_records_that_the_vendor_has_of_a_call_are_taken(world: World) -> None:
    class Vendor:
        told = (cdr(**FIRST), cdr(**SECOND))

        def cdr_logs_of_call(self, **_keys: str | None) -> tuple[CdrRecord, ...]:
            return self.told

    vendor: Any = Vendor()
    world.rings()
    assert complete_call(vendor, world.tenant.id, activecallkey=KEY)
    assert [call.leg_count for call in rows(world)] == [2]
    elsewhere = "https://a.example/recordings/of-another-call"
    vendor.told = (cdr(callkey="x", recordingurl=elsewhere), *vendor.told)
    complete_call(vendor, world.tenant.id, activecallkey=KEY)
    assert [call.leg_count for call in rows(world)] == [2]


def test_a_voicemail_is_kept_and_goes_with_the_person(world: World) -> None:
    from crm.calls.erase import erase_calls

    call = tell(world, cdr(**FIRST | {"voicemailtotext": "Bitte rufen Sie zurück, Elif Şahin"}))
    assert call.voicemail_text == "Bitte rufen Sie zurück, Elif Şahin"
    tell(world, cdr(**SECOND))
    erase_calls(0, ["+905320000001"], now=after(500))
    db.session.commit()
    assert (call.voicemail_text, call.talk_seconds, call.leg_count) == ("", 90, 2)


def test_legs_go_with_their_call(world: World) -> None:
    from crm import retention
    from crm.models.retention import RetentionKind

    tell(world, cdr(**FIRST), cdr(**SECOND))
    retention.set_times({RetentionKind.CALLS: 7})
    db.session.commit()
    retention.apply(now=after(0) + timedelta(days=30))
    assert db.session.scalars(select(CallLeg)).all() == []
