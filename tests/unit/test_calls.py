"""One call, several sources, one row."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import calls
from crm.extensions import db
from crm.models import Call, CallEvent, CallState, Contact, Direction
from tests.unit.calls_world import (
    ELIF_NORMAL,
    KEY,
    START,
    World,
    active,
    after,
    calls_told_of,
    cdr,
    hangup_form,
    local,
    make_contact,
    make_world,
)

both = pytest.mark.both_databases  # what depends on how the database finds, joins and locks


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def rows(world: World) -> list[Call]:
    return list(db.session.scalars(select(Call).where(Call.tenant_id == world.tenant.id)))


def only(world: World) -> Call:
    found = rows(world)
    assert len(found) == 1
    return found[0]


@both
def test_a_ringing_call_is_one_row_through_all_its_messages(world: World) -> None:
    call = world.rings()
    assert (call.state, call.direction) == (CallState.RINGING, Direction.INBOUND)
    assert (call.normal_form, call.agent_id) == (ELIF_NORMAL, world.ayse.id)
    world.message("Accept", 5)
    call = world.message("Talking", 6)
    assert (call.state, call.answered_at) == (CallState.TALKING, after(5))
    call = world.message("Hangup", 66, activecallkey=KEY)
    assert (call.state, call.ended_at, call.answered) == (CallState.ENDED, after(66), True)
    assert (call.wait_seconds, call.talk_seconds) == (5, 61)
    assert only(world).sources["ended_at"] == "browser"


@both
def test_the_same_message_twice_changes_nothing_and_is_counted(world: World) -> None:
    world.rings()
    world.rings()
    event = db.session.scalars(select(CallEvent).where(CallEvent.call_id == only(world).id)).one()
    assert event.repeats == 1


def test_an_unanswered_call_is_missed(world: World) -> None:
    world.rings()
    call = world.message("Hangup", 20, activecallkey=KEY)
    assert (call.answered, calls.result_of(call)) == (False, "missed")


def test_it_rings_again_on_the_same_row(world: World) -> None:
    world.rings()
    world.message("Hangup", 20, activecallkey=KEY)
    call = world.rings(30)
    assert (call.state, call.state_since, call.ended_at) == (CallState.RINGING, after(30), None)
    only(world)


def test_offered_to_two_agents_it_belongs_to_the_one_who_answered(world: World) -> None:
    world.rings()
    world.message("Hangup", 20, activecallkey=KEY)
    world.rings(21, agent=world.mehmet, cid="m1")
    world.message("Accept", 25, agent=world.mehmet, cid="m1")
    call = only(world)
    assert (call.agent_id, call.state) == (world.mehmet.id, CallState.TALKING)
    assert calls.open_cards(world.ayse.id) == []
    assert calls.open_cards(world.mehmet.id) == [call]


def test_the_agents_have_a_card_each(world: World) -> None:
    world.rings()
    world.rings(agent=world.mehmet, cid="m1")
    world.message("Accept", 4, agent=world.mehmet, cid="m1")
    call = only(world)
    hers, his = (calls.card_of(call, agent.id) for agent in (world.ayse, world.mehmet))
    assert hers is not None
    assert (hers.state, hers.open) == (CallState.ENDED, False)
    assert his is not None
    assert (his.state, his.open) == (CallState.TALKING, True)


@both
def test_a_click_that_dials_becomes_the_call_that_the_softphone_reports(world: World) -> None:
    dialled = world.dials()
    assert (dialled.state, dialled.direction) == (CallState.DIALLING, Direction.OUTBOUND)
    world.message("Dial", 0, cid="d1", number="05070000042")
    world.message("OutgoingActiveCallKey", 1, cid="d1", activecallkey=KEY)
    world.message("Accept", 2, cid="d1")
    assert only(world).state is CallState.DIALLING
    world.message("Talking", 9, cid="d1")
    call = only(world)
    assert (call.state, call.activecallkey, call.transaction_id) == (CallState.TALKING, KEY, "d1")
    assert call.normal_form == "+905070000042"


def test_a_dial_that_the_softphone_did_not_take_says_so_until_it_does(world: World) -> None:
    call = calls.record_dial_not_taken(world.dials())
    assert (call.state, call.dial_problem) == (CallState.ENDED, calls.NOT_TAKEN)
    assert calls.result_of(call) == "not_taken"
    call = world.message("Dial", 15, cid="d1", number="05070000042")
    assert (call.state, call.dial_problem) == (CallState.DIALLING, "")


def test_a_failed_dial_keeps_the_reason(world: World) -> None:
    call = calls.record_dial_failed(world.dials(), "Call Center Studio did not answer.")
    assert call.dial_problem == "Call Center Studio did not answer."
    assert calls.result_of(call) == "failed"


def test_the_hangup_post_ends_the_dialled_call(world: World) -> None:
    world.dials()
    form = hangup_form(transaction_id="d1", disposition="BUSY", duration="0")
    call = calls.record_hangup(world.tenant, form, received_at=after(30))
    assert call is not None
    assert (call.state, call.disposition, call.answered) == (CallState.ENDED, "BUSY", False)
    assert (call.started_at, call.talk_seconds) == (START, None)
    assert calls.result_of(only(world)) == "busy"


def test_a_hangup_post_of_an_unknown_call_makes_one(world: World) -> None:
    calls.record_hangup(world.tenant, hangup_form())
    call = only(world)
    assert (call.agent_id, call.talk_seconds) == (world.ayse.id, 7)


@both
def test_a_hangup_post_without_any_key_is_kept(world: World) -> None:
    assert calls.record_hangup(world.tenant, {"duration": "abc"}) is None
    event = db.session.scalars(select(CallEvent).where(CallEvent.call_id.is_(None))).one()
    assert event.payload == {"duration": "abc"}


def test_the_record_is_believed_before_all_others(world: World) -> None:
    world.rings()
    world.message("Talking", 4)
    world.message("Hangup", 60, activecallkey=KEY)
    call = calls.record_cdr(world.tenant, cdr(), asked_for={"activecallkey": KEY})
    assert call is only(world)
    assert (call.wait_seconds, call.talk_seconds, call.queue) == (9, 60, "Support")
    assert (call.answered_at, call.ended_at, call.complete) == (after(9), after(69), True)
    assert call.sources["talk_seconds"] == "cdr"


@both
def test_a_line_that_dialled_itself_is_told_by_the_record_alone(world: World) -> None:
    """Once the number is withheld it stands nowhere, whoever tells it."""
    itself = {"callerid": "08500000010", "inbound": False}
    seen = calls.record_cdr(world.tenant, cdr(**itself), received_at=after(100))
    hidden = {"callid": "2", "callkey": "2", "uniqueid": "2", "recordingurl": "/recordings/2"}
    withheld = calls.record_cdr(world.tenant, cdr(**itself | hidden), received_at=after(100))
    assert seen is not None
    assert withheld is not None
    entry = active(key="2", callerid="908500xxxxxx", called_num="908500xxxxxx", inbound=False)
    calls.record_active_call(tenant_id=world.tenant.id, agent_id=world.ayse.id, active=entry)
    assert withheld.caller_kind == "masked"
    assert (seen.line, withheld.line) == ("08500000010", "")


def test_a_record_without_its_activecallkey_is_tied_by_the_question(world: World) -> None:
    missed = cdr(recordingurl="", answered=False, duration=None, disposition="NOANSWER")
    calls.record_cdr(world.tenant, missed)
    world.rings()
    world.message("Hangup", 20, activecallkey=KEY)
    assert len(rows(world)) == 2
    calls.record_cdr(world.tenant, missed, asked_for={"activecallkey": KEY})
    call = only(world)
    assert (call.activecallkey, call.callkey) == (KEY, missed.callkey)
    assert calls.result_of(call) == "missed"


@both
def test_joined_rows_lose_neither_note_nor_id(world: World) -> None:
    by_record = calls.record_cdr(world.tenant, cdr(recordingurl=""))
    assert by_record is not None
    by_browser = world.rings()
    calls.record_wrap_up(by_record, world.mehmet.id, note="from the log", at=after(100))
    calls.record_wrap_up(
        by_browser, world.ayse.id, note="at the desk", outcome="sale", at=after(90)
    )
    db.session.commit()
    old_id = by_browser.id
    calls.record_cdr(world.tenant, cdr(recordingurl=""), asked_for={"activecallkey": KEY})
    call = only(world)
    assert (call.note, call.outcome) == ("at the desk\nfrom the log", "sale")
    assert calls.find(old_id) is call
    assert calls.by_browser_call_id(world.tenant.id, world.ayse.id, "c1") is call
    call = calls.record_wrap_up(call, world.ayse.id, note="at the desk, sold", at=after(110))
    assert call.note == "from the log\nat the desk, sold"


def test_rows_with_different_vendor_keys_stay_apart(world: World) -> None:
    world.rings()
    world.rings(60, activecallkey="another-key")
    assert {call.activecallkey for call in rows(world)} == {KEY, "another-key"}


@both
def test_the_keys_of_another_tenant_are_another_call(world: World) -> None:
    world.rings()
    everywhere = db.session.scalar(select(func.count()).where(Call.activecallkey == KEY))
    assert everywhere == 2
    only(world)


@both
def test_a_masked_caller_is_matched_and_never_shown(world: World) -> None:
    elif_ = make_contact()
    call = world.rings(number="90532xxxxxxx")
    assert (call.caller_kind, call.normal_form, call.contact_id) == ("masked", None, None)
    calls.record_active_call(
        tenant_id=world.tenant.id, agent_id=world.ayse.id, active=active(), at=after(2)
    )
    call = only(world)
    assert (call.caller_kind, call.is_resolved, call.shown_number) == ("masked", True, None)
    assert (call.contact_id, call.contact_name) == (elif_.id, "Elif Şahin")


def test_an_anonymous_caller_is_nobody(world: World) -> None:
    call = world.rings(number="anonymous")
    assert (call.caller_kind, call.normal_form, call.shown_number) == ("anonymous", None, None)


def test_a_number_that_two_contacts_share_waits_for_a_choice(world: World) -> None:
    make_contact("Kuzey Bir")
    second = make_contact("Kuzey İki")
    call = world.rings()
    assert call.contact_id is None
    call = calls.record_wrap_up(call, world.ayse.id, contact_id=second.id)
    assert (call.contact_id, call.sources["contact"]) == (second.id, "agent")
    assert world.message("Talking", 5).contact_id == second.id


def test_a_number_that_two_contacts_share_claims_nothing(world: World) -> None:
    call = world.rings()
    first, _second = make_contact("Kuzey Bir"), make_contact("Kuzey İki")
    assert calls.claim_calls(first.id) == 0
    assert call.contact_id is None


@both
def test_a_new_contact_claims_the_calls_that_are_nobodys(world: World) -> None:
    other = make_contact("Somebody", "+905070000042")
    mine, theirs = world.rings(), world.rings(100, cid="c2", activecallkey="k2")
    calls.record_wrap_up(theirs, world.ayse.id, contact_id=other.id)
    elif_ = make_contact()
    assert calls.claim_calls(elif_.id) == 2  # mine, and the one of the other tenant
    db.session.commit()
    assert (mine.contact_id, theirs.contact_id) == (elif_.id, other.id)
    assert world.message("Talking", 6).contact_id == elif_.id


def test_a_contacts_row_tells_its_last_call(world: World) -> None:
    elif_ = make_contact()
    world.rings()
    call = world.message("Talking", 3)
    calls.record_wrap_up(call, world.ayse.id, note="wants the invoice\nagain", at=after(4))
    assert calls_told_of(elif_) == (0, None, "")  # it is not over yet
    world.message("Hangup", 9, activecallkey=KEY)
    summary = "answered · wants the invoice"
    assert calls_told_of(elif_) == (1, START, summary)
    assert calls.result_and_note(summary) == ("answered", "wants the invoice")


@both
def test_a_chosen_contact_takes_the_call_from_the_other_ones_count(world: World) -> None:
    elif_, other = make_contact(), make_contact("Somebody", "+905070000042")
    world.rings()
    call = world.message("Hangup", 9, activecallkey=KEY)
    calls.record_wrap_up(call, world.ayse.id, contact_id=other.id)
    assert calls_told_of(elif_) == (0, None, "")
    assert calls_told_of(other) == (1, START, "missed")


@both
def test_a_deleted_contacts_call_keeps_number_and_name(world: World) -> None:
    elif_ = make_contact()
    world.rings()
    db.session.execute(Contact.__table__.delete().where(Contact.id == elif_.id))
    db.session.commit()
    call = world.message("Talking", 5)
    assert (call.contact_id, call.contact_name, call.normal_form) == (
        None,
        "Elif Şahin",
        ELIF_NORMAL,
    )


def test_hold_is_seen_and_counted(world: World) -> None:
    world.rings()
    call = world.message("Talking", 5)
    call = calls.record_hold(call, True, at=after(10))
    assert (call.state, call.state_since) == (CallState.HELD, after(10))
    call = calls.record_hold(call, False, at=after(25))
    assert (call.state, call.hold_seconds) == (CallState.TALKING, 15)


def test_a_hold_that_only_the_vendors_list_told_ends_by_the_list(world: World) -> None:
    world.rings()
    world.message("Talking", 5)
    states = []
    for seconds, status in ((10, "hold"), (25, "talking"), (30, "hold")):
        entry = active(talkdate=local(5), status=status)
        call = calls.record_active_call(
            tenant_id=world.tenant.id, agent_id=world.ayse.id, active=entry, at=after(seconds)
        )
        assert call
        states.append(call.state)
    assert states == [CallState.HELD, CallState.TALKING, CallState.HELD]
    assert call
    calls.record_hold(call, False, at=after(40))
    call = calls.record_hold(call, True, at=after(50))
    entry = active(talkdate=local(5), status="talking")
    calls.record_active_call(
        tenant_id=world.tenant.id, agent_id=world.ayse.id, active=entry, at=after(60)
    )
    assert call.state is CallState.HELD  # the agent's own hold; words of `status` are a guess


def test_a_listing_that_says_less_ends_no_hold(world: World) -> None:
    world.rings()
    world.message("Talking", 5)
    for at, status in ((10, "hold"), (20, "")):
        entry = active(talkdate=local(5), status=status)
        call = calls.record_active_call(
            tenant_id=world.tenant.id, agent_id=world.ayse.id, active=entry, at=after(at)
        )
    assert call is not None
    assert call.state is CallState.HELD


def test_a_call_that_the_vendor_does_not_list_any_more_is_ended(world: World) -> None:
    world.rings()
    call = world.message("Talking", 5)
    call = calls.end_if_gone(call, world.ayse.id, {KEY}, now=after(100))
    assert call.state is CallState.TALKING
    call = calls.end_if_gone(call, world.ayse.id, set(), now=after(190))
    assert (call.state, call.ended_at) == (CallState.ENDED, after(190))


def test_a_call_without_a_key_may_be_any_that_the_vendor_lists(world: World) -> None:
    call = world.message("Dial", 0, cid="p1", number="05070000042")
    assert (
        calls.end_if_gone(call, world.ayse.id, {"some"}, now=after(90)).state is CallState.DIALLING
    )
    assert calls.end_if_gone(call, world.ayse.id, (), now=after(90)).state is CallState.ENDED


@both
def test_done_closes_the_card_and_a_new_ring_opens_it(world: World) -> None:
    call = world.rings()
    assert calls.open_cards(world.ayse.id) == [call]
    world.message("Hangup", 20, activecallkey=KEY)
    calls.close_card(call, world.ayse.id, at=after(25))
    assert calls.open_cards(world.ayse.id) == []
    world.rings(30)
    assert calls.open_cards(world.ayse.id) == [call]


def test_an_active_call_that_no_page_knows_gets_a_card(world: World) -> None:
    call = calls.record_active_call(
        tenant_id=world.tenant.id,
        agent_id=world.ayse.id,
        active=active(talkdate=local(3)),
        at=after(9),
    )
    assert calls.open_cards(world.ayse.id) == [call]
    assert call is not None
    assert call.state is CallState.TALKING


@pytest.mark.parametrize(
    ("browser_start", "started"),
    [
        (None, datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        (datetime(2025, 10, 26, 1, 30, 4, tzinfo=UTC), datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_the_repeated_hour_is_the_earlier_one_unless_the_browser_knows(
    world: World, browser_start: datetime | None, started: datetime
) -> None:
    world.tenant.timezone = "Europe/Berlin"
    if browser_start:
        world.rings((browser_start - START).total_seconds())
    record = cdr(calldate="2025-10-26 02:30:00", hangupdate=None)
    call = calls.record_cdr(world.tenant, record, asked_for={"activecallkey": KEY})
    assert call is not None
    assert (call.started_at, call.time_uncertain) == (started, browser_start is None)


@pytest.mark.parametrize(
    ("changes", "ended"),
    [
        ({"hangupdate": local(-500)}, after(69)),
        ({"hangupdate": "None"}, after(69)),
        ({"duration": "abc", "hangupdate": local(80)}, after(80)),
        ({"calldate": None, "hangupdate": local(80), "waitduration": None}, after(80)),
        ({"duration": "abc", "hangupdate": local(-500)}, after(9)),
        ({"duration": None, "hangupdate": "None", "waitduration": None}, after(0)),
    ],
)
def test_a_record_with_nonsense_in_it_is_used_as_far_as_it_goes(
    world: World, changes: dict[str, Any], ended: datetime
) -> None:
    call = calls.record_cdr(world.tenant, cdr(**changes), received_at=after(7500))
    assert call is not None
    assert (call.ended_at, call.complete) == (ended, True)


@both
def test_the_log_goes_on_after_the_last_call_of_a_page(world: World) -> None:
    for number in range(5):
        world.rings(number, cid=f"c{number}", activecallkey=f"k{number}")
    mine = calls.CallFilter(tenant_ids=(world.tenant.id,))
    first = calls.matching(mine, limit=3)
    last = first[-1]
    rest = calls.matching(mine, limit=3, before=last.cursor)
    assert [call.activecallkey for call in [*first, *rest]] == ["k4", "k3", "k2", "k1", "k0"]


@both
@pytest.mark.parametrize("comes", [("d2",), ("d1",), ("d1", "d2"), ("d2", "d1")])
@pytest.mark.parametrize("record_has_key", [True, False])
def test_dialled_again_after_it_was_not_taken_each_call_that_comes_is_one_row(
    world: World, comes: tuple[str, ...], record_has_key: bool
) -> None:
    """The page takes the first `Dial` message for the newer dial's, whichever it was."""
    calls.record_dial_not_taken(world.dials("d1"), at=after(10))
    world.dials("d2")
    for place, (transaction, cid) in enumerate(zip(comes, ("d2", "d1"), strict=False)):
        at, key = 20 + 100 * place, f"k{place}"
        world.message("Dial", at, cid=cid, number="05070000042")
        world.message("OutgoingActiveCallKey", at + 1, cid=cid, activecallkey=key)
        world.message("Talking", at + 9, cid=cid)
        world.message("Hangup", at + 69, cid=cid, activecallkey=key)
        form = hangup_form(call_id=key, transaction_id=transaction, called_num="05070000042")
        calls.record_hangup(world.tenant, form, received_at=after(at + 70))
        address = f"https://demo.callcenterstudio.com/recordings/{key}" if record_has_key else None
        record = cdr(
            callkey=f"ck-{key}",
            uniqueid=transaction,
            inbound=False,
            called_num="05070000042",
            calldate=local(at),
            recordingurl=address,
        )
        calls.record_cdr(world.tenant, record, asked_for={"activecallkey": key})
        calls.record_cdr(world.tenant, record)
    db.session.commit()
    told = sorted((row.activecallkey, row.callkey) for row in rows(world) if row.answered)
    assert told == [("k0", "ck-k0"), ("k1", "ck-k1")][: len(comes)]
    assert len(rows(world)) <= 2


