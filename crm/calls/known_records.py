"""Finds what a page of records has in the database already: rows that share a key, known records.

`record_page` calls it once a page, in five statements for any number of records.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from crm.callcenterstudio.results import CdrRecord
from crm.calls.events import VENDOR_KEYS, Event, Keys
from crm.extensions import db
from crm.models import Call, CallEvent, CallLeg, EventSource

Name = tuple[str, str]  # a key with the column that holds it

# Built once, of tables: for a page of records SQLAlchemy's own work on a statement takes as long as
# the database's.
_CALL, _EVENT, _LEG = Call.__table__.c, CallEvent.__table__.c, CallLeg.__table__.c


def _one_of(name: str) -> Any:
    return bindparam(name, expanding=True)


_KNOWN_EVENTS = select(_EVENT.digest, _EVENT.call_id).where(
    _EVENT.tenant_id == bindparam("tenant_id"), _EVENT.digest.in_(_one_of("digests"))
)
_LEGS = select(_LEG.call_id, _LEG.callkey).where(
    _LEG.tenant_id == bindparam("tenant_id"), _LEG.callkey.in_(_one_of("callkeys"))
)
# A condition for each key, each with the tenant: of "the tenant, and one key or another" SQLite
# makes a search of all calls of the tenant.
_SHARING = select(
    _CALL.id,
    _CALL.contact_id,
    or_(_CALL.erased_at.is_not(None), _CALL.archived_at.is_not(None)),
    _CALL.time_uncertain,
    *(_CALL[name] for name in VENDOR_KEYS),
).where(
    or_(
        and_(_CALL.tenant_id + 0 == bindparam("tenant_id"), _CALL.id.in_(_one_of("ids"))),
        *(
            and_(_CALL.tenant_id == bindparam("tenant_id"), _CALL[name].in_(_one_of(name)))
            for name in VENDOR_KEYS
        ),
    )
)
_RECORDS = select(_EVENT.call_id, _EVENT.payload).where(
    _EVENT.call_id.in_(_one_of("ids")), _EVENT.source == EventSource.CDR
)


@dataclass(frozen=True)
class PageRecord:
    """A record of the page as an event, with the keys that find its call."""

    event: Event
    record: CdrRecord
    keys: Keys

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The record's keys, each with its column."""
        return self.keys.vendor_keys


@dataclass
class Row:
    """A stored call. closed: erased or archived, so that nothing is folded into it."""

    id: int
    contact_id: int | None
    closed: bool
    time_uncertain: bool
    names: frozenset[Name]
    records: list[Any] = field(default_factory=list)

    def has(self, told: PageRecord) -> bool:
        """Whether this call's row holds the record already, or must not be written again."""
        if self.closed and self.names.issuperset(told.names):
            return True  # a missing key would give the call a second row one day
        if self.time_uncertain and "started_at" in told.event.payload:
            return False  # the order of the page decides an uncertain time
        return told.event.payload["record"] in self.records


@dataclass
class KnownRecords:
    """What was stored before the page: digests of events with their calls, rows by key."""

    digests: dict[str, int | None]
    rows: dict[Name, list[Row]]
    by_id: dict[int, Row]
    ids: set[int]
    seen: set[str] = field(default_factory=set)

    def look_up(self, told: PageRecord) -> tuple[bool, int | None]:
        """Whether a record is known, and its call's contact."""
        digest = told.event.digest
        rows = [row for name in told.names for row in self.rows.get(name, ())]
        contact_id = next((row.contact_id for row in rows if row.contact_id), None)
        if digest in self.digests:
            row = self.by_id.get(self.digests[digest] or 0)
            return True, row.contact_id if row else contact_id
        again = digest in self.seen
        self.seen.add(digest)
        return again or any(row.has(told) for row in rows), contact_id


def known_records(tenant_id: int, page: Sequence[PageRecord]) -> KnownRecords:
    """Look these records up in the database; reads only."""
    db.session.flush()
    legs = _legs(tenant_id, page)
    by_id = _rows(tenant_id, legs, legs, page)
    met = {name for names, _row in by_id for name in names}
    # A stored event has a row with one of its keys, if it has any.
    known = [told for told in page if not told.names or not met.isdisjoint(told.names)]
    digests = _digests(tenant_id, [told.event.digest for told in known])
    missing = {call_id for call_id in digests.values() if call_id}
    missing -= {row.id for _names, row in by_id}
    if missing:
        by_id += _rows(tenant_id, missing, legs, ())
    rows: dict[Name, list[Row]] = {}
    for names, row in by_id:
        for name in names:
            rows.setdefault(name, []).append(row)
    found = {row.id: row for _names, row in by_id}
    _add_records(found)
    return KnownRecords(digests, rows, found, set(found))


def _digests(tenant_id: int, digests: Sequence[str]) -> dict[str, int | None]:
    if not digests:
        return {}
    wanted = {"tenant_id": tenant_id, "digests": list(digests)}
    return {row[0]: row[1] for row in db.session.connection().execute(_KNOWN_EVENTS, wanted)}


def _legs(tenant_id: int, page: Sequence[PageRecord]) -> dict[int, list[Name]]:
    """Calls with a leg from a record of the page, with the callkeys of their legs."""
    wanted = sorted({told.keys.callkey for told in page if told.keys.callkey})
    found: dict[int, list[Name]] = {}
    given = {"tenant_id": tenant_id, "callkeys": wanted}
    for call_id, callkey in db.session.connection().execute(_LEGS, given):
        found.setdefault(call_id, []).append(("callkey", callkey))
    return found


def _rows(
    tenant_id: int,
    ids: Collection[int],
    legs: Mapping[int, Sequence[Name]],
    page: Sequence[PageRecord],
) -> list[tuple[list[Name], Row]]:
    """The rows with these ids, and those that have a key of the page."""
    wanted = {"tenant_id": tenant_id, "ids": sorted(ids)} | {
        name: sorted({value for told in page for column, value in told.names if column == name})
        for name in VENDOR_KEYS
    }
    found = []
    rows = db.session.connection().execute(_SHARING, wanted)
    for call_id, contact_id, is_closed, uncertain, *values in rows:
        pairs = zip(VENDOR_KEYS, values, strict=True)
        names = [(name, value) for name, value in pairs if value]
        names += [name for name in legs.get(call_id, ()) if name not in names]
        found.append((names, Row(call_id, contact_id, is_closed, uncertain, frozenset(names))))
    return found


def _add_records(rows: dict[int, Row]) -> None:
    if not rows:
        return
    found = db.session.connection().execute(_RECORDS, {"ids": sorted(rows)})
    for call_id, payload in found:
        rows[call_id].records.append(payload.get("record"))
