"""An installation of before learns who wrote the notes that stand, as far as events tell."""

import pytest
from flask_migrate import downgrade, upgrade

from crm import calls
from crm.calls import notes
from crm.extensions import db
from crm.models import Call
from tests.unit.calls_world import after, make_world

BEFORE = "0007"


@pytest.mark.both_databases
@pytest.mark.usefixtures("app")
def test_an_update_gives_each_note_its_author_and_time() -> None:
    world = make_world()
    call = world.rings()
    calls.record_note(call, world.ayse.id, "wants an offer", shown=(), at=after(10))
    calls.record_note(call, world.mehmet.id, "offer sent", shown=(), at=after(20))
    old = world.rings(100, cid="c2", activecallkey="another")
    old.note, old.notes = "from long ago", []
    db.session.commit()
    before, call_id, old_id = call.notes, call.id, old.id
    db.session.remove()
    downgrade(revision=BEFORE)
    upgrade()
    assert db.session.get_one(Call, call_id).notes == before
    [words] = notes.of_call(db.session.get_one(Call, old_id))
    assert (words.agent_id, words.text) == (None, "from long ago")