@both
@pytest.mark.parametrize("hung_up_there", [True, False])
@pytest.mark.parametrize("told_by", ["record", "hangup post", "notification", "nobody"])
def test_a_ring_that_a_colleague_took_leaves_though_only_the_vendor_tells(
    world: World, told_by: str, hung_up_there: bool
) -> None:
    """The colleague may have answered at a telephone on the desk, or the messages were lost."""
    for person, cid in ((world.ayse, "a"), (world.mehmet, "m")):
        world.message(
            "IncomingCall", 0, agent=person, cid=cid, number="05320000001", activecallkey=KEY
        )
    if hung_up_there:
        world.message("Hangup", 9, agent=world.mehmet, cid="m", activecallkey=KEY)
    if told_by == "record":
        calls.record_cdr(world.tenant, cdr(agentid=world.ayse.studio_email), received_at=after(75))
    elif told_by == "hangup post":
        form = hangup_form(agent_username=world.ayse.studio_email, call_date=local(0))
        calls.record_hangup(world.tenant, form, received_at=after(75))
    elif told_by == "notification":
        told = {"CallID": KEY, "AgentID": world.ayse.studio_email, "duration": "60"}
        calls.record_notification(world.tenant, told, received_at=after(75))
    db.session.commit()
    cards = {person: calls.card_of(only(world), person.id) for person in (world.ayse, world.mehmet)}
    shown = {person.name: card is not None and card.open for person, card in cards.items()}
    assert shown == {world.ayse.name: True, world.mehmet.name: told_by == "nobody"}


def test_a_ring_that_its_own_agent_took_stays_though_only_the_vendor_tells(world: World) -> None:
    world.rings()
    calls.record_cdr(world.tenant, cdr(agentid=world.ayse.studio_email), received_at=after(75))
    card = calls.card_of(only(world), world.ayse.id)
    assert card is not None
    assert card.open


def test_a_ring_after_the_colleague_had_the_call_stays(world: World) -> None:
    """Handed on, and given up by the caller: it was missed here."""
    world.message("Talking", 9, cid="a", activecallkey=KEY)
    ring = {"number": "05320000001", "activecallkey": KEY}
    world.message("IncomingCall", 50, agent=world.mehmet, cid="m", **ring)
    calls.record_cdr(world.tenant, cdr(agentid=world.ayse.studio_email), received_at=after(75))
    card = calls.card_of(only(world), world.mehmet.id)
    assert card is not None
    assert card.open
