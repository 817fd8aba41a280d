"""A page of the vendor's records at once: what `place` does for each of them, in a few statements.

`crm.telephony.cdr_import` calls `record_cdrs`. There is no second rule: `fold` decides the facts of
every call. Records of calls that nobody has told of yet are inserted together
(`crm.calls.inserting`); one that is on record as it came is left alone; everything else goes
through `place`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from crm.callcenterstudio.results import CdrRecord
from crm.calls import sources
from crm.calls.events import keys_of
from crm.calls.inserting import insert_calls
from crm.calls.kept import Kept, Told, kept_already
from crm.calls.local_time import starts_by_order
from crm.calls.record import cdr_event
from crm.calls.rows import place
from crm.extensions import db
from crm.models import Tenant
from crm.models.locking import take_write_lock


@dataclass
class BatchResult:
    """What a page of records brought; all of them together are new, changed and known.

    known: on record already as they came, so nothing was written. without_contact: of all, those
    whose call is nobody's. incomplete: those that could not be read in full; problems: reason in
    words -> how many have it.
    """

    new: int = 0
    changed: int = 0
    known: int = 0
    without_contact: int = 0
    incomplete: int = 0
    problems: Counter[str] = field(default_factory=Counter)


def record_cdrs(
    tenant: Tenant, records: Sequence[CdrRecord], *, received_at: datetime
) -> BatchResult:
    """Keep a page of records and fold them into their calls; flushes, the caller commits.

    records: in the order of their start, as they were asked for. received_at: aware.
    """
    take_write_lock()
    zone = ZoneInfo(tenant.timezone)
    page = _page(records, zone, received_at)
    result = _counted(page, sources.latest_believed(received_at, zone))
    kept = kept_already(tenant.id, page)
    unknown = [told for told in page if not _is_known(told, kept, result)]
    alone = _alone(unknown, kept)
    if not _inserted(tenant, alone, result):
        alone = []
    done = {told.event.digest for told in alone}
    for told in unknown:
        if told.event.digest not in done:
            _place(tenant.id, told, kept, result)
    return result


def _page(records: Sequence[CdrRecord], zone: ZoneInfo, received_at: datetime) -> list[Told]:
    told = [record.calldate for record in records]
    # Those that were told with their offset need no order.
    starts = starts_by_order([None if date and date.tzinfo else date for date in told], zone)
    events = [
        cdr_event(record, received_at=received_at, started_at=started_at)
        for record, started_at in zip(records, starts, strict=True)
    ]
    return [
        Told(event, record, keys_of(event)) for event, record in zip(events, records, strict=True)
    ]


def _counted(page: Iterable[Told], latest: datetime) -> BatchResult:
    result = BatchResult()
    for told in page:
        found = sources.problems_of(told.record, latest=latest)
        found += (sources.NO_KEY,) * (not told.keys)
        result.incomplete += bool(found)
        result.problems.update(found)
    return result


def _is_known(told: Told, kept: Kept, result: BatchResult) -> bool:
    known, contact_id = kept.look_up(told)
    if known:
        result.known += 1
        result.without_contact += contact_id is None
    return known


def _alone(unknown: Sequence[Told], kept: Kept) -> list[Told]:
    """Those whose keys meet no row and no other record of the page."""
    shared = Counter(name for told in unknown for name in told.names)
    return [
        told
        for told in unknown
        if told.names and all(shared[name] == 1 and name not in kept.rows for name in told.names)
    ]


def _inserted(tenant: Tenant, alone: Sequence[Told], result: BatchResult) -> bool:
    """False when another process was first with one of the calls: then each is placed."""
    if not alone:
        return True
    try:
        with db.session.begin_nested():
            nobodys = insert_calls(tenant, alone)
    except IntegrityError:
        return False
    result.new += len(alone)
    result.without_contact += nobodys
    return True


def _place(tenant_id: int, told: Told, kept: Kept, result: BatchResult) -> None:
    call = place(tenant_id, told.event)
    if call is not None and call.id in kept.ids:
        result.changed += 1
    else:
        result.new += 1
    if call is not None:
        kept.ids.add(call.id)
    result.without_contact += call is None or call.contact_id is None
