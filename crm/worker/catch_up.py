"""When many calls need their records at once, asks by dates instead of call by call.

This happens after an outage, and when somebody floods the webhooks with a valid secret. A page by
dates has a hundred records. The worker's clock calls `catch_up` once a second. Calls that the dates
did not bring are asked for one by one, slowly (`crm/telephony/pace.py`): the record of a call that
nobody answered may be found by its key alone. When many such requests in a row bring nothing, the
calls that wait count as asked for. The reasons: docs/adr/0018-many-calls-at-once.md.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from crm.extensions import db
from crm.models import Call, CdrImport, ImportKind, ImportState, Tenant, Work, WorkState
from crm.models.cdr_import import LONGEST_CALL
from crm.models.locking import in_one_transaction
from crm.telephony import import_runs, reconciliation
from crm.telephony.pace import pace
from crm.telephony.records import COMPLETE_CALL, NO_RECORD_YET
from crm.worker.work import LAST_ATTEMPT, PAUSES

log = logging.getLogger(__name__)

MANY = 100  # calls of a tenant: the most that one page by dates can hold
ROWS_AT_ONCE = 5000
IN_A_STATEMENT = 500
FURTHEST = timedelta(hours=48)
WHILE_READING = timedelta(seconds=10)
MISSES_AT_MOST = 50
AFTER_A_FAILURE = timedelta(seconds=20)


class Waiting(NamedTuple):
    """A call whose record is due to be asked for."""

    work_id: int
    attempts: int
    asked_at: datetime
    began: datetime


def catch_up(now: datetime) -> None:
    """Handle the tenants with too many waiting calls; usually just a query. Commits."""
    due = (Work.state == WorkState.WAITING, Work.next_try_at <= now, Work.kind == COMPLETE_CALL)
    enough = select(Work.id).where(*due).limit(MANY + 1)
    many = db.session.scalar(select(func.count()).select_from(enough.subquery())) or 0
    db.session.rollback()

    def see_to_all() -> None:
        rows = select(Work).where(*due).order_by(Work.next_try_at).limit(ROWS_AT_ONCE)
        locked = rows.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        works = {int(work.subject): work for work in db.session.scalars(locked)}
        ids = sorted(works)
        by_tenant: defaultdict[int, list[Waiting]] = defaultdict(list)
        for first in range(0, len(ids), IN_A_STATEMENT):
            some = Call.id.in_(ids[first : first + IN_A_STATEMENT])
            found = select(Call.id, Call.tenant_id, Call.started_at).where(some)
            for call_id, tenant_id, began in db.session.execute(found):
                work = works[call_id]
                one = Waiting(work.id, work.attempts, work.created_at, began)
                by_tenant[tenant_id].append(one)
        for tenant_id, waiting in by_tenant.items():
            if len(waiting) > MANY:
                see_to_tenant(tenant_id, waiting, now)

    if many > MANY:
        in_one_transaction(see_to_all)


def see_to_tenant(tenant_id: int, waiting: list[Waiting], now: datetime) -> None:
    """Have a tenant's records read by dates, once for each call; the caller commits.

    Until that is done, also while it cannot be done, the calls wait and lose no try.
    """
    of_tenant = (CdrImport.tenant_id == tenant_id, CdrImport.kind == ImportKind.CATCH_UP)
    newest = select(CdrImport).where(*of_tenant).order_by(CdrImport.id.desc()).limit(1)
    last = db.session.scalar(newest)
    done = (*of_tenant, CdrImport.state == ImportState.DONE)
    read_at = db.session.scalar(select(func.max(CdrImport.started_at)).where(*done))
    new = [one for one in waiting if read_at is None or one.asked_at > read_at]
    if last is not None and last.state is not ImportState.DONE:
        if last.state is ImportState.FAILED and now - last.updated_at > AFTER_A_FAILURE:
            import_runs.ask_to_import(import_runs.go_on(last.id))
    elif len(new) > MANY:
        tenant = db.session.get_one(Tenant, tenant_id)
        first = min(max(one.began, now - FURTHEST) for one in new)
        # A call may be reported only at its end; it began LONGEST_CALL earlier at most.
        since = min(first, now) - LONGEST_CALL
        start, finish = reconciliation.window(since, now, tenant.timezone)
        kind = ImportKind.CATCH_UP
        import_runs.ask_to_import(import_runs.start(tenant_id, start, finish, kind=kind, now=now))
        reconciliation.prune(tenant_id, kind)
    else:
        if pace().misses(tenant_id) >= MISSES_AT_MOST:
            count_as_asked(waiting, now)
        return
    write([{"id": one.work_id, "next_try_at": now + WHILE_READING} for one in waiting])


def count_as_asked(waiting: list[Waiting], now: datetime) -> None:
    """Take a try from each without asking the vendor; after its last one a call is given up."""
    changes = []
    for one in waiting:
        attempts = one.attempts + 1
        pause = timedelta(seconds=PAUSES[min(attempts, len(PAUSES)) - 1])
        state = WorkState.GIVEN_UP if attempts >= LAST_ATTEMPT else WorkState.WAITING
        change = {"id": one.work_id, "attempts": attempts, "state": state}
        changes.append(change | {"next_try_at": now + pause, "last_error": NO_RECORD_YET})
    write(changes)
    given_up = sum(change["state"] is WorkState.GIVEN_UP for change in changes)
    if given_up:
        log.error("Given up after %d tries: %s of %d calls.", LAST_ATTEMPT, COMPLETE_CALL, given_up)


def write(changes: list[dict[str, Any]]) -> None:
    """Change many rows of work in one statement."""
    db.session.execute(update(Work), changes)
    db.session.expire_all()
