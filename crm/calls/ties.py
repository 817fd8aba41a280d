"""Whose call it is, and what a contact's own row says about its calls.

`crm.calls.apply` ties calls; `crm.contacts` lets a new or changed contact claim earlier ones.
"""

from collections.abc import Iterable

from sqlalchemy import func, select, update

from crm.calls.facts import CallFacts
from crm.calls.results import summary_of
from crm.extensions import db
from crm.models import Call, CallState, Contact, PhoneNumber
from crm.models.locking import take_write_lock

BY_NUMBER = "number"  # in `sources`: the contact was found by its number


def tie(call: Call, facts: CallFacts) -> None:
    """Set the call's contact: the chosen one, else the only one that has the number.

    A contact once found by number stays, even if another gets the same number later; with another
    number it is looked for again. The name stays when the contact is gone.
    """
    if facts.contact_id is not None:
        chosen = db.session.get(Contact, facts.contact_id)
        if chosen is not None:
            _set(call, chosen)
        call.normal_form = facts.normal_form
        return
    same_number = call.normal_form == facts.normal_form
    call.normal_form = facts.normal_form
    if call.contact_id is not None and same_number:
        call.sources = call.sources | {"contact": BY_NUMBER}
        return
    found = _only_contact_with(facts.normal_form)
    if found is not None or not same_number:
        _set(call, found)
    if found is not None:
        call.sources = call.sources | {"contact": BY_NUMBER}


def claim_calls(contact_id: int) -> int:
    """Tie the earlier calls of a contact's numbers to it, those that are nobody's; how many.

    A number that another contact has too claims nothing: an agent chooses. To be called when a
    contact was created or got a number. Flushes, does not commit.
    """
    take_write_lock()
    contact = db.session.get_one(Contact, contact_id)
    numbers = _own_numbers(contact_id)
    statement = select(Call).where(Call.contact_id.is_(None), Call.normal_form.in_(numbers))
    calls = list(db.session.scalars(statement.order_by(Call.id).with_for_update()))
    for call in calls:
        _set(call, contact)
        call.sources = call.sources | {"contact": BY_NUMBER}
    db.session.flush()
    refresh_contacts([contact_id])
    return len(calls)


def refresh_contacts(contact_ids: Iterable[int | None]) -> None:
    """Count again the calls of contacts that have ended, and find each one's last.

    A call that rings or is up is not its contact's last call yet: its own card would say so.
    """
    for contact_id in sorted({one for one in contact_ids if one is not None}):
        # Locked before the counting, so that of two processes the second counts the first's call;
        # "no key": the foreign key of a call that was just written holds the weakest lock already.
        statement = select(Contact.id).where(Contact.id == contact_id)
        locked = statement.with_for_update(key_share=True)
        if db.session.scalar(locked) is not None:
            _refresh(contact_id)


def _own_numbers(contact_id: int) -> list[str]:
    """The numbers that this contact has and no other."""
    mine = select(PhoneNumber.normal_form).where(PhoneNumber.contact_id == contact_id)
    shared = (
        select(PhoneNumber.normal_form)
        .join(Contact, Contact.id == PhoneNumber.contact_id)
        .where(
            PhoneNumber.normal_form.in_(mine),
            Contact.id != contact_id,
            Contact.deleted_at.is_(None),
        )
    )
    return list(set(db.session.scalars(mine)) - set(db.session.scalars(shared)))


def _refresh(contact_id: int) -> None:
    ended = (Call.contact_id == contact_id, Call.state == CallState.ENDED)
    count = db.session.scalar(select(func.count()).select_from(Call).where(*ended)) or 0
    newest = select(Call).where(*ended).order_by(Call.started_at.desc(), Call.id.desc())
    last = db.session.scalar(newest.limit(1))
    values = {
        "calls_count": count,
        "last_call_at": last.started_at if last else None,
        "last_call_summary": summary_of(last) if last else "",
        # A call is no change of the contact's own data.
        "updated_at": Contact.updated_at,
    }
    db.session.execute(update(Contact).where(Contact.id == contact_id).values(values))


def _set(call: Call, contact: Contact | None) -> None:
    call.contact_id = contact.id if contact else None
    call.contact_name = contact.name if contact else ""


def _only_contact_with(normal_form: str | None) -> Contact | None:
    if normal_form is None:
        return None
    from crm import contacts  # it claims calls through this module

    match = contacts.find_by_phone(normal_form)
    return db.session.get(Contact, match.contacts[0].id) if match.kind == "one" else None
