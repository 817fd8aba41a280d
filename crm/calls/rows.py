"""Finds the row of an event by its keys, or makes it; keeps the event and folds it in.

Rows are found by keys alone, never by number and time. `record` and `wrap_up` call `place` for
every event. If an event proves two rows to be one call, `merge_rows` merges them.
"""

from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError

from crm.calls.apply import refold
from crm.calls.archived import write_on_archived
from crm.calls.erase import redact_events_of
from crm.calls.events import ACTIVE_CALL, VENDOR_KEYS, Event, Keys, columns_of_event, keys_of
from crm.calls.merge_rows import fits, with_keys
from crm.calls.redaction import redacted
from crm.extensions import db
from crm.models import Call, CallCard, CallEvent, CallLeg, CallState, JoinedCall
from crm.models.locking import take_write_lock

TRIES = 6


class RowMovedError(Exception):
    """Another process has just merged the row into another one."""


def place(tenant_id: int, event: Event, *, call_id: int | None = None) -> Call | None:
    """Keep an event and fold it into its call's row; flushes, does not commit.

    call_id: the row of an event without keys of its own (a note, a hold). Returns None if there is
    neither a key nor a row: then the event is kept alone. Waits for another process that writes the
    same call at the same moment.
    """
    take_write_lock()
    for _attempt in range(TRIES - 1):
        try:
            with db.session.begin_nested():
                return _place(tenant_id, event, call_id)
        except (IntegrityError, RowMovedError):
            continue  # the other process was first: its row is there now
    return _place(tenant_id, event, call_id)


def current_id(call_id: int) -> int | None:
    """The id of a call's present row, also after it was merged into another."""
    for _step in range(TRIES):
        found = db.session.scalar(select(Call.id).where(Call.id == call_id))
        if found is not None:
            return found
        joined = select(JoinedCall.call_id).where(JoinedCall.old_id == call_id)
        moved = db.session.scalar(joined)
        if moved is None:
            return None
        call_id = moved
    return None


def locked(call_id: int) -> Call:
    """A call's present row, locked until the caller commits.

    Raises LookupError if there is none.
    """
    take_write_lock()
    for _attempt in range(TRIES):
        statement = select(Call).where(Call.id == current_id(call_id)).with_for_update()
        fresh = statement.execution_options(populate_existing=True)
        call: Call | None = db.session.scalar(fresh)
        if call is not None:
            return call
    raise LookupError("the call is gone")


def _place(tenant_id: int, event: Event, call_id: int | None) -> Call | None:
    same = (CallEvent.tenant_id == tenant_id, CallEvent.digest == event.digest)
    known = db.session.scalar(select(CallEvent).where(*same))
    if known is not None:
        known.repeats += 1
        return db.session.get(Call, known.call_id) if known.call_id else None
    keys = keys_of(event)
    given = current_id(call_id) if call_id is not None else _by_card(event, keys)
    of_leg = _by_leg(tenant_id, keys)
    rows = _locked(tenant_id, keys, given, of_leg)
    if not rows and not keys:
        _keep(tenant_id, event, None)
        return None
    home = _home(rows, keys, given, of_leg, sure=call_id is not None)
    if home is None:
        home = Call(tenant_id=tenant_id, state=CallState.ENDED, sources={})
        db.session.add(home)
    call, contacts_left = with_keys(home, rows, keys, of_leg)
    if call.erased_at is not None:  # nothing may bring the person back, not even a merged row
        event = redacted(event)
        redact_events_of(call.id)
    _keep(tenant_id, event, call.id)
    _keep_card(call, event, keys, given)
    if call.archived_at is None:
        refold(call, contacts_left)
    else:
        write_on_archived(call, event, contacts_left)
    return call


def _by_card(event: Event, keys: Keys) -> int | None:
    """The call with this id of the agent's browser."""
    if keys.browser_call_id is None or event.agent_id is None:
        return None
    return db.session.scalar(
        select(CallCard.call_id).where(
            CallCard.agent_id == event.agent_id, CallCard.browser_call_id == keys.browser_call_id
        )
    )


def _by_leg(tenant_id: int, keys: Keys) -> int | None:
    """The call with a leg from a record with this callkey, or this transaction id."""
    for name in ("callkey", "transaction_id"):
        value = getattr(keys, name)
        if value is not None:
            same = (CallLeg.tenant_id == tenant_id, getattr(CallLeg, name) == value)
            found = db.session.scalar(select(func.min(CallLeg.call_id)).where(*same))
            if found is not None:
                return found
    return None


def _locked(tenant_id: int, keys: Keys, given: int | None, of_leg: int | None) -> list[Call]:
    """All rows with one of the keys, locked in order of id so that processes do not deadlock."""
    conditions = [getattr(Call, name) == value for name, value in keys.vendor_keys]
    ids = {call_id for call_id in (given, of_leg) if call_id is not None}
    if ids:
        conditions.append(Call.id.in_(sorted(ids)))
    if not conditions:
        return []
    # The tenant stands in each part, or SQLite searches all calls of the tenant.
    shares = [and_(Call.tenant_id == tenant_id, condition) for condition in conditions]
    statement = select(Call).where(or_(*shares)).order_by(Call.id)
    fresh = statement.with_for_update().execution_options(populate_existing=True)
    rows = list(db.session.scalars(fresh))
    if given is not None and all(row.id != given for row in rows):
        raise RowMovedError
    return rows


def _home(
    rows: list[Call], keys: Keys, given: int | None, of_leg: int | None, *, sure: bool
) -> Call | None:
    """The row of an event: by activecallkey, else transaction_id, else callkey, else the browser's
    id. A row with a different key of the vendor does not count.
    """
    if sure:
        return next(row for row in rows if row.id == given)
    for name in ("activecallkey", "transaction_id", "callkey"):
        value = getattr(keys, name)
        for row in rows:
            if value and getattr(row, name) == value and fits(row, keys):
                return row
    for row in rows:
        if row.id == of_leg and fits(row, keys, ("activecallkey",)):
            return row
    by_browser = (row for row in rows if row.id == given)
    return next((row for row in by_browser if fits(row, keys, VENDOR_KEYS)), None)


def _keep(tenant_id: int, event: Event, call_id: int | None) -> None:
    db.session.add(CallEvent(**columns_of_event(event, tenant_id, call_id)))
    db.session.flush()


def _keep_card(call: Call, event: Event, keys: Keys, given: int | None) -> None:
    """Store each id that a page gave the call; a call known only from the vendor's list gets one.

    given: the row that the page's id had when the event's row was looked up.
    """
    if event.agent_id is None:
        return
    if keys.browser_call_id:
        owner = _by_card(event, keys)
        if owner is None:
            _add_card(call, event.agent_id, keys.browser_call_id)
        elif owner not in (given, call.id):  # another process has given it another row meanwhile
            raise RowMovedError
    elif event.kind == ACTIVE_CALL:
        cards = select(CallCard.id).where(CallCard.call_id == call.id)
        if db.session.scalar(cards.where(CallCard.agent_id == event.agent_id).limit(1)) is None:
            _add_card(call, event.agent_id, str(uuid5(NAMESPACE_URL, keys.activecallkey or "")))


def _add_card(call: Call, agent_id: int, browser_call_id: str) -> None:
    card = CallCard(call_id=call.id, agent_id=agent_id, browser_call_id=browser_call_id)
    db.session.add(card)
    db.session.flush()
