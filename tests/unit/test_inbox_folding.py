"""What the webhooks wrote down: folded in order, each for itself, and never lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm.extensions import db
from crm.models import Call, CallEvent, EventSource, InboxEntry, Tenant, Work
from crm.telephony import inbox, inbox_bounds
from crm.telephony.inbox import fold_inbox
from tests.unit.calls_world import World, after, hangup_form, make_world

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def arrives(world: World, source: str = "hangup", **payload: Any) -> int:
    entry = InboxEntry(
        tenant_id=world.tenant.id,
        source=EventSource(source),
        received_at=after(90),
        payload=payload,
    )
    db.session.add(entry)
    db.session.commit()
    return entry.id


def waiting() -> list[InboxEntry]:
    db.session.expire_all()
    return list(db.session.scalars(select(InboxEntry).order_by(InboxEntry.id)))


def folded(world: World) -> list[str | None]:
    """The keys of the tenant's calls, in the order in which they came about."""
    ours = select(Call.activecallkey).where(Call.tenant_id == world.tenant.id)
    return list(db.session.scalars(ours.order_by(Call.id)))


def test_each_becomes_its_call_and_its_record_is_asked_for(world: World) -> None:
    arrives(world, **hangup_form(call_id="one", transaction_id="t1"))
    arrives(world, "notification", CallID="two")
    assert fold_inbox(seconds=60) == 2
    assert folded(world) == ["one", "two"]
    assert waiting() == []
    assert len(db.session.scalars(select(Work)).all()) == 2
    told = db.session.scalars(select(CallEvent.occurred_at).order_by(CallEvent.id.desc())).first()
    assert told == after(90)


def test_so_many_at_once_and_no_more(world: World) -> None:
    for key in "abc":
        arrives(world, "notification", CallID=key)
    assert fold_inbox(2) == 2
    assert folded(world) == ["a", "b"]


def test_it_stops_when_its_time_is_over(world: World) -> None:
    for key in "abc":
        arrives(world, "notification", CallID=key)
    seconds: Iterator[int] = count()
    assert fold_inbox(seconds=2, clock=lambda: float(next(seconds))) == 1
    assert len(waiting()) == 2


def test_in_a_flood_it_takes_less_time_so_that_answering_goes_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "AT_ONCE", 3)
    for key in "abc":
        arrives(world, "notification", CallID=key)
    tenths: Iterator[int] = count()
    moment = after(90.5)  # half a second after the newest came
    assert fold_inbox(3, now=moment, clock=lambda: next(tenths) / 10) == 1
    assert fold_inbox(3, now=moment, clock=lambda: next(tenths) / 10) == 2


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever says that it is poison cannot be folded."""
    whole = inbox.readers[EventSource.NOTIFICATION]

    def fails(tenant: Tenant, parameters: dict[str, Any], received_at: datetime) -> None:
        whole(tenant, parameters, received_at)
        if "poison" in parameters:
            raise AttributeError("nobody thought of this\nDETAIL: 05320000001")

    monkeypatch.setitem(inbox.readers, EventSource.NOTIFICATION, fails)


def test_one_that_cannot_be_folded_holds_up_no_other(world: World, poisoned: None) -> None:
    arrives(world, "notification", CallID="bad", poison="yes")
    arrives(world, "notification", CallID="good")
    assert fold_inbox(now=after(100)) == 1
    assert folded(world) == ["good"]
    [kept] = waiting()
    assert (kept.attempts, kept.next_try_at) == (1, after(160))
    assert kept.last_error == "AttributeError: nobody thought of this"


def test_it_is_tried_again_later_and_then_folded(
    world: World, poisoned: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrives(world, "notification", CallID="bad", poison="yes")
    for moment, attempts in ((100, 1), (159, 1), (161, 2), (280, 2), (282, 3)):
        fold_inbox(now=after(moment))
        assert [entry.attempts for entry in waiting()] == [attempts]
    monkeypatch.undo()
    arrives(world, "notification", CallID="fresh")
    fold_inbox(now=after(282) + timedelta(days=1))
    assert folded(world) == ["bad", "fresh"]
    assert waiting() == []


def test_what_another_worker_folded_meanwhile_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrives(world, "notification", CallID="one")
    seen = [entry.id for entry in waiting()]
    assert fold_inbox(seconds=60) == 1
    assert [inbox._fold_or_keep(entry_id, after(100)) for entry_id in seen] == [False]
    assert folded(world) == ["one"]


def test_calls_without_records_are_bounded_and_the_rest_waits_until_records_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has a valid secret and sends without end."""
    monkeypatch.setattr(inbox_bounds, "MOST_UNCONFIRMED", 3)
    for key in "abcde":
        arrives(world, "notification", CallID=key)
    assert fold_inbox(3, now=after(100)) == 3
    assert fold_inbox(now=after(161)) == 0
    assert [entry.attempts for entry in waiting()] == [0, 0]
    db.session.execute(update(Call).values(complete=True))
    db.session.commit()
    assert fold_inbox(now=after(222)) == 2
    assert folded(world) == list("abcde")


def test_another_tenant_has_room_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_bounds, "MOST_UNCONFIRMED", 3)
    for key in "abcd":
        arrives(world, "notification", CallID=key)
    assert fold_inbox(3, now=after(100)) == 3
    other = db.session.scalars(select(Tenant).where(Tenant.id != world.tenant.id)).one()
    arrives(replace(world, tenant=other), "notification", CallID="theirs")
    assert fold_inbox(now=after(161)) == 1
    assert [entry.tenant_id for entry in waiting()] == [world.tenant.id]
