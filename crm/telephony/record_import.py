"""Reads the records between two dates (`reportsCDRLogs`), a page of up to 100 at a time.

`crm.telephony.import_runs` begins an import. The worker (`crm.telephony.import_job`) and
`flask cdr import` call `read_page` while it says that there is more. How reading ends:

- A slice (a day) ends with a page that is not full (`page.is_last`). One that may have grown is
  read again, PASSES_AT_MOST times in all. After the last slice the import is done.
- A cursor that is refused, or that brings no usable page FAILURES_BEFORE_RESTART times in a row,
  begins its slice again. After RESTARTS_AT_MOST restarts without a new record the import fails.
- While the vendor does not answer, the worker tries again after growing pauses. After the last try
  the import fails (`import_job.import_failed`). One that failed can go on where it stopped.

A page's calls and the checkpoint behind it are written in one transaction, so a process that is
killed loses nothing and doubles nothing (docs/adr/0012-imports.md).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
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
from crm.calls.local_time import in_local
from crm.extensions import db
from crm.models import CdrImport, ImportKind, ImportState, Tenant, utc_now
from crm.models.cdr_import import RECORD_COMES_WITHIN, Checkpoint
from crm.models.locking import in_one_transaction
from crm.telephony import import_runs

LEASE = timedelta(seconds=20)  # longer than the client waits for the vendor
FAILURES_BEFORE_RESTART = 3
RESTARTS_AT_MOST = 3
PASSES_AT_MOST = 4
DIGESTS_KEPT = 500
SECOND = timedelta(seconds=1)


class BusyError(Exception):
    """Another process is reading this import."""


def read_page(
    client_for: Callable[[Tenant], Client],
    import_id: int,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> bool:
    """Read an import's next page. Returns whether there is more to read. Commits.

    Raises BusyError, LookupError, and CallCenterStudioError if the page cannot be read now: the
    import keeps the reason and its checkpoint.
    """

    def take() -> Checkpoint | None:
        run = import_runs.locked(import_id)
        if run.state is not ImportState.RUNNING:
            return None
        now = clock()
        if run.lease_until is not None and now < run.lease_until:
            raise BusyError
        run.lease_until = now + LEASE
        return Checkpoint.of(run)

    here = in_one_transaction(take)
    if here is None:
        return False
    try:
        client = client_for(db.session.get_one(Tenant, here.tenant_id))
        db.session.rollback()  # no transaction is open while the vendor is asked
        # A second more than the slice: whether `finishdate` itself belongs to the answer is not
        # published. A record that comes with two slices is known the second time.
        finish = here.slice_finish + SECOND
        page = client.cdr_logs(here.slice_start, finish, cursor=here.cursor, sorting="asc")
        if page.records and _digest(page.records) in here.digests:
            raise BadAnswer(_("Call Center Studio sent a page again instead of the next one."))
        if not page.is_last and (not page.cursor or page.cursor == here.cursor):
            raise BadAnswer(_("Call Center Studio does not say where the next page begins."))
    except CallCenterStudioError as problem:
        error = problem
        if in_one_transaction(lambda: _note_failure(import_id, here, error)):
            raise
        return True
    return in_one_transaction(lambda: _keep(import_id, here, page, clock()))


def _digest(records: Sequence[CdrRecord]) -> str:
    """A name for a page: the calls on it, in their order."""
    names = [record.callkey or record.raw for record in records]
    text = json.dumps(names, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _note_failure(import_id: int, here: Checkpoint, error: CallCenterStudioError) -> bool:
    """Write down what went wrong. Returns whether to wait before the next try."""
    run = import_runs.locked(import_id)
    if not here.is_current(run):
        return False
    run.lease_until, run.last_error = None, error.happened[:1000]
    run.failures += 1
    refused = isinstance(error, Refused) and not isinstance(error, WrongAppToken)
    # The vendor answers, but never with this page: its cursor may be the reason.
    answers = not isinstance(error, Unreachable | RateLimited | WrongAppToken)
    stuck = answers and run.failures >= FAILURES_BEFORE_RESTART
    if here.cursor is None or not (refused or stuck):
        return True
    run.cursor, run.page_digests, run.failures = None, [], 0
    run.pass_reached, run.grew = None, False
    run.restarts += 1
    if run.restarts > RESTARTS_AT_MOST:
        run.state = ImportState.FAILED
        run.last_error = _(
            "The records of %(day)s cannot be read to their end: %(reason)s",
            day=run.slice_start.strftime("%Y-%m-%d"),
            reason=run.last_error,
        )[:1000]
    return not refused


def _keep(import_id: int, here: Checkpoint, page: CdrPage, now: datetime) -> bool:
    """Write the page's calls, the counts and the checkpoint. Returns whether there is more."""
    run = import_runs.locked(import_id)
    if not here.is_current(run):
        return run.state is ImportState.RUNNING
    tenant = db.session.get_one(Tenant, run.tenant_id)
    found = calls.record_cdrs(tenant, page.records, received_at=now)
    run.pages += 1
    run.records_read += len(page.records)
    run.records_new += found.new
    run.records_changed += found.changed
    run.records_known += found.known
    run.records_incomplete += found.incomplete
    run.without_contact += found.without_contact
    run.problems = dict(Counter(run.problems) + found.problems)
    run.pass_new += found.new
    if run.passes:
        run.records_late += found.new
    if found.new or found.changed:
        run.restarts = 0
    run.lease_until, run.last_error, run.failures = None, "", 0
    _advance(run, page, ZoneInfo(tenant.timezone), now)
    return run.state is ImportState.RUNNING


def _advance(run: CdrImport, page: CdrPage, zone: ZoneInfo, now: datetime) -> None:
    """Move the checkpoint behind the page: to the next page, slice or pass, or to the end."""
    dates = [in_local(one.calldate, zone) for one in page.records if one.calldate]
    within = [date for date in dates if run.slice_start <= date <= run.slice_finish]
    run.reached_local = max(within, default=run.reached_local)
    # If a page begins before the end of the previous one, records were added before the cursor and
    # have shifted the list.
    run.grew = run.grew or bool(dates and run.pass_reached and dates[0] < run.pass_reached)
    run.pass_reached = max(within, default=run.pass_reached)
    if not page.is_last:
        digests = [*run.page_digests, _digest(page.records)]
        run.cursor, run.page_digests = page.cursor, digests[-DIGESTS_KEPT:]
        return
    # Records may have appeared before the cursor: the list has shown it, or calls of the slice may
    # have ended while its pages were read. A slice of a single page cannot miss any. Only imports
    # by hand are repeated; the last hours are read again soon anyway.
    is_fresh = run.slice_finish >= in_local(now, zone) - RECORD_COMES_WITHIN
    had_pages = bool(run.page_digests)
    may_have_grown = run.grew or (is_fresh and had_pages and (run.passes == 0 or run.pass_new > 0))
    by_hand = run.kind is ImportKind.ASKED_FOR
    again = by_hand and may_have_grown and run.passes + 1 < PASSES_AT_MOST
    run.passes = run.passes + 1 if again else 0
    run.cursor, run.page_digests, run.restarts = None, [], 0
    run.pass_reached, run.pass_new, run.grew = None, 0, False
    if again:
        return
    following = run.slice_finish + SECOND
    if following <= run.finish_local:
        run.slice_start, run.slice_finish = import_runs.first_slice(following, run.finish_local)
    else:
        run.state, run.finished_at = ImportState.DONE, now
