"""The summary of the calls by days of UTC: reports read it, the worker keeps it up to date.

A day is in `changed_day` from the moment that one of its calls changes until it is summarised
again. Such days are counted from the calls, and so are the parts of a day at both ends of a period.
So a report is right whether or not the worker runs; without it, it is slow. As the days are those
of UTC, a tenant's zone matters only for reading.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, union_all

from crm.calls.counting import KEYS, QUARTER, SUMS, counted, quarter_hour
from crm.extensions import db
from crm.models import Call, CallSummary, ChangedDay, SummaryPart, Tenant
from crm.models.locking import in_one_transaction, take_write_lock

ONE_DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
QUARTERS_A_DAY = 24 * 60 * 60 // QUARTER
MOST_SPANS = 100  # SQLite takes a UNION of 500

Span = tuple[datetime, datetime]


def read(
    part: SummaryPart, tenant_id: int, begin: datetime, end: datetime, *by: Any
) -> Iterator[tuple[list[Any], list[int]]]:
    """A part's sums over the calls from `begin` to before `end`, both on a quarter hour.

    by: what to group by, as functions of the part's columns. Yields their values and the SUMS.
    """
    changed = select(ChangedDay.day).where(ChangedDay.tenant_id == tenant_id).distinct()
    changed = changed.where(ChangedDay.day >= begin.date(), ChangedDay.day <= end.date())
    # Not in the summary, or only with other hours of the day.
    left = set(db.session.scalars(changed))
    if part is not SummaryPart.TIME:
        left |= {moment.date() for moment in (begin, end) if moment.time() != time_of_day()}
    spans = _spans(left, begin, end)
    in_time = db.session.get_one(Tenant, tenant_id).answer_within_seconds
    sources: list[Select[Any]]
    if len(spans) > MOST_SPANS:
        sources = counted(part, tenant_id, begin, end, in_time=in_time)
    else:
        columns = (CallSummary.__table__.c[name] for name in (*KEYS, *SUMS))
        summary = select(*columns).where(
            CallSummary.tenant_id == tenant_id,
            CallSummary.part == part,
            CallSummary.day >= begin.date(),
            CallSummary.day <= end.date(),
            CallSummary.day.not_in(left),
        )
        if part is SummaryPart.TIME:
            quarters = [int(moment.timestamp()) // QUARTER for moment in (begin, end)]
            summary = summary.where(CallSummary.quarter >= quarters[0])
            summary = summary.where(CallSummary.quarter < quarters[1])
        else:
            summary = summary.where(CallSummary.day < end.date())
        sources = [summary]
        for span in spans:
            sources += counted(part, tenant_id, *span, in_time=in_time)
    rows = union_all(*sources).subquery()
    keys = [key(rows.c).label(f"key_{place}") for place, key in enumerate(by)]
    sums = [func.sum(rows.c[name]) for name in SUMS]
    statement = select(func.count(), *keys, *sums).group_by(*(key.name for key in keys))
    for count, *values in db.session.execute(statement):
        if count:
            yield values[: len(by)], [int(value) for value in values[len(by) :]]


def summarise(*, seconds: float | None = None) -> Iterator[int]:
    """Summarise the changed days again, the newest first; commits after each day.

    Yields how many days are left. seconds: stop after this time, if any are left or not.
    """
    began = time.monotonic()
    statement = select(ChangedDay.tenant_id, ChangedDay.day).distinct()
    days = db.session.execute(statement.order_by(ChangedDay.day.desc())).all()
    for left, (tenant_id, day) in zip(range(len(days) - 1, -1, -1), days, strict=True):
        in_one_transaction(partial(_summarise_day, tenant_id, day))
        yield left
        if seconds is not None and time.monotonic() - began > seconds:
            return


def mark_all_changed(tenant_id: int | None = None) -> int:
    """Mark every day with calls or a summary as changed, so that all are summarised again; flushes.

    tenant_id: the days of one tenant alone. Returns how many days.
    """
    take_write_lock()
    day = quarter_hour(Call.started_at) // QUARTERS_A_DAY
    called = select(Call.tenant_id, day.label("day")).distinct()
    summarised = select(CallSummary.tenant_id, CallSummary.day).distinct()
    if tenant_id is not None:
        called = called.where(Call.tenant_id == tenant_id)
        summarised = summarised.where(CallSummary.tenant_id == tenant_id)
    rows = db.session.execute(called)
    days = {(tenant_id, EPOCH + timedelta(days=number)) for tenant_id, number in rows}
    days |= {(tenant_id, day) for tenant_id, day in db.session.execute(summarised)}
    if days:
        marks = [{"tenant_id": tenant_id, "day": day} for tenant_id, day in sorted(days)]
        db.session.execute(insert(ChangedDay), marks)
    return len(days)


def _spans(days: set[date], begin: datetime, end: datetime) -> Sequence[Span]:
    """The days, neighbours joined, as far as they lie between `begin` and `end`."""
    spans: list[Span] = []
    for day in sorted(days):
        first = max(begin, datetime.combine(day, time_of_day(), UTC))
        last = min(end, datetime.combine(day + ONE_DAY, time_of_day(), UTC))
        if first >= last:
            continue
        if spans and spans[-1][1] == first:
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    return spans


def _summarise_day(tenant_id: int, day: date) -> None:
    """The mark goes first and the calls are counted then: a change that is committed in between is
    counted, one that is committed later leaves a mark of its own.
    """
    # Two workers take turns. KEY SHARE: new calls of the tenant need not wait.
    tenant = select(Tenant.answer_within_seconds).where(Tenant.id == tenant_id)
    in_time = db.session.scalars(tenant.with_for_update(key_share=True)).one()
    for table in (ChangedDay, CallSummary):
        db.session.execute(delete(table).where(table.tenant_id == tenant_id, table.day == day))
    begin = datetime.combine(day, time_of_day(), UTC)
    for part in SummaryPart:
        queries = counted(part, tenant_id, begin, begin + ONE_DAY, in_time=in_time)
        rows = union_all(*queries).subquery()
        keys = [rows.c[name] for name in KEYS]
        sums = [func.sum(rows.c[name]) for name in SUMS]
        whose = literal(tenant_id), literal(part.value), literal(day)
        source = select(*whose, *keys, *sums).group_by(*keys)
        columns = ["tenant_id", "part", "day", *KEYS, *SUMS]
        db.session.execute(insert(CallSummary).from_select(columns, source))
