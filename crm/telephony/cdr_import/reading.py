"""Reads the next page of an import and keeps it: the calls and the checkpoint in one transaction.

`crm.worker` and `flask cdr import` call `read_page` again and again. Whatever is killed in between
loses nothing and doubles nothing: either the page and the place behind it are on record, or
neither is. No transaction is open while the vendor is asked.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from crm import calls
from crm.callcenterstudio import (
    BadAnswer,
    CallCenterStudioError,
    CdrPage,
    CdrRecord,
    Client,
    RateLimited,
    Refused,
    Unreachable,
    WrongAppToken,
)
from crm.calls import BatchResult
from crm.calls.local_time import in_local
from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony.cdr_import import slices
from crm.telephony.cdr_import.runs import locked

# So long a page belongs to who asked for it: longer than the client waits for the vendor.
LEASE = timedelta(seconds=20)
FAILURES_BEFORE_RESTART = 3
RESTARTS_AT_MOST = 3
DIGESTS_KEPT = 500
PASSES_AT_MOST = 4


class BusyError(Exception):
    """Another process reads this import at the moment."""


@dataclass(frozen=True)
class Place:
    """Where the next page is, as it stood when this process took it."""

    tenant_id: int
    start: datetime
    finish: datetime
    cursor: str | None
    pages: int
    restarts: int
    digests: tuple[str, ...]


def read_page(
    client_for: Callable[[Tenant], Client],
    import_id: int,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> bool:
    """Read an import's next page; whether there is more to read. Commits.

    Raises BusyError, LookupError, and CallCenterStudioError when the page cannot be had now: the
    import keeps the reason and stays where it is. A cursor that is refused begins its slice
    again. When that happens over and over the import fails, with a sentence.
    """
    place = in_one_transaction(lambda: _take(import_id, clock()))
    if place is None:
        return False
    try:
        page = _page(client_for, place)
    except CallCenterStudioError as error:
        if in_one_transaction(partial(_failed, import_id, place, error)):
            raise
        return True
    return in_one_transaction(lambda: _keep(import_id, place, page, clock()))


def _take(import_id: int, now: datetime) -> Place | None:
    run = locked(import_id)
    if run.state is not ImportState.RUNNING:
        return None
    if run.lease_until is not None and now < run.lease_until:
        raise BusyError
    run.lease_until = now + LEASE
    return _place_of(run)


def _place_of(run: CdrImport) -> Place:
    return Place(
        tenant_id=run.tenant_id,
        start=run.slice_start,
        finish=run.slice_finish,
        cursor=run.cursor,
        pages=run.pages,
        restarts=run.restarts,
        digests=tuple(run.page_digests),
    )


def _page(client_for: Callable[[Tenant], Client], place: Place) -> CdrPage:
    """The page; BadAnswer when it cannot be the one that was asked for."""
    client = client_for(db.session.get_one(Tenant, place.tenant_id))
    db.session.rollback()
    start, finish = slices.to_ask_for(place.start, place.finish)
    page = client.cdr_logs(start, finish, cursor=place.cursor, sorting="asc")
    if page.records and _digest(page.records) in place.digests:
        raise BadAnswer(_("Call Center Studio sent a page again instead of the next one."))
    if not page.is_last and (not page.cursor or page.cursor == place.cursor):
        raise BadAnswer(_("Call Center Studio does not say where the next page begins."))
    return page


def _digest(records: tuple[CdrRecord, ...]) -> str:
    """A name for a page: the calls on it, in their order."""
    names = [record.callkey or record.raw for record in records]
    text = json.dumps(names, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _failed(import_id: int, place: Place, error: CallCenterStudioError) -> bool:
    """Write down what went wrong; whether it is to be waited."""
    run = locked(import_id)
    if _place_of(run) != place or run.state is not ImportState.RUNNING:
        return False  # another process went on meanwhile
    run.lease_until, run.last_error = None, error.happened[:1000]
    run.failures += 1
    refused = isinstance(error, Refused) and not isinstance(error, WrongAppToken)
    if place.cursor is None or not (refused or _is_stuck(run, error)):
        return True
    _begin_slice_again(run)
    return not refused


def _is_stuck(run: CdrImport, error: CallCenterStudioError) -> bool:
    """The vendor answers, but never with this page: its cursor may be the reason."""
    hopeless = not isinstance(error, Unreachable | RateLimited | WrongAppToken)
    return hopeless and run.failures >= FAILURES_BEFORE_RESTART


def _begin_slice_again(run: CdrImport) -> None:
    run.cursor, run.page_digests, run.failures = None, [], 0
    run.pass_reached, run.grew = None, False
    run.restarts += 1
    if run.restarts > RESTARTS_AT_MOST:
        run.state = ImportState.FAILED
        run.last_error = _(
            "The records of %(day)s cannot be read to their end: %(reason)s",
            day=f"{run.slice_start:%Y-%m-%d}",
            reason=run.last_error,
        )[:1000]


def _keep(import_id: int, place: Place, page: CdrPage, now: datetime) -> bool:
    """Calls and checkpoint together; whether there is more to read."""
    run = locked(import_id)
    if _place_of(run) != place or run.state is not ImportState.RUNNING:
        return run.state is ImportState.RUNNING  # another process kept this page
    tenant = db.session.get_one(Tenant, run.tenant_id)
    _count(run, len(page.records), calls.record_cdrs(tenant, page.records, received_at=now))
    run.lease_until, run.last_error, run.failures = None, "", 0
    _step(run, page, ZoneInfo(tenant.timezone), now)
    return run.state is ImportState.RUNNING


def _count(run: CdrImport, read: int, result: BatchResult) -> None:
    run.pages += 1
    run.pass_new += result.new
    run.records_late += result.new if run.passes else 0
    run.records_read += read
    run.records_new += result.new
    run.records_changed += result.changed
    run.records_known += result.known
    run.records_incomplete += result.incomplete
    run.without_contact += result.without_contact
    names = {*run.problems, *result.problems}
    run.problems = {
        name: run.problems.get(name, 0) + result.problems.get(name, 0) for name in names
    }
    if result.new or result.changed:
        run.restarts = 0


def _step(run: CdrImport, page: CdrPage, zone: ZoneInfo, now: datetime) -> None:
    """Move the checkpoint behind the page."""
    dates = [in_local(one.calldate, zone) for one in page.records if one.calldate]
    within = [date for date in dates if run.slice_start <= date <= run.slice_finish]
    run.reached_local = max(within, default=run.reached_local)
    # A page that begins before the end of the one before: what was added has moved the list on.
    run.grew = run.grew or bool(dates and run.pass_reached and dates[0] < run.pass_reached)
    run.pass_reached = max(within, default=run.pass_reached)
    if not page.is_last:
        digests = [*run.page_digests, _digest(page.records)]
        run.cursor, run.page_digests = page.cursor, digests[-DIGESTS_KEPT:]
        return
    again = _may_have_grown(run, zone, now)
    run.cursor, run.page_digests, run.restarts = None, [], 0
    run.pass_reached, run.pass_new, run.grew = None, 0, False
    run.passes = run.passes + 1 if again else 0
    if again:
        return
    following = slices.after(run.slice_finish, run.finish_local)
    if following is None:
        run.state, run.finished_at = ImportState.DONE, now
    else:
        run.slice_start, run.slice_finish = following


def _may_have_grown(run: CdrImport, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the slice is to be read again: records may have come ahead of the pages.

    Seen by the list itself, or where calls of the slice may have ended while its pages were read.
    A slice of one page grows behind nothing. What reads the last hours by itself reads them again
    soon anyway.
    """
    if run.kind is not ImportKind.ASKED_FOR or run.passes + 1 >= PASSES_AT_MOST:
        return False
    if run.grew:
        return True
    is_fresh = run.slice_finish >= in_local(now, zone) - slices.LONGEST_CALL
    had_pages = bool(run.page_digests)
    return is_fresh and had_pages and (run.passes == 0 or run.pass_new > 0)
