"""A contact is erased for good: calls keep their figures, and nothing brings the person back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, make_url, select, text

from crm import calls, contacts, retention
from crm.calls.apply import refold
from crm.calls.erase import count_calls_of, erase_calls
from crm.calls.record_page import record_cdrs
from crm.contacts import ContactNotFound
from crm.extensions import db
from crm.models import (
    Agent,
    Call,
    CallEvent,
    Contact,
    EventSource,
    InboxEntry,
    PhoneNumber,
    RetentionKind,
    Tenant,
    WorkState,
    utc_now,
)
from crm.settings import Settings
from crm.worker.vacuum import ask_to_vacuum
from crm.worker.work import run_work, take_due
from tests.unit.calls_world import (
    ELIF,
    ELIF_NORMAL,
    KEY,
    World,
    active,
    after,
    cdr,
    hangup_form,
    in_the_inbox,
    make_contact,
    make_world,
)

NOTE = "Elif wants the invoice, ring 0532 000 00 01"
# What must be nowhere: forms of the number, name, note.
TRACES = ("5320000001", "532 000 00 01", "Elif", "Şahin", "elif", "invoice", "sekreter")
KEPT = (
    *("tenant_id", "agent_id", "agent_name", "activecallkey", "callkey", "transaction_id"),
    *("direction", "state", "line", "queue", "started_at", "answered_at", "ended_at"),
    *("wait_seconds", "talk_seconds", "hold_seconds", "answered", "disposition", "hangup_cause"),
    *("outcome", "complete", "abandoned", "record_problems", "transferred", "leg_count"),
)


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def told_everything(world: World) -> Call:
    """A call of Elif's with every kind of event, the person in each."""
    world.rings()
    world.message("Talking", 9)
    entry = active(callerid=ELIF, inbound=True, customvariables={"name": "Elif Şahin"})
    calls.record_active_call(
        tenant_id=world.tenant.id, agent_id=world.ayse.id, active=entry, at=after(10)
    )
    call = world.message("Hangup", 69, activecallkey=KEY)
    calls.record_wrap_up(
        call, world.ayse.id, note=NOTE, outcome="follow_up", contact_id=call.contact_id
    )
    parameters = {"CallID": KEY, "MobilePhoneNumber": ELIF, "AgentID": "ayse@demo.example"}
    calls.record_notification(world.tenant, parameters | {"Musteri": "Elif Şahin"})
    calls.record_cdr(world.tenant, record_of_elif(), asked_for={"activecallkey": KEY})
    db.session.commit()
    return call


def record_of_elif(**changes: Any) -> Any:
    return cdr(voicemailtotext="ben Elif Şahin", notes={"by": "sekreter"}, **changes)


def everything() -> str:
    """All that is in the database, as text."""
    found = []
    for table in db.metadata.sorted_tables:
        rows = db.session.execute(select(table)).mappings()
        found += [
            f"{table.name} {json.dumps(dict(row), default=str, ensure_ascii=False)}" for row in rows
        ]
    if db.engine.dialect.name == "sqlite":
        found += [
            f"contact_search {row}"
            for row in db.session.execute(text("SELECT * FROM contact_search"))
        ]
    return "\n".join(found)


def traces() -> list[str]:
    """Rows of the database that tell of the person, each behind its table's name."""
    db.session.expire_all()
    return [line for line in everything().splitlines() if any(one in line for one in TRACES)]


def erase(contact: Contact) -> int:
    goes = contacts.what_goes(contact.id, lock=True)
    erased = erase_calls(contact.id, goes.own_numbers, now=utc_now())
    contacts.erase(goes.contact)
    db.session.commit()
    return erased


@pytest.mark.both_databases
def test_calls_keep_their_figures_and_lose_the_person(world: World) -> None:
    elif_ = make_contact()
    call = told_everything(world)
    before = {name: getattr(call, name) for name in KEPT}
    assert traces()
    goes = contacts.what_goes(elif_.id)
    assert count_calls_of(elif_.id, goes.own_numbers) == 2
    assert erase(elif_) == 2
    assert traces() == []
    assert {name: getattr(call, name) for name in KEPT} == before
    assert (call.contact_id, call.contact_name, call.number, call.normal_form) == (
        None,
        "",
        "",
        None,
    )
    assert (call.note, call.recording_url, call.outcome) == ("", None, "follow_up")
    assert call.erased_at is not None
    assert contacts.get(elif_.id) is contacts.get_deleted(elif_.id) is None
    assert db.session.scalars(select(PhoneNumber)).all() == []


