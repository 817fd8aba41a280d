"""Whether somebody answered: any spelling, words that nobody knows, and what comes twice with less.

A talk that the softphone saw is undone by nobody who does not really say so.
"""

from typing import Any

import pytest
from flask import Flask

from crm import calls
from crm.calls import missed
from crm.extensions import db
from crm.models import Call
from tests.unit.calls_world import KEY, World, after, cdr, hangup_form, local, make_world

YES, NO, UNKNOWN = True, False, None
NOTHING_ELSE = {"answered": None, "duration": None, "agent": "", "agentid": "", "talkdate": None}
TALKED = {"answered": None, "duration": 60}

WORDS = [
    *((word, YES) for word in ("ANSWER", "answer", "Answered", "answered", "ANSWERED", " Answer ")),
    *(
        (word, NO)
        for word in ("NOANSWER", "noanswer", "NoAnswer", "NO ANSWER", "no_answer", "busy")
    ),
    *((word, NO) for word in ("CANCELLED", "Canceled", "congestion", "CONGESTİON", "chanunavail")),
    *(
        (word, UNKNOWN)
        for word in ("Cevaplandı", "Yanıtlandı", "görüşüldü", "OK", "16", "FINISHED")
    ),
]


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def recorded(world: World, **changes: Any) -> Call:
    call = calls.record_cdr(world.tenant, cdr(**changes), received_at=after(200))
    db.session.commit()
    assert call is not None
    return call


def posted(world: World, **changes: str) -> Call:
    form = hangup_form(**{"call_date": local(0)} | changes)
    call = calls.record_hangup(world.tenant, form, received_at=after(90))
    db.session.commit()
    assert call is not None
    return call


def notified(world: World, at: float = 70, **parameters: str) -> Call:
    told = {"CallID": KEY, "MobilePhoneNumber": "05320000001"} | parameters
    call = calls.record_notification(world.tenant, told, received_at=after(at))
    db.session.commit()
    assert call is not None
    return call


def talks(world: World, seconds: float = 40) -> None:
    """The softphone saw Ayşe talk."""
    world.rings()
    world.message("Accept", 5)
    world.message("Talking", 5)
    world.message("Hangup", 5 + seconds, activecallkey=KEY)


@pytest.mark.parametrize(("word", "answered"), WORDS)
def test_any_spelling_of_a_word_is_that_word(
    world: World, word: str, answered: bool | None
) -> None:
    by_record = recorded(world, disposition=word, **NOTHING_ELSE)
    assert by_record.answered is answered
    nobody = {"agent_username": "", "duration": ""}
    by_post = posted(world, call_id="p", transaction_id="p", disposition=word, **nobody)
    assert by_post.answered is answered
    by_step = notified(world, CallID="n", disposition=word)
    assert by_step.answered is answered


def test_another_spelling_is_filtered_and_shown_as_the_vendors_word(world: World) -> None:
    call = recorded(world, inbound=False, disposition="No Answer", answered=None, duration=None)
    assert (call.disposition, calls.result_of(call)) == ("NOANSWER", "no_answer")
    found = calls.matching(calls.CallFilter(disposition="NOANSWER"))
    assert [one.id for one in found] == [call.id]


@pytest.mark.parametrize(
    ("changes", "answered"),
    [
        ({"disposition": "ANSWERED"} | TALKED, YES),
        ({"disposition": "Cevaplandı"} | TALKED, YES),
        ({"disposition": ""} | TALKED, YES),
        ({"disposition": "", "inbound": False} | TALKED, YES),
        ({"disposition": "", "agentid": ""} | TALKED, YES),  # the name is an agent as well
        ({"disposition": "NOANSWER"} | TALKED, NO),
        ({"disposition": "Cevaplandı", "answered": False}, NO),
        ({"disposition": "Cevaplandı"} | NOTHING_ELSE, UNKNOWN),
        ({"disposition": "Cevaplandı"} | NOTHING_ELSE | {"duration": 60}, UNKNOWN),
        ({"disposition": "Cevaplandı"} | NOTHING_ELSE | {"talkdate": local(9)}, YES),
        ({"disposition": ""} | NOTHING_ELSE, NO),
        ({"disposition": "", "inbound": False} | NOTHING_ELSE, NO),
    ],
)
def test_a_talk_with_an_agent_is_an_answer(
    world: World, changes: dict[str, Any], answered: bool | None
) -> None:
    call = recorded(world, **changes)
    assert call.answered is answered
    assert (call.talk_seconds == 60) is (answered is YES and "talkdate" not in changes)
    words = {YES: {"answered"}, NO: {"missed", "no_answer"}, UNKNOWN: {"ended"}}
    assert calls.result_of(call) in words[answered]


