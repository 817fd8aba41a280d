"""Follow-ups go where their calls and contacts go: merged, tied, erased, grown old."""

from datetime import date, timedelta

import pytest
from flask import Flask

from crm import calls, contacts, retention
from crm.calls import follow_ups
from crm.calls.erase import erase_calls
from crm.calls.follow_ups import Due
from crm.contacts import entries
from crm.extensions import db
from crm.models import Call, FollowUp, RetentionKind
from tests.unit.calls_world import ELIF_NORMAL, World, after, cdr, make_contact, make_world

pytestmark = pytest.mark.both_databases

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def of_call(world: World, call: Call, on: date = FRIDAY) -> FollowUp:
    follow_ups.set_for_call(call, world.ayse.id, Due(on), now=after(0))
    found = follow_ups.of_call(call.id, world.ayse.id)
    assert found is not None
    return found


def of_contact(world: World, contact_id: int, on: date = FRIDAY) -> FollowUp:
    return follow_ups.add(
        tenant_id=world.tenant.id,
        agent_id=world.ayse.id,
        contact_id=contact_id,
        due=Due(on),
        what="send the offer",
        now=after(0),
    )


def open_ones(world: World, contact_id: int) -> list[int]:
    return [one.id for one in follow_ups.of_contact(contact_id, [world.tenant.id])]


@pytest.mark.parametrize(
    ("today", "next_day"),
    [
        (date(2026, 11, 26), FRIDAY),
        (FRIDAY, date(2026, 11, 30)),
        (date(2026, 11, 28), date(2026, 11, 30)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_next_working_day(world: World, today: date, next_day: date) -> None:
    assert follow_ups.next_working_day(today) == next_day


def test_the_list_is_in_order_of_day_and_time_and_the_time_comes_first(world: World) -> None:
    elif_id = make_contact("Elif Şahin", ELIF_NORMAL).id
    due = [Due(FRIDAY), Due(FRIDAY, 9 * 60), Due(FRIDAY - timedelta(days=1)), Due(FRIDAY, 8 * 60)]
    for one in due:
        made = of_contact(world, elif_id)
        follow_ups.move(made, one)
    found = follow_ups.waiting([world.tenant.id], world.ayse.id)
    assert [Due(one.due_on, one.due_minute) for one in found] == sorted(due)
    behind = follow_ups.waiting([world.tenant.id], None, after=follow_ups.key_of(found[1]), limit=1)
    assert behind == [found[2]]
    assert follow_ups.count_due(world.ayse.id, today=FRIDAY - timedelta(days=1)) == 1
    assert follow_ups.count_due(world.mehmet.id, today=FRIDAY) == 0


def test_a_calls_follow_up_is_about_whomever_the_call_is_with(world: World) -> None:
    call = world.rings()
    world.message("Talking", 5)
    made = of_call(world, call)
    elif_id, other_id = make_contact("Elif Şahin", "+905070000001").id, make_contact("Ece").id
    calls.record_wrap_up(call, world.ayse.id, contact_id=elif_id, at=after(50))
    assert open_ones(world, elif_id) == [made.id]
    calls.record_wrap_up(call, world.ayse.id, contact_id=other_id, at=after(99))
    assert open_ones(world, elif_id) == []
    assert open_ones(world, other_id) == [made.id]


def test_it_stays_with_the_row_that_two_calls_become(world: World) -> None:
    first = world.message("IncomingCall", 0, number="05320000001", activecallkey="key-1")
    calls.record_cdr(world.tenant, cdr(callkey="record", activecallkey=None, recordingurl=None))
    second = db.session.scalars(db.select(Call).where(Call.callkey == "record")).one()
    made = of_call(world, second)
    told = cdr(callkey="record", recordingurl="https://demo.callcenterstudio.com/recordings/key-1")
    calls.record_cdr(world.tenant, told)
    db.session.expire_all()
    assert made.call_id == first.id


def test_contacts_that_are_merged_bring_theirs(world: World) -> None:
    keep, other = make_contact("Elif Şahin", ELIF_NORMAL), make_contact("E. Sahin")
    made = of_contact(world, other.id)
    contacts.merge(keep.id, other.id)
    calls.move_calls(other.id, keep.id)
    assert open_ones(world, keep.id) == [made.id]


def test_a_deleted_contacts_wait_until_it_is_restored(world: World) -> None:
    elif_id = make_contact("Elif Şahin", ELIF_NORMAL).id
    of_contact(world, elif_id)
    contacts.delete(elif_id)
    assert follow_ups.count_due(world.ayse.id, today=FRIDAY) == 0
    contacts.restore(elif_id)
    assert follow_ups.count_due(world.ayse.id, today=FRIDAY) == 1


def test_an_erased_person_leaves_none(world: World) -> None:
    contact = make_contact("Elif Şahin", ELIF_NORMAL)
    of_call(world, world.rings())
    of_contact(world, contact.id)
    goes = contacts.what_goes(contact.id, lock=True)
    erase_calls(contact.id, goes.own_numbers, now=after(9))
    contacts.erase(goes.contact)
    db.session.commit()
    assert db.session.scalars(db.select(FollowUp)).all() == []


def test_when_its_call_is_too_old_an_open_one_stays_with_the_contact(world: World) -> None:
    elif_id = make_contact("Elif Şahin", ELIF_NORMAL).id
    world.rings()
    call = world.message("Hangup", 60)
    still_open = of_call(world, call)
    follow_ups.set_for_call(call, world.mehmet.id, Due(FRIDAY), now=after(0))
    done = follow_ups.of_call(call.id, world.mehmet.id)
    assert done is not None
    assert follow_ups.mark_done(done, world.mehmet.id, now=after(70))
    assert not follow_ups.mark_done(done, world.ayse.id, now=after(71))
    retention.set_times({RetentionKind.CALLS: 30})
    db.session.commit()
    retention.apply(now=after(0) + timedelta(days=31))
    assert open_ones(world, elif_id) == [still_open.id]
    assert db.session.scalars(db.select(FollowUp.id)).all() == [still_open.id]


def test_history_beside_calls_is_kept_as_long_as_its_own_time_says(world: World) -> None:
    elif_id = make_contact("Elif Şahin", ELIF_NORMAL).id
    who = {"agent_id": world.ayse.id, "tenant_id": world.tenant.id}
    for day in (0, 20):
        now = after(0) + timedelta(days=day)
        entries.write_note(elif_id, f"note of day {day}", now=now, **who)
        done = of_contact(world, elif_id)
        follow_ups.mark_done(done, world.ayse.id, now=now)
    still_open = of_contact(world, elif_id)
    now = after(0) + timedelta(days=25)
    [going] = retention.what_would_go({RetentionKind.HISTORY: 10}, now=now)
    assert going.count == 2
    retention.set_times({RetentionKind.HISTORY: 10})
    db.session.commit()
    assert retention.apply(now=now) == {RetentionKind.HISTORY: 2}
    left = entries.of_contact(elif_id, [world.tenant.id])
    assert [entry.text for entry in left] == ["note of day 20"]
    assert db.session.scalars(db.select(FollowUp.id)).all() == [done.id, still_open.id]
