"""What webhooks wrote before an update, and how often they were refused, is there after it."""

import sqlite3
from contextlib import closing

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from crm.extensions import db
from crm.models import EventSource, InboxEntry, Tally, inbox_file
from tests.unit.calls_world import in_the_inbox, make_world

BEFORE = "0016"


@pytest.mark.both_databases
@pytest.mark.usefixtures("app")
def test_an_update_keeps_what_waits_to_be_read() -> None:
    tenant_id = make_world().tenant.id
    fields = {"tenant_id": tenant_id, "source": EventSource.HANGUP}
    db.session.add(InboxEntry(**fields, payload={"call_id": "in the table"}))
    db.session.add(Tally(name="webhook_wrong_secret", count=3))
    db.session.commit()
    file = inbox_file.engine()
    if file is not None:
        in_the_inbox(tenant_id, CallID="in the file")
    db.session.remove()
    downgrade(revision=BEFORE)
    assert db.session.get_one(Tally, "webhook_strangers").count == 3
    if file is not None:
        with closing(sqlite3.connect(str(file.url.database))) as connection:
            assert connection.execute("SELECT count(*) FROM arrival").fetchone() == (1,)
    db.session.remove()
    upgrade()
    assert db.session.get_one(Tally, "webhook_wrong_secret").count == 3
    assert inbox_file.move_to_database() == (0 if file is None else 1)
    # A new id is given to each entry, so a sequence is there too.
    db.session.add(InboxEntry(**fields, payload={"call_id": "afterwards"}))
    db.session.commit()
    payloads = db.session.scalars(select(InboxEntry.payload).order_by(InboxEntry.id)).all()
    assert payloads[0] == {"call_id": "in the table"}
    assert payloads[-1] == {"call_id": "afterwards"}
    assert len(payloads) == (2 if file is None else 3)
