"""A report finds its call by an index over its keys, however many calls the tenant has."""

from typing import Any

from flask import Flask
from sqlalchemy import event

from crm import calls
from crm.extensions import db
from tests.unit.calls_world import cdr, hangup_form, make_contact, make_world
from tests.unit.import_world import NOW


def test_no_report_searches_all_calls_of_its_tenant(app: Flask) -> None:
    world = make_world()
    make_contact()
    asked: list[tuple[str, Any]] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM call " in statement.replace("\n", " ") and statement.startswith("SELECT"):
            asked.append((statement, parameters))

    calls.record_hangup(world.tenant, hangup_form(call_id="act-1", transaction_id="trn-1"))
    calls.record_cdrs(world.tenant, [cdr(callkey="key-1"), cdr(callkey="key-2")], received_at=NOW)
    db.session.commit()
    assert len(asked) > 5
    connection = db.session.connection()
    for statement, parameters in list(asked):
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [row[3] for row in plan]
        assert not [step for step in steps if "SCAN call" in step], statement
        whole = [step for step in steps if step.endswith("(tenant_id=?)") and " call " in step]
        assert not whole, statement