@pytest.mark.parametrize(
    "form",
    [
        {"disposition": "answered", "duration": "40"},
        {"disposition": "Cevaplandı", "duration": "0"},
        {"disposition": "Cevaplandı", "duration": "", "agent_username": ""},
        {"disposition": "", "duration": ""},
    ],
)
def test_a_post_does_not_undo_a_talk_that_the_softphone_saw(
    world: World, form: dict[str, str]
) -> None:
    talks(world)
    call = posted(world, **form)
    assert (call.answered, call.talk_seconds, calls.result_of(call)) == (True, 40, "answered")
    really = posted(world, disposition="NOANSWER", duration="0", agent_username="")
    assert (really.id, really.answered) == (call.id, form["duration"] == "40")


@pytest.mark.parametrize("inbound", [True, False])
def test_a_record_does_not_undo_a_talk_that_the_softphone_saw(world: World, inbound: bool) -> None:
    talks(world)
    thin = NOTHING_ELSE | {"inbound": inbound, "hangupdate": None, "waitduration": None}
    for word in ("", "Cevaplandı"):
        call = recorded(world, disposition=word, **thin)
        assert (call.answered, call.talk_seconds) == (True, 40)
    assert recorded(world, disposition="", **thin | {"answered": False}).answered is False


def test_a_step_that_knows_no_agent_makes_nobody_wait(world: World) -> None:
    call = notified(world, queue="Support")
    assert (calls.result_of(call), call.agent_id) == ("ended", None)
    assert missed.count_waiting([world.tenant.id], now=after(80)) == 0
    assert calls.matching(calls.CallFilter(result=calls.Result.MISSED)) == []
    recorded(world, answered=False, duration=None, disposition="", talkdate=None)
    assert calls.result_of(call) == "missed"
    assert missed.count_waiting([world.tenant.id], now=after(300)) == 1


FULL = {"AgentID": "ayse@demo.example", "queue": "Support", "duration": "60"}
LESS: list[dict[str, str]] = [
    dict.fromkeys(FULL, ""),
    {"AgentID": ""},
    {"AgentID": "", "queue": "Support", "duration": ""},
    {"AgentID": "", "queue": "Support", "duration": "0", "called": "908500000010"},
    {"queue": ""},
    {},
    {"disposition": "", "AgentID": ""},
    {"disposition": "Bitti", "AgentID": ""},
]


@pytest.mark.both_databases
@pytest.mark.parametrize("less", LESS)
@pytest.mark.parametrize("order", [1, -1])
def test_a_call_notified_again_with_less_keeps_what_was_told(
    world: World, less: dict[str, str], order: int
) -> None:
    for at, told in enumerate([FULL, less][::order]):
        call = notified(world, 70 + at, **told)
    assert (call.answered, call.talk_seconds) == (True, 60)
    assert (call.agent_id, call.queue) == (world.ayse.id, "Support")


@pytest.mark.parametrize("order", [1, -1])
def test_a_post_again_with_less_keeps_what_was_told(world: World, order: int) -> None:
    full = hangup_form(call_date=local(0))
    less = dict.fromkeys(full, "") | {"call_id": KEY, "more": "", "fields": "", "than": "before"}
    for form in [full, less, full | {"duration": "", "agent_username": ""}][::order]:
        call = posted(world, **form)
    assert (call.answered, call.talk_seconds) == (True, 7)
    assert (call.agent_id, call.disposition, call.started_at) == (world.ayse.id, "ANSWER", after(0))


@pytest.mark.parametrize("order", [1, -1])
def test_a_record_again_with_less_keeps_what_was_told(world: World, order: int) -> None:
    full = cdr(holdduration=7, talkdate=local(9))
    empty = dict.fromkeys(full.raw, None)
    kept = {name: full.raw[name] for name in ("callkey", "recordingurl")}
    less = [empty | kept, empty | kept | {"status": "hangup", "x": "", "y": ""}]
    less += [{**full.raw, name: None} for name in ("agentid", "talkdate", "calldate", "answered")]
    told = [full.raw, *less]
    for raw in told[::order]:
        call = recorded(world, **dict(raw))
    assert (call.answered, call.talk_seconds, call.hold_seconds) == (True, 60, 7)
    assert (call.agent_id, call.queue, call.wait_seconds) == (world.ayse.id, "Support", 9)
    assert (call.started_at, call.answered_at, call.ended_at) == (after(0), after(9), after(69))
