"""When the records of many calls are wanted at once, the vendor is asked by dates, a hundred an
answer, and not call by call.

So it is after an outage, and when somebody floods the webhooks with a valid secret. The worker's
clock calls `relieve`. What the dates did not bring is asked for call by call, slowly (`pace`): the
record of a call that nobody answered may be found by its key alone. When that brings nothing many
times in a row, the calls that wait count as asked for.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from crm.extensions import db
from crm.models import Call, CdrImport, ImportKind, ImportState, Tenant, Work, WorkState
from crm.models.locking import in_one_transaction
from crm.telephony import cdr_import, reconciling
from crm.telephony.complete import COMPLETE_CALL, NO_RECORD_YET
from crm.telephony.import_work import ask_to_import
from crm.telephony.pace import pace
from crm.worker.work import LAST_ATTEMPT, PAUSES

log = logging.getLogger(__name__)

MANY = 100  # calls of a tenant: what one page by dates may bring
AT_ONCE = 5000  # rows of work looked at
IN_A_STATEMENT = 500
FURTHEST = timedelta(hours=48)
LONGEST_CALL = timedelta(hours=4)  # told of at its end, a call began so long before at most
WHILE_READING = timedelta(seconds=10)
IN_VAIN_AT_MOST = 50
AFTER_A_FAILURE = timedelta(minutes=1)


@dataclass(frozen=True)
class Waiting:
    """A call whose record is due to be asked for."""

    work_id: int
    attempts: int
    asked_at: datetime
    began: datetime


def relieve(now: datetime) -> None:
    """See to the tenants of which too many calls wait. Commits; if none has, one look is all."""
    due = select(Work.id).where(*_due(now)).limit(MANY + 1)
    many = db.session.scalar(select(func.count()).select_from(due.subquery())) or 0
    db.session.rollback()
    if many > MANY:
        in_one_transaction(lambda: _relieve_all(now))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Work.state == WorkState.WAITING, Work.next_try_at <= now, Work.kind == COMPLETE_CALL)


def _relieve_all(now: datetime) -> None:
    for tenant_id, waiting in _by_tenant(now).items():
        if len(waiting) > MANY:
            _relieve(tenant_id, waiting, now)


def _by_tenant(now: datetime) -> dict[int, list[Waiting]]:
    due = select(Work).where(*_due(now)).order_by(Work.next_try_at).limit(AT_ONCE)
    locked = due.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    works = {int(work.subject): work for work in db.session.scalars(locked)}
    ids = sorted(works)
    found: defaultdict[int, list[Waiting]] = defaultdict(list)
    for first in range(0, len(ids), IN_A_STATEMENT):
        some = Call.id.in_(ids[first : first + IN_A_STATEMENT])
        for call_id, tenant_id, began in db.session.execute(
            select(Call.id, Call.tenant_id, Call.started_at).where(some)
        ):
            work = works[call_id]
            one = Waiting(work.id, work.attempts, work.created_at, began)
            found[tenant_id].append(one)
    return found


def _relieve(tenant_id: int, waiting: list[Waiting], now: datetime) -> None:
    of_tenant = (CdrImport.tenant_id == tenant_id, CdrImport.kind == ImportKind.CATCH_UP)
    newest = select(CdrImport).where(*of_tenant).order_by(CdrImport.id.desc()).limit(1)
    last = db.session.scalar(newest)
    done = select(func.max(CdrImport.started_at)).where(
        *of_tenant, CdrImport.state == ImportState.DONE
    )
    read_at = db.session.scalar(done)
    new = [one for one in waiting if read_at is None or one.asked_at > read_at]
    if last is not None and last.state is not ImportState.DONE:
        if last.state is ImportState.FAILED and now - last.updated_at > AFTER_A_FAILURE:
            ask_to_import(cdr_import.go_on(last.id))
        _postpone(waiting, now)
    elif len(new) > MANY:
        _ask_by_dates(tenant_id, new, now)
        _postpone(waiting, now)
    elif pace().in_vain(tenant_id) >= IN_VAIN_AT_MOST:
        _count_as_asked(waiting, now)


def _ask_by_dates(tenant_id: int, waiting: Iterable[Waiting], now: datetime) -> None:
    tenant = db.session.get_one(Tenant, tenant_id)
    began = min(max(one.began, now - FURTHEST) for one in waiting)
    since = min(began, now) - LONGEST_CALL
    start, finish = reconciling.window(since, now, tenant.timezone)
    ask_to_import(cdr_import.start(tenant_id, start, finish, kind=ImportKind.CATCH_UP, now=now))
    reconciling.prune(tenant_id, ImportKind.CATCH_UP)


def _postpone(waiting: Iterable[Waiting], now: datetime) -> None:
    """The dates are being read: most of these are complete then."""
    later = now + WHILE_READING
    _write([{"id": one.work_id, "next_try_at": later} for one in waiting])


def _count_as_asked(waiting: Iterable[Waiting], now: datetime) -> None:
    """A try of each in vain, without a question."""
    changes, given_up = [], 0
    for one in waiting:
        attempts = one.attempts + 1
        is_last = attempts >= LAST_ATTEMPT
        pause = timedelta(seconds=PAUSES[min(attempts, len(PAUSES)) - 1])
        state = WorkState.GIVEN_UP if is_last else WorkState.WAITING
        change = {"id": one.work_id, "attempts": attempts, "state": state}
        changes.append(change | {"next_try_at": now + pause, "last_error": NO_RECORD_YET})
        given_up += is_last
    _write(changes)
    if given_up:
        log.error("Given up after %d tries: %s of %d calls.", LAST_ATTEMPT, COMPLETE_CALL, given_up)


def _write(changes: list[dict[str, object]]) -> None:
    db.session.execute(update(Work), changes)
    db.session.expire_all()
