"""`python -m bench.importing URL RECORDS product|floor|memory|beside`: one import in a process.

`bench.imports` starts it, on a fresh database each time, and reads the line of JSON it prints.
`bench.busy` starts it beside pops (`beside`), kills it and starts it again.
floor: the same records decoded, their numbers parsed, calls and events inserted by the driver's
own executemany, a page a transaction - what any import has to do.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from sqlalchemy import insert, select

from bench import records
from bench.databases import SECRET_KEY
from crm import tenants
from crm.extensions import db
from crm.factory import create_app
from crm.models import (
    Agent,
    Call,
    CallEvent,
    CdrImport,
    Contact,
    PhoneNumber,
    Role,
    Tenant,
    utc_now,
)
from crm.settings import Settings
from crm.telephony import import_runs
from crm.telephony.record_import import read_page
from crm.tenants import TenantData

Clocks = tuple[float, float]  # seconds that went by, and of this process's processor time
ZONE = ZoneInfo("Europe/Istanbul")
CALL_COLUMNS = [column.name for column in Call.__table__.columns]
EVENT_COLUMNS = [column.name for column in CallEvent.__table__.columns]


def main() -> None:
    """Import as the arguments say, and print what it took."""
    url, size, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    app = create_app(Settings(secret_key=SECRET_KEY, database_url=url))
    with app.app_context():
        tenant_id = _people()
        if what == "beside":
            _beside(tenant_id, size)
        if what == "memory":
            took = _product(tenant_id, size, lambda page: records.page_of_json(page, size))
        else:
            pages = [records.page_of_json(page, size) for page in range(size // records.PAGE + 1)]
            run = _product if what == "product" else _floor
            took = run(tenant_id, size, pages.__getitem__)
        found = _found()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": took[0], "cpu": took[1], "peak": peak, **found}))


def _people() -> int:
    """A tenant, its agents, and contacts that some of the calls belong to."""
    tenant = tenants.set_tenant("bench", TenantData(region="TR"), secret_key=SECRET_KEY)
    db.session.flush()
    if db.session.scalar(select(Contact.id).limit(1)) is not None:
        return tenant.id
    for place, email in enumerate(records.AGENTS):
        person = {"email": email, "name": f"Agent {place}", "studio_email": email}
        db.session.add(Agent(**person, password_hash="-", role=Role.AGENT, tenant_id=tenant.id))
    db.session.flush()
    places = range(records.CONTACTS)
    contacts = [{"id": place + 1, "name": f"Contact {place}"} for place in places]
    numbers = [(place + 1, records.contact_number(place)) for place in places]
    db.session.execute(insert(Contact), contacts)
    db.session.execute(
        insert(PhoneNumber),
        [
            {"contact_id": contact_id, "raw": number, "normal_form": number}
            for contact_id, number in numbers
        ],
    )
    db.session.commit()
    return tenant.id


def _product(tenant_id: int, size: int, page_of: Callable[[int], bytes]) -> Clocks:
    """The import itself, page by page as worker and terminal do it."""
    finish = records.FIRST + timedelta(hours=1)
    run = import_runs.start(tenant_id, records.FIRST, finish)
    db.session.commit()
    client = records.PageClient(page_of)
    import_id, began = run.id, _clocks()
    while read_page(client, import_id):  # type: ignore[arg-type]
        pass
    took = _since(began)
    done = db.session.get_one(CdrImport, import_id)
    if (done.records_read, done.records_new) != (size, size):
        raise SystemExit(f"{done.records_new} of {size} records are on record")
    return took


def _beside(tenant_id: int, size: int) -> None:
    """Read page after page until killed; goes on with the import of the process before."""
    run = import_runs.start(tenant_id, records.FIRST, records.last_day(size))
    run.lease_until = None
    db.session.commit()
    client = records.PageClient(lambda page: records.page_of_json(page, size))
    import_id = run.id
    while read_page(client, import_id):  # type: ignore[arg-type]
        print("a page", flush=True)
    raise SystemExit("All records were read before the pops were over.")


def _floor(tenant_id: int, size: int, page_of: Callable[[int], bytes]) -> Clocks:
    raw = db.engine.raw_connection()
    cursor = raw.cursor()
    calls_sql, events_sql = _insert("call", CALL_COLUMNS), _insert("call_event", EVENT_COLUMNS)
    place, began = 0, _clocks()
    for page in range(size // records.PAGE + 1):
        calls, events = [], []
        for record in json.loads(page_of(page))["CallList"]:
            place += 1
            calls.append(_call_row(place, tenant_id, record))
            events.append(_event_row(place, tenant_id, record))
        if calls:
            cursor.executemany(calls_sql, calls)
            cursor.executemany(events_sql, events)
        raw.commit()
    took = _since(began)
    raw.close()
    return took


def _clocks() -> Clocks:
    return time.perf_counter(), time.process_time()


def _since(began: Clocks) -> Clocks:
    seconds, cpu = _clocks()
    return seconds - began[0], cpu - began[1]


def _insert(table: str, columns: list[str]) -> str:
    mark = "?" if db.engine.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(columns))
    return f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({marks})'


def _call_row(place: int, tenant_id: int, record: dict[str, Any]) -> tuple[Any, ...]:
    """A row as full as the import's, without any decision."""
    started = _stored(datetime.fromisoformat(record["calldate"]))
    ended = _stored(datetime.fromisoformat(record["hangupdate"]))
    number = record["callerid"] if record["inbound"] else record["called_num"]
    parsed = phonenumbers.parse(number, "TR")
    url = record["recordingurl"]
    values = {
        "id": place,
        "tenant_id": tenant_id,
        "agent_name": record["agent"],
        "contact_name": "",
        "activecallkey": url.rpartition("/")[2] or None,
        "callkey": record["callkey"],
        "transaction_id": record["uniqueid"],
        "direction": "inbound" if record["inbound"] else "outbound",
        "state": "ended",
        "state_since": ended,
        "number": number,
        "normal_form": phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        "line": "908500000010",
        "caller_kind": "number",
        "queue": record["queue"],
        "started_at": started,
        "answered_at": started if record["answered"] else None,
        "ended_at": ended,
        "wait_seconds": record["waitduration"],
        "talk_seconds": record["duration"],
        "answered": record["answered"],
        "disposition": record["disposition"],
        "hangup_cause": record["hangupcause"],
        "recording_url": url or None,
        "dial_problem": "",
        "outcome": "",
        "note": "",
        "notes": "[]",
        "sources": _SOURCES,
        "time_uncertain": False,
        "complete": True,
        "abandoned": record["abandon"],
        "missed_done": False,
        "record_problems": "",
        "transferred": False,
        "leg_count": 0,
        "voicemail_text": "",
        "created_at": started,
        "updated_at": started,
    }
    return tuple(map(values.get, CALL_COLUMNS))


_SOURCES = json.dumps(dict.fromkeys((f"field_{place}" for place in range(14)), "cdr"))


def _event_row(place: int, tenant_id: int, record: dict[str, Any]) -> tuple[Any, ...]:
    now = _stored(utc_now().replace(tzinfo=None))
    values = {
        "id": place,
        "tenant_id": tenant_id,
        "call_id": place,
        "source": "cdr",
        "kind": "cdr",
        "occurred_at": now,
        "received_at": now,
        "payload": json.dumps({"record": record, "asked_for": {}}),
        "digest": f"{place:064d}",
        "repeats": 0,
    }
    return tuple(map(values.get, EVENT_COLUMNS))


def _stored(moment: datetime) -> Any:
    return str(moment) if db.engine.dialect.name == "sqlite" else moment.replace(tzinfo=ZONE)


def _found() -> dict[str, int]:
    db.session.rollback()
    names = {"calls": Call, "events": CallEvent, "tenants": Tenant}
    return {
        name: db.session.scalar(select(db.func.count()).select_from(table)) or 0
        for name, table in names.items()
    }


if __name__ == "__main__":
    main()
