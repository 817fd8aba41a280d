"""Notifications of the IVR: the guide's three endings, whatever the parameters are called."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls, tenants
from crm.extensions import db
from crm.models import Call, CallEvent, CallState, Direction, InboxEntry
from crm.telephony import notifications
from crm.tenants import InvalidTenantError
from tests.unit.calls_world import (
    ELIF,
    ELIF_NORMAL,
    KEY,
    World,
    after,
    cdr,
    local,
    make_contact,
    make_world,
)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def notified(world: World, at: float = 70, **parameters: Any) -> Call:
    call = calls.record_notification(
        world.tenant, {"activecallkey": KEY, "number": ELIF} | parameters, received_at=after(at)
    )
    db.session.commit()
    assert call is not None
    return call


def test_it_ended_without_a_queue(world: World) -> None:
    call = notified(world, call_date=local(0))
    assert (call.direction, call.state) == (Direction.INBOUND, CallState.ENDED)
    assert (call.answered, call.queue, call.agent_id) == (None, "", None)
    assert (call.normal_form, call.started_at) == (ELIF_NORMAL, after(0))
    assert calls.result_of(call) == "ended"  # the step knows no agent: the record will tell


def test_it_ended_in_a_queue_without_an_agent(world: World) -> None:
    call = notified(world, queue="Support", agent_email="")
    assert (call.answered, call.queue, call.agent_id) == (False, "Support", None)
    assert calls.result_of(call) == "abandoned"


def test_it_ended_after_an_agent(world: World) -> None:
    call = notified(world, queue="Support", agent_email="Ayse@demo.example", duration="60")
    assert (call.answered, call.talk_seconds) == (True, 60)
    assert (call.agent_id, call.queue) == (world.ayse.id, "Support")
    assert call.sources["agent"] == "notification"
    assert calls.result_of(call) == "answered"


def test_a_step_that_tells_the_key_alone_leaves_the_rest_to_the_record(world: World) -> None:
    call = calls.record_notification(world.tenant, {"CallID": KEY}, received_at=after(70))
    assert call is not None
    assert (call.answered, call.complete) == (None, False)
    calls.record_cdr(world.tenant, cdr(), asked_for={"activecallkey": KEY})
    assert (call.answered, call.talk_seconds, call.complete) == (True, 60, True)


def test_it_completes_the_call_that_the_softphone_told_of(world: World) -> None:
    ringing = world.rings()
    world.message("Hangup", 20, activecallkey=KEY)
    call = notified(world, 21, queue="Support", agent_email="mehmet@demo.example", duration="30")
    assert call.id == ringing.id
    # Ayşe's softphone only rang; that Mehmet took it, the IVR knows better.
    assert (call.answered, call.agent_id, call.queue) == (True, world.mehmet.id, "Support")


def test_sent_at_the_arrival_it_does_not_end_the_call_that_rings_after_it(world: World) -> None:
    call = notified(world, 0, agent_email="")
    world.rings(1)
    assert (call.state, call.answered) == (CallState.RINGING, None)
    world.message("Talking", 5)
    assert call.state is CallState.TALKING


def test_an_empty_agent_does_not_outweigh_an_answer_that_was_seen(world: World) -> None:
    world.rings()
    world.message("Talking", 5)
    world.message("Hangup", 20, activecallkey=KEY)
    assert notified(world, 21, agent_email="").answered is True


def test_the_number_of_a_withheld_caller_stays_withheld(world: World) -> None:
    world.rings(number="90532xxxxxxx")
    call = notified(world)
    assert (call.caller_kind, call.shown_number, call.normal_form) == ("masked", None, ELIF_NORMAL)


def test_twice_is_once(world: World) -> None:
    assert notified(world).id == notified(world, 71).id
    events = select(CallEvent).where(CallEvent.tenant_id == world.tenant.id)
    [event] = db.session.scalars(events)
    assert event.repeats == 1


@pytest.mark.parametrize("parameters", [{}, {"who": "05320000001"}, {"CallID": ""}, {"CallID": []}])
def test_without_a_key_it_is_kept_without_a_row(world: World, parameters: dict[str, Any]) -> None:
    assert calls.record_notification(world.tenant, parameters) is None
    event = db.session.scalars(select(CallEvent).where(CallEvent.call_id.is_(None))).one()
    assert event.payload["parameters"] == parameters


def test_the_tenants_own_names_are_read(world: World) -> None:
    notifications.set_names(world.tenant, {"activecallkey": "k", "queue": " Kuyruk "})
    call = calls.record_notification(world.tenant, {"K": KEY, "kuyruk": "Destek", "queue": "no"})
    assert call is not None
    assert (call.activecallkey, call.queue) == (KEY, "Destek")


def test_new_names_read_again_what_was_not_understood(world: World) -> None:
    calls.record_notification(world.tenant, {"k": KEY}, received_at=after(70))
    notified(world, activecallkey="another")
    notifications.set_names(world.tenant, {"activecallkey": "k"})
    assert notifications.read_again(world.tenant) == 1
    [entry] = db.session.scalars(select(InboxEntry))
    assert (entry.payload, entry.received_at) == ({"k": KEY}, after(70))
    alone = select(CallEvent).where(CallEvent.call_id.is_(None))
    assert db.session.scalars(alone).all() == []


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ({"number": "x" * 101}, "number"),
        ({"number": "a b"}, "number"),
        ({"number": "n", "queue": "N"}, "queue"),
    ],
)
def test_names_that_cannot_be_are_told(world: World, names: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidTenantError) as error:
        notifications.set_names(world.tenant, names)
    assert set(error.value.problems) == {field}
    assert world.tenant.notification_map == {}


def test_empty_names_are_not_kept(world: World) -> None:
    notifications.set_names(world.tenant, {"activecallkey": "k", "number": " "})
    assert world.tenant.notification_map == {"activecallkey": "k"}
    assert tenants.by_name("demo") is world.tenant


def test_a_number_of_brussels_is_not_one_of_adana_when_the_plus_came_raw(world: World) -> None:
    make_contact("Adana", "+903221234567")
    brussels = make_contact("Bruxelles", "+3221234567")
    world.ayse.studio_email = "ayse+tag@demo.example"
    call = notified(world, number=" 3221234567", AgentID="ayse tag@demo.example", duration="9")
    assert (call.normal_form, call.contact_id) == ("+3221234567", brussels.id)
    assert call.agent_id == world.ayse.id
