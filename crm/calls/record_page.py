"""The vendor's records (CDR): one alone, or a page of them in a few statements.

`crm.telephony.records` calls `record_cdr`, `crm.telephony.record_import` calls `record_cdrs`. There
is no second rule: `fold` decides the facts of every call, `apply` its columns. The records of a
page whose calls are new are inserted together; a known record is skipped; all others go through
`place`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.callcenterstudio.results import CdrRecord
from crm.calls import events as kinds
from crm.calls import sources
from crm.calls.apply import agent_columns, agents_by_studio_email, columns_of
from crm.calls.contact_calls import refresh_contacts
from crm.calls.contact_links import BY_NUMBER, is_withheld
from crm.calls.events import VENDOR_KEYS, Event, columns_of_event, digest_of, keys_of
from crm.calls.fold import fold
from crm.calls.known_records import KnownRecords, Name, PageRecord, known_records
from crm.calls.local_time import starts_by_order
from crm.calls.rows import place
from crm.contacts import directory
from crm.extensions import db
from crm.models import Call, CallEvent, EventSource, Tenant, utc_now
from crm.models.json_text import storable
from crm.models.locking import take_write_lock
from crm.models.many_rows import insert_rows

_CALL = Call.__table__.c


@dataclass
class BatchResult:
    """The result of a page; new, changed and known add up to all of its records."""

    new: int = 0
    changed: int = 0
    known: int = 0  # already stored as they came, so nothing was written
    without_contact: int = 0  # of all, those whose call has no contact
    incomplete: int = 0  # could not be read in full
    problems: Counter[str] = field(default_factory=Counter)  # reason in words -> how many have it


def record_cdr(
    tenant: Tenant,
    record: CdrRecord,
    *,
    asked_for: Mapping[str, str] | None = None,
    received_at: datetime | None = None,
) -> Call | None:
    """A call detail record.

    asked_for: the `activecallkey` or `transaction_id` of the request, if it had one. The record
    itself may lack it, and the answer links it to the record's `callkey`.
    """
    at = received_at or utc_now()
    event = cdr_event(record, received_at=at, asked_for=asked_for)
    return place(tenant.id, event)


def record_cdrs(
    tenant: Tenant, records: Sequence[CdrRecord], *, received_at: datetime
) -> BatchResult:
    """Keep a page of records and fold them into their calls; flushes, the caller commits.

    records: in the order of their start, as requested. received_at: aware.
    """
    take_write_lock()
    zone = ZoneInfo(tenant.timezone)
    page = _page(records, zone, received_at)
    result = BatchResult()
    latest = sources.latest_believed(received_at, zone)
    for one in page:
        found = sources.problems_of(one.record, latest=latest)
        found += (sources.NO_KEY,) * (not one.keys)
        result.incomplete += bool(found)
        result.problems.update(found)
    known = known_records(tenant.id, page)
    unknown = []
    for one in page:
        is_known, contact_id = known.look_up(one)
        if is_known:
            result.known += 1
            result.without_contact += contact_id is None
        else:
            unknown.append(one)
    inserted = _insert_alone(tenant, unknown, known, result)
    for one in unknown:
        if one.event.digest not in inserted:
            _place(tenant.id, one, known, result)
    return result


def cdr_event(
    record: CdrRecord,
    *,
    received_at: datetime,
    asked_for: Mapping[str, str] | None = None,
    started_at: datetime | None = None,
) -> Event:
    """The event of a record. started_at: `calldate` in UTC, if the order of the page decided it."""
    payload: dict[str, Any] = {
        "record": storable(record.raw, kinds.LEVELS),
        "asked_for": dict(asked_for or {}),
    }
    if started_at is not None:
        payload["started_at"] = started_at.isoformat()
    return Event(
        source=EventSource.CDR,
        kind=kinds.CDR,
        occurred_at=received_at,
        payload=payload,
        digest=digest_of(EventSource.CDR, payload),
        record=record,
    )


def _page(records: Sequence[CdrRecord], zone: ZoneInfo, received_at: datetime) -> list[PageRecord]:
    told = [record.calldate for record in records]
    # Times with an offset do not need the order.
    starts = starts_by_order([None if date and date.tzinfo else date for date in told], zone)
    page = []
    for record, started_at in zip(records, starts, strict=True):
        event = cdr_event(record, received_at=received_at, started_at=started_at)
        page.append(PageRecord(event, record, keys_of(event)))
    return page


def _insert_alone(
    tenant: Tenant, unknown: Sequence[PageRecord], known: KnownRecords, result: BatchResult
) -> set[str]:
    """Insert the records whose keys match no row and no other record; returns their digests.

    Empty if another process was first with one of the calls: then each is placed.
    """
    shared = Counter(name for one in unknown for name in one.names)
    alone = [
        one
        for one in unknown
        if one.names and all(shared[name] == 1 and name not in known.rows for name in one.names)
    ]
    if not alone:
        return set()
    try:
        with db.session.begin_nested():
            nobodys = _insert(tenant, alone)
    except IntegrityError:
        return set()
    result.new += len(alone)
    result.without_contact += nobodys
    return {one.event.digest for one in alone}


def _insert(tenant: Tenant, page: Sequence[PageRecord]) -> int:
    """Write the calls of these records with their events; returns how many have no contact."""
    zone, tenant_id, region, now = ZoneInfo(tenant.timezone), tenant.id, tenant.region, utc_now()
    facts = [fold((one.event,), zone=zone, region=region) for one in page]
    agent_ids = agents_by_studio_email(
        tenant_id, {told.email for one in facts for told in one.agents}
    )
    # A record with a withheld number does not contain it, so none is looked up here.
    owners = directory.only_owners(one.normal_form for one in facts if not is_withheld(one))
    rows: list[dict[str, Any]] = []
    for record, one in zip(page, facts, strict=True):
        row: dict[str, Any] = {"tenant_id": tenant_id, **dict.fromkeys(VENDOR_KEYS)}
        row |= {"created_at": now, "updated_at": now}
        row |= dict(record.names) | columns_of(one) | agent_columns(one, agent_ids)
        number = "" if is_withheld(one) else one.normal_form or ""
        row["contact_id"], row["contact_name"] = owners.get(number, (None, ""))
        row["normal_form"] = one.normal_form
        if row["contact_id"] is not None:
            row["sources"] = row["sources"] | {"contact": BY_NUMBER}
        rows.append(row)
    connection = db.session.connection()
    newest = connection.scalar(select(func.max(_CALL.id))) or 0
    insert_rows(connection, Call.__table__, rows)
    # The ids are queried because the driver's executemany, by far the fastest way, returns none.
    keys = [_CALL[name] for name in VENDOR_KEYS]
    written = select(_CALL.id, *keys).where(_CALL.tenant_id + 0 == tenant_id, _CALL.id > newest)
    ids: dict[Name, int] = {
        (name, value): call_id
        for call_id, *values in connection.execute(written)
        for name, value in zip(VENDOR_KEYS, values, strict=True)
        if value
    }
    new = {"received_at": now, "repeats": 0}
    events = [columns_of_event(one.event, tenant_id, ids[one.names[0]]) | new for one in page]
    insert_rows(connection, CallEvent.__table__, events)
    contact_ids = [row["contact_id"] for row in rows]
    refresh_contacts(contact_ids, tenant_id=tenant_id)
    return contact_ids.count(None)


def _place(tenant_id: int, one: PageRecord, known: KnownRecords, result: BatchResult) -> None:
    call = place(tenant_id, one.event)
    if call is not None and call.id in known.ids:
        result.changed += 1
    else:
        result.new += 1
    if call is not None:
        known.ids.add(call.id)
    result.without_contact += call is None or call.contact_id is None
