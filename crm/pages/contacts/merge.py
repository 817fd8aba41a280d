"""Merging two contacts: choose the other, see the result, and confirm."""

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm import calls, contacts
from crm.contacts import ChangedMeanwhile, ContactNotFound, directory
from crm.extensions import db
from crm.models import Contact, EntryKind
from crm.models.locking import in_one_transaction
from crm.pages.contacts.blueprint import blueprint
from crm.pages.contacts.form import clean
from crm.pages.contacts.pages import show_saved
from crm.pages.contacts.timeline import record
from crm.web import current_agent
from crm.web.incoming import row_id, version_of

CHOICES = 8
CONFLICT = 409


@blueprint.get("/<int:contact_id>/merge")
def choose_to_merge(contact_id: int) -> str:
    """Contacts to choose from (`q`), or both side by side when the other is chosen (`with`)."""
    contact = _there(contact_id)
    other_id = request.args.get("with", type=row_id)
    if other_id is not None:
        return _both(contact, _there(other_id))
    query = clean(request.args.get("q"))
    found = _found(contact, query)
    return render_template("contacts/merge.html", contact=contact, query=query, **found)


@blueprint.get("/<int:contact_id>/merge/rows")
def rows_to_merge(contact_id: int) -> str:
    """The contacts that match the typed text."""
    query = clean(request.args.get("q"))
    contact = _there(contact_id)
    return render_template("contacts/_merge_rows.html", contact=contact, **_found(contact, query))


@blueprint.post("/<int:contact_id>/merge")
def merge(contact_id: int) -> Response:
    """Merge the other (`with`) into this one, if both are as they were shown (`versions`)."""
    other_id = request.form.get("with", 0, type=row_id)
    name = _there(other_id).name
    # An unreadable value is no version.
    ours, _comma, theirs = request.form.get("versions", "").partition(",")
    versions = version_of(ours), version_of(theirs)

    def merge_with_calls() -> None:
        contacts.merge(contact_id, other_id, versions=versions)
        record(contact_id, EntryKind.MERGED, text=name)
        calls.move_calls(other_id, contact_id)
        calls.claim_calls(contact_id)

    try:
        in_one_transaction(merge_with_calls)
    except ChangedMeanwhile:
        db.session.rollback()
        page = _both(_there(contact_id), _there(other_id), changed=True)
        return make_response(page, CONFLICT)
    except ContactNotFound:
        raise NotFound from None
    flash(_("%(name)s is part of this contact now.", name=name), "success")
    return show_saved(contact_id)


def _there(contact_id: int) -> Contact:
    contact = contacts.get(contact_id)
    if contact is None:
        raise NotFound
    return contact


def _found(contact: Contact, query: str) -> dict[str, object]:
    """Matching contacts; before anything is typed, those with the same name."""
    region = current_agent.get().region
    page = contacts.search(query or contact.name, region=region, limit=CHOICES + 1)
    rows = [row for row in page.rows if row.id != contact.id]
    return {"rows": rows[:CHOICES], "more": len(rows) > CHOICES, "typed": bool(query)}


def _both(contact: Contact, other: Contact, *, changed: bool = False) -> str:
    """Both side by side and the result, with how many calls of each the agent may see."""
    if contact.id == other.id:
        raise NotFound
    seen = current_agent.get().tenants_seen()
    shown = [directory.get(one.id, seen) for one in (contact, other)]
    return render_template(
        "contacts/merge_confirm.html",
        contact=contact,
        other=other,
        will_be=contacts.preview(contact, other),
        calls_counts=[one.calls_count if one else 0 for one in shown],
        changed=changed,
        swap=f"{url_for('contacts.choose_to_merge', contact_id=other.id)}?with={contact.id}",
    )