@pytest.mark.both_databases
def test_what_comes_later_does_not_bring_the_person_back(world: World) -> None:
    elif_ = make_contact()
    call = told_everything(world)
    erase(elif_)
    other = make_contact("Somebody Else")  # with the same number, later
    before = {column.key: getattr(call, column.key) for column in inspect(Call).columns}
    calls.record_cdr(world.tenant, record_of_elif(), asked_for={"activecallkey": KEY})
    calls.record_cdr(world.tenant, record_of_elif(transferred=1), asked_for={"activecallkey": KEY})
    record_cdrs(world.tenant, [record_of_elif(transferred=2)], received_at=utc_now())
    calls.record_hangup(world.tenant, hangup_form(called_num=ELIF))
    world.message("IncomingCall", 0, number=ELIF, activecallkey=KEY)
    calls.record_wrap_up(call, world.ayse.id, note=NOTE)
    calls.claim_calls(other.id)
    db.session.commit()
    db.session.refresh(call)
    changed = {name for name, value in before.items() if getattr(call, name) != value}
    figures = {"transaction_id", "disposition", "hangup_cause", "transferred"}
    assert changed <= {"updated_at", "sources", *figures}
    assert {line.split()[0] for line in traces()} <= {"contact", "contact_search", "phone_number"}


@pytest.mark.both_databases
def test_a_row_that_is_joined_to_an_erased_one_loses_the_person_too(world: World) -> None:
    elif_ = make_contact()
    older = calls.record_cdr(world.tenant, cdr(callkey="ck", recordingurl=""))
    assert older is not None
    db.session.commit()
    erase(elif_)
    younger = world.rings()
    calls.record_wrap_up(younger, world.ayse.id, note=NOTE)
    db.session.commit()
    calls.record_cdr(
        world.tenant, cdr(callkey="ck", recordingurl=""), asked_for={"activecallkey": KEY}
    )
    db.session.commit()
    db.session.expire_all()
    assert older.activecallkey == KEY
    assert (older.note, older.normal_form, older.contact_name) == ("", None, "")
    assert traces() == []


def test_calls_of_a_number_that_another_contact_has_stay_unless_they_are_tied(
    world: World,
) -> None:
    call = world.rings()
    first, second = make_contact(), make_contact("Ayhan Şahin")
    db.session.commit()
    goes = contacts.what_goes(first.id)
    assert (goes.shared, goes.own_numbers) == ([ELIF_NORMAL], set())
    assert count_calls_of(first.id, goes.own_numbers) == 0
    erase(first)
    db.session.refresh(call)
    assert call.normal_form == ELIF_NORMAL
    erase(second)
    db.session.refresh(call)
    assert call.normal_form is None


@pytest.mark.both_databases
def test_the_id_of_an_erased_contact_never_means_another_one(world: World) -> None:
    older, newest = make_contact("Older", "+905550000001"), make_contact("Newest", "+905550000002")
    ids = {older.id, newest.id}
    for contact in (newest, older):
        erase(contact)
    assert make_contact("Later").id not in ids
    left = select(Contact.id, Contact.name).where(Contact.id.in_(ids))
    assert [name for _id, name in db.session.execute(left)] == [""]
    erase(make_contact("Last", "+905550000003"))
    assert db.session.scalars(left).all() == []


def test_a_deleted_contact_can_be_erased_too(world: World) -> None:
    elif_ = make_contact()
    contacts.delete(elif_.id)
    db.session.commit()
    erase(elif_)
    assert contacts.get_deleted(elif_.id) is None
    with pytest.raises(ContactNotFound):
        contacts.what_goes(elif_.id, lock=True)


@pytest.mark.both_databases
def test_numbers_that_wait_to_be_folded_or_named_no_call_go_as_well(world: World) -> None:
    elif_ = make_contact()
    form = hangup_form(call_id="another", called_num="0532 000 00 01")
    other = hangup_form(called_num="05550000001")
    for payload in (form, other):
        db.session.add(
            InboxEntry(tenant_id=world.tenant.id, source=EventSource.HANGUP, payload=payload)
        )
    calls.record_hangup(world.tenant, {"called_num": ELIF, "duration": "7"})
    db.session.commit()
    erase(elif_)
    payloads = [
        row.payload for row in db.session.scalars(select(InboxEntry).order_by(InboxEntry.id))
    ]
    assert payloads == [form | {"called_num": ""}, other]
    nobodys = db.session.scalars(select(CallEvent).where(CallEvent.call_id.is_(None))).one()
    assert nobodys.payload == {"called_num": "", "duration": "7"}


