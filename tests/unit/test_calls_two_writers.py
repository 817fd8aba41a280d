"""Two processes that write the same call in the same second."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import calls
from crm.calls import rows
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, Tenant
from crm.models.locking import in_one_transaction
from tests.unit.calls_world import (
    ELIF,
    KEY,
    after,
    calls_told_of,
    cdr,
    hangup_form,
    make_contact,
    make_world,
)

pytestmark = pytest.mark.both_databases
WRITERS = 4


def test_it_is_one_row_and_nothing_is_lost(app: Flask) -> None:
    world = make_world()
    contact = make_contact()
    tenant_id, agent_id = world.tenant.id, world.ayse.id
    start = Barrier(WRITERS)

    def write(number: int) -> None:
        with app.app_context():
            db.session.scalar(select(Agent.name).where(Agent.id == agent_id))  # as a request does
            start.wait(timeout=60)
            in_one_transaction(lambda: tell(tenant_id, agent_id, number))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    db.session.rollback()
    ours = select(Call).where(Call.tenant_id == tenant_id)
    call = db.session.scalars(ours).one()
    events = select(func.count()).select_from(CallEvent).where(CallEvent.call_id == call.id)
    assert db.session.scalar(events) == 3
    assert (call.complete, call.activecallkey) == (True, KEY)
    assert calls_told_of(contact)[0] == 1


def tell(tenant_id: int, agent_id: int, number: int) -> None:
    """The ring, and the record by its question, twice; and a word that comes without a key."""
    tenant = db.session.get_one(Tenant, tenant_id)
    if number == 0:
        calls.record_message(
            tenant_id=tenant_id,
            agent_id=agent_id,
            browser_call_id="c1",
            kind="IncomingCall",
            number=ELIF,
            activecallkey=KEY,
            occurred_at=after(0),
        )
    elif number == 1:
        calls.record_message(
            tenant_id=tenant_id,
            agent_id=agent_id,
            browser_call_id="c1",
            kind="Accept",
            occurred_at=after(4),
        )
    else:
        calls.record_cdr(tenant, cdr(), asked_for={"activecallkey": KEY})


def test_calls_of_one_contact_are_all_counted(app: Flask) -> None:
    world = make_world()
    contact = make_contact("Somebody", "+905070000042")
    tenant_id = world.tenant.id
    start = Barrier(WRITERS)

    def write(number: int) -> None:
        with app.app_context():
            start.wait(timeout=60)
            form = hangup_form(call_id=f"key {number}", transaction_id="")
            in_one_transaction(
                lambda: calls.record_hangup(db.session.get_one(Tenant, tenant_id), form)
            )

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    db.session.rollback()
    assert calls_told_of(contact)[0] == WRITERS


def test_a_word_without_a_key_joins_the_row_that_another_process_makes_meanwhile(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    ringing = world.rings()
    look_up = rows._by_card
    too_early = iter([None])
    monkeypatch.setattr(rows, "_by_card", lambda event, keys: next(too_early, look_up(event, keys)))
    assert world.message("Accept", 4).id == ringing.id
