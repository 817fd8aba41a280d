"""Merges two rows that an event proves to be one call, with events, cards and contact.

Only keys prove it. `rows` calls `with_keys` for every event, and folds the row again.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import delete, select, update

from crm.calls import notes
from crm.calls.archived import take_facts, take_notes
from crm.calls.events import DIAL, VENDOR_KEYS, Keys
from crm.extensions import db
from crm.models import Call, CallCard, CallEvent, CallLeg, FollowUp, JoinedCall, Listen


def with_keys(
    home: Call, rows: list[Call], keys: Keys, of_leg: int | None
) -> tuple[Call, set[int]]:
    """Give the row the event's keys, and merge the rows that they prove to be the same call."""
    wanted = _filled(_keys_of_row(home), keys)
    same = [row for row in rows if row is not home and _is_same(row, wanted, keys, of_leg)]
    dials = [row for row in rows if row not in (home, *same) and _is_its_dial(row, home, keys)]
    if dials:
        same += dials
        wanted = replace(wanted, transaction_id=keys.transaction_id)
    for row in same:
        wanted = _filled(wanted, _keys_of_row(row))
    call, contacts_left = _merged(home, same)
    others = [row for row in rows if row is not home and row not in same]
    for name, value in wanted.vendor_keys:
        if all(getattr(row, name) != value for row in others):
            setattr(call, name, value)
    db.session.flush()
    return call, contacts_left


def _is_same(row: Call, wanted: Keys, told: Keys, of_leg: int | None) -> bool:
    """Another callkey is no contradiction: it names a record, and each leg has one."""
    proven = row.id == of_leg or any(
        getattr(told, name) and getattr(row, name) == getattr(told, name)
        for name in ("activecallkey", "callkey")
    )
    return fits(row, wanted, ("activecallkey",) if proven else VENDOR_KEYS)


def _is_its_dial(row: Call, home: Call, told: Keys) -> bool:
    """Whether `row` is an unreported dial whose call has another transaction id, the vendor's own,
    from the record of one leg. This record, of another leg, names both.
    """
    is_named = told.activecallkey and told.callkey and told.transaction_id
    if not is_named or row.transaction_id != told.transaction_id:
        return False
    if row.activecallkey or row.callkey:
        return False
    dialled = select(CallEvent.id).where(CallEvent.call_id == home.id, CallEvent.kind == DIAL)
    return db.session.scalar(dialled.limit(1)) is None


def _merged(home: Call, same: list[Call]) -> tuple[Call, set[int]]:
    """Move everything of `same` to the oldest of the rows, which open pages have known longest.

    Returns that row, without the others' keys, and the ids of contacts that may have lost a call.
    """
    if not same:
        return home, set()
    oldest, *others = sorted([home, *same], key=lambda row: row.id)
    contacts_left = {row.contact_id for row in others if row.contact_id is not None}
    for row in others:
        _move(row, oldest)
    db.session.flush()
    return oldest, contacts_left


def _move(row: Call, to: Call) -> None:
    for table in (CallEvent, CallCard, FollowUp, JoinedCall, Listen):
        db.session.execute(update(table).where(table.call_id == row.id).values(call_id=to.id))
    to.erased_at = to.erased_at or row.erased_at
    if row.archived_at is not None and to.archived_at is None:
        take_facts(to, row)
        db.session.execute(delete(CallLeg).where(CallLeg.call_id == to.id))
        db.session.execute(update(CallLeg).where(CallLeg.call_id == row.id).values(call_id=to.id))
    elif to.archived_at is not None:  # not folded again, so the other's notes are written to it
        take_notes(to, notes.of_call(row))
    db.session.execute(delete(CallLeg).where(CallLeg.call_id == row.id))
    if to.contact_id is None and row.contact_id is not None and to.erased_at is None:
        to.contact_id, to.contact_name = row.contact_id, row.contact_name
        to.normal_form = row.normal_form
    db.session.add(JoinedCall(old_id=row.id, call_id=to.id))
    db.session.delete(row)
    db.session.flush()


def fits(row: Call, keys: Keys, names: Iterable[str] = ("activecallkey", "callkey")) -> bool:
    """Whether no key contradicts. The activecallkey identifies the call and overrules the rest."""
    if keys.activecallkey and row.activecallkey == keys.activecallkey:
        return True
    pairs = ((getattr(row, name), getattr(keys, name)) for name in names)
    return all(not ours or not theirs or ours == theirs for ours, theirs in pairs)


def _keys_of_row(row: Call) -> Keys:
    return Keys(**{name: getattr(row, name) for name in VENDOR_KEYS})


def _filled(keys: Keys, more: Keys) -> Keys:
    """`keys`, with its gaps filled from `more`."""
    return replace(
        keys, **{name: getattr(keys, name) or getattr(more, name) for name in VENDOR_KEYS}
    )