@pytest.mark.both_databases
def test_all_that_came_with_a_number_and_no_call_is_the_persons(world: World) -> None:
    elif_ = make_contact()
    told = {"CallID": "another", "duration": "7", "by": "Elif Şahin"}
    for more in ({"to": "sip:05320000001@x"}, {"0532 000 00 01": ""}, {"number": ELIF}):
        calls.record_notification(world.tenant, {"by": "Elif Şahin", **more})
        entry = InboxEntry(
            tenant_id=world.tenant.id,
            source=EventSource.NOTIFICATION,
            payload={**told, **more},
            attempts=1,
            last_error="ValueError: Elif Şahin",
        )
        db.session.add(entry)
    db.session.commit()
    erase(elif_)
    assert traces() == []
    left = [row.payload for row in db.session.scalars(select(InboxEntry))]
    assert left == [{"CallID": "another", "duration": "7"}] * 3


def test_a_figure_is_not_taken_for_a_short_number_of_the_person(world: World) -> None:
    depot = make_contact("Depot", "12")
    post = hangup_form(call_id="another", called_num="12", waited="12 s", queue="12 Depo")
    entry = InboxEntry(tenant_id=world.tenant.id, source=EventSource.HANGUP, payload=post)
    other = InboxEntry(
        tenant_id=world.tenant.id,
        source=EventSource.HANGUP,
        payload=hangup_form(call_id="third", called_num=ELIF, queue="12 Depo"),
    )
    db.session.add_all([entry, other])
    db.session.commit()
    before = dict(other.payload)
    erase(depot)
    db.session.expire_all()
    assert (entry.payload["called_num"], other.payload) == ("", before)


def test_what_agents_see_of_a_masked_caller_goes_too(world: World) -> None:
    elif_ = make_contact()
    call = world.rings(number="90532xxxxxxx")
    calls.record_cdr(world.tenant, cdr(), asked_for={"activecallkey": KEY})
    db.session.commit()
    assert call.contact_id == elif_.id
    erase(elif_)
    assert not call.is_resolved
    assert not db.session.scalars(select(Agent).where(Agent.name.contains("Elif"))).all()
    assert db.session.get(Tenant, world.tenant.id) is not None


def test_a_call_without_events_loses_the_person_too(world: World) -> None:
    elif_ = make_contact()
    call = told_everything(world)
    retention.set_times({RetentionKind.EVENTS: 30})
    retention.apply(now=utc_now())
    db.session.refresh(call)
    assert (call.note, call.archived_at is None) == (NOTE, False)
    erase(elif_)
    assert traces() == []
    assert (call.talk_seconds, call.outcome, call.queue) == (60, "follow_up", "Support")


def test_folding_an_erased_call_again_changes_nothing(world: World) -> None:
    elif_ = make_contact()
    call = told_everything(world)
    erase(elif_)
    columns = {column.key for column in inspect(Call).columns} - {"updated_at"}
    before = {name: getattr(call, name) for name in columns}
    refold(call)
    assert {name: getattr(call, name) for name in columns} == before
    assert utc_now() - timedelta(minutes=1) < before["erased_at"]


def test_nothing_of_the_person_is_left_in_the_databases_files(
    world: World, settings: Settings
) -> None:
    """Not in the search's segments, nor in free pages, nor in what splitting pages left behind,
    nor in the log of writes (WAL), also of what was changed long before.
    """
    elif_ = make_contact()
    for size in range(200):  # pages split and merge
        filler = make_contact(f"Somebody {size}", f"+9055500{size:05d}")
        filler.notes = "tea " * (size * 7 % 900)
        filler.search_text, elif_.search_text = f"somebody {size}", f"elif sahin <5320000001 {size}"
        elif_.notes = "Elif wants the invoice " * (size * 13 % 300)
        told_everything(world)
        db.session.commit()
    in_the_inbox(world.tenant.id, MobilePhoneNumber="05320000001", who="Elif")
    erase(elif_)
    ask_to_vacuum()
    db.session.commit()
    assert any(one in content for content in files_of(settings) for one in TRACES)
    [work_id] = take_due(now=utc_now())
    assert run_work(work_id, client_for=pytest.fail) is WorkState.DONE
    assert [one for content in files_of(settings) for one in TRACES if one in content] == []
    assert [row.name for row in contacts.search("somebody 7", region="TR").rows][:1] == [
        "Somebody 7"
    ]


def files_of(settings: Settings) -> list[str]:
    """The bytes of the database's files, as far as they are text."""
    path = Path(make_url(settings.database_url).database or "")
    return [one.read_bytes().decode(errors="replace") for one in path.parent.glob(f"{path.name}*")]
