"""An installation of before keeps which of its calls are archived, and its night's work."""

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from crm.extensions import db
from crm.models import Call, Work
from tests.unit.calls_world import after, make_world

BEFORE = "0015"


@pytest.mark.both_databases
@pytest.mark.usefixtures("app")
def test_an_update_keeps_archived_calls_and_the_nights_work() -> None:
    world = make_world()
    call, other = world.rings(), world.rings(100, cid="c2", activecallkey="another")
    call.archived_at = after(10)
    db.session.add(Work(kind="at_night", subject="retention", next_try_at=after(500)))
    db.session.commit()
    call_id, other_id = call.id, other.id
    db.session.remove()
    downgrade(revision=BEFORE)
    sealed = text('SELECT id FROM "call" WHERE sealed_at IS NOT NULL')
    assert db.session.scalars(sealed).all() == [call_id]
    assert db.session.scalar(text("SELECT subject FROM work")) == "keeping"
    db.session.remove()
    upgrade()
    assert db.session.get_one(Call, call_id).archived_at == after(10)
    assert db.session.get_one(Call, other_id).archived_at is None
    assert db.session.scalar(text("SELECT subject FROM work")) == "retention"
