"""Links calls to contacts.

`crm.calls.apply` links calls; the contacts pages let a new or changed contact claim earlier ones.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import select, update

from crm.calls.contact_calls import refresh_contacts
from crm.calls.fold import CallFacts
from crm.contacts import directory
from crm.contacts.directory import ContactRef
from crm.extensions import db
from crm.models import Call, FollowUp
from crm.models.locking import take_write_lock

BY_NUMBER = "number"  # in `sources`: the contact was found by its number
SHOWN = "number"  # `caller_kind` of a call with a visible number


def tie(call: Call, facts: CallFacts) -> None:
    """Set the call's contact: the chosen one, else the only one that has the number.

    A contact found by number stays, even if another gets the same number later; if the number
    changes, it is looked up again. The name stays after the contact is deleted. A withheld number
    finds only a contact that had it before the call; otherwise an agent could test guessed numbers.
    """
    if facts.contact_id is not None:
        choose_contact(call, facts.contact_id)
        call.normal_form = facts.normal_form
        return
    same_number = call.normal_form == facts.normal_form
    call.normal_form = facts.normal_form
    if call.contact_id is not None and same_number:
        call.sources = call.sources | {"contact": BY_NUMBER}
        return
    known_before = min(facts.started_at, call.created_at) if is_withheld(facts) else None
    owners = directory.only_owners([facts.normal_form], known_before=known_before)
    found = owners.get(facts.normal_form or "")
    if found is not None or not same_number:
        _set(call, found)
    if found is not None:
        call.sources = call.sources | {"contact": BY_NUMBER}


def choose_contact(call: Call, contact_id: int) -> None:
    """Link a call to the contact that somebody chose, or to the one it was merged into since.

    If the contact is gone, the call stays as it is.
    """
    chosen = directory.resolve(contact_id)
    if chosen is not None:
        _set(call, chosen)


def move_calls(contact_id: int, to_id: int) -> int:
    """Move all calls and follow-ups of a contact to the one that it is merged into.

    Returns how many calls.

    Events still have the old id; `choose_contact` replaces it with the new one. Flushes, does not
    commit. Raises LookupError when there is no such contact.
    """
    take_write_lock()
    to = directory.resolve(to_id)
    if to is None:
        raise LookupError(f"no contact {to_id}")
    moved = update(Call).where(Call.contact_id == contact_id).returning(Call.id)
    values = {"contact_id": to.id, "contact_name": to.name, "updated_at": Call.updated_at}
    ids = list(db.session.scalars(moved.values(values)))
    without_call = update(FollowUp).where(FollowUp.contact_id == contact_id)
    db.session.execute(without_call.values(contact_id=to.id))
    refresh_contacts([contact_id, to_id])
    return len(ids)


def claim_calls(contact_id: int) -> int:
    """Link earlier calls of a contact's numbers to it if they have no contact; returns how many.

    A number that another contact has too claims nothing: an agent chooses. A call with a withheld
    number is never claimed, because a guess would reveal the caller. Call it when a contact was
    created or got a number. Flushes, does not commit.
    """
    take_write_lock()
    owners = directory.only_owners(directory.numbers_of(contact_id))
    contact = directory.resolve(contact_id)
    numbers = [number for number, owner in owners.items() if owner.id == contact_id]
    nobodys = (Call.contact_id.is_(None), Call.caller_kind == SHOWN)
    statement = select(Call).where(*nobodys, Call.normal_form.in_(numbers))
    calls = list(db.session.scalars(statement.order_by(Call.id).with_for_update()))
    for call in calls:
        _set(call, contact)
        call.sources = call.sources | {"contact": BY_NUMBER}
    db.session.flush()
    refresh_contacts([contact_id])
    return len(calls)


def unclaimed(normal_forms: Iterable[str]) -> set[str]:
    """Those of the numbers that have calls which `claim_calls` could link."""
    statement = select(Call.normal_form).where(
        Call.normal_form.in_(sorted(normal_forms)),
        Call.contact_id.is_(None),
        Call.caller_kind == SHOWN,
    )
    return {number for number in db.session.scalars(statement.distinct()) if number}


def release_calls(contact_ids: Collection[int]) -> None:
    """Undo `claim_calls` for contacts that go as if they had never been.

    Calls that somebody linked by hand stay. Flushes, does not commit.
    """
    statement = select(Call).where(Call.contact_id.in_(contact_ids)).order_by(Call.id)
    for call in db.session.scalars(statement.with_for_update()):
        if call.sources.get("contact") == BY_NUMBER:
            _set(call, None)
            call.sources = {key: value for key, value in call.sources.items() if key != "contact"}
    refresh_contacts(contact_ids)


def is_withheld(facts: CallFacts) -> bool:
    """Whether the number is shown to nobody, even if it is known."""
    return facts.caller_kind != SHOWN


def _set(call: Call, contact: ContactRef | None) -> None:
    call.contact_id = contact.id if contact else None
    call.contact_name = contact.name if contact else ""
