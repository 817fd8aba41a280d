"""What each event did to a call, told from the events alone."""

from typing import Any
from zoneinfo import ZoneInfo

from crm.calls import events as kinds
from crm.calls.effects import Effect, effects_of
from crm.calls.events import Event, digest_of
from crm.calls.record_page import cdr_event
from crm.models import CallState, EventSource
from tests.unit.calls_world import KEY, after, cdr

HANGUP = {
    "call_id": KEY,
    "called_num": "05320000001",
    "call_date": "2017-08-02 16:41:36",
    "duration": "7",
    "disposition": "ANSWER",
    "agent_username": "ayse@demo.example",
}


def message(kind: str, seconds: float, **payload: Any) -> Event:
    told = {"browser_call_id": "c1", "activecallkey": KEY, "number": "", **payload}
    return Event(
        source=EventSource.BROWSER,
        kind=kind,
        occurred_at=after(seconds),
        payload=told,
        agent_id=1,
        digest=digest_of(kind, seconds, told),
    )


def hangup(**fields: str) -> Event:
    form = HANGUP | fields
    return Event(
        source=EventSource.HANGUP,
        kind=kinds.HANGUP_POST,
        occurred_at=after(20),
        payload=form,
        digest=digest_of(form),
    )


def effects(*events: Event) -> list[Effect]:
    zone = ZoneInfo("Europe/Istanbul")
    return effects_of(events, zone=zone, region="TR", agent_ids={"ayse@demo.example": 1})


def changed(effect: Effect) -> dict[str, Any]:
    return {one.name: one.after for one in effect.changes}


def test_each_message_changes_the_state() -> None:
    rings, talks, ends = effects(
        message("IncomingCall", 0, number="05320000001"),
        message("Talking", 5),
        message("Hangup", 12),
    )
    assert changed(rings)["state"] is CallState.RINGING
    assert changed(rings)["number"] == "05320000001"
    assert all(change.before is None for change in rings.changes)
    assert changed(talks)["state"] is CallState.TALKING
    assert changed(talks)["answered"] is True
    assert changed(ends)["state"] is CallState.ENDED


def test_a_post_is_outranked_by_the_record_that_came_before_it() -> None:
    _record, post = effects(
        cdr_event(cdr(inbound=False, called_num="05320000001"), received_at=after(30)),
        hangup(disposition="BUSY"),
    )
    outranked = {one.name: one for one in post.outranked}
    assert outranked["disposition"].told == "BUSY"
    assert outranked["disposition"].believed == "ANSWER"
    assert outranked["disposition"].source == "cdr"
    assert "disposition" not in changed(post)


def test_the_record_outranks_the_post_when_it_comes() -> None:
    _post, record = effects(
        hangup(disposition="BUSY"),
        cdr_event(cdr(inbound=False, called_num="05320000001"), received_at=after(30)),
    )
    (change,) = [one for one in record.changes if one.name == "disposition"]
    assert (change.before, change.after) == ("BUSY", "ANSWER")


def test_what_it_confirms_is_no_change() -> None:
    _record, post = effects(
        cdr_event(cdr(inbound=False, called_num="05320000001"), received_at=after(30)), hangup()
    )
    assert {"direction", "number", "disposition"} & {*changed(post)} == set()
    assert [one.name for one in post.outranked if one.name in ("number", "disposition")] == []


def test_a_repeated_post_does_nothing() -> None:
    first, second = effects(hangup(), hangup())
    assert first.changes
    assert second == Effect(repeats=True)
