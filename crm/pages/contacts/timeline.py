"""`/contacts/<id>/calls`: a contact's history, newest first, and the form for a note.

Calls, notes without a call, and changes of the contact's data stand in it.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from crm import calls, contacts
from crm.contacts import entries
from crm.extensions import db
from crm.models import Contact, ContactEntry, EntryKind
from crm.models.paging import Cursor
from crm.pages.calls.blueprint import lines_of
from crm.pages.calls.notes import changes_of
from crm.pages.contacts.blueprint import blueprint
from crm.web import clock, current_agent, paging
from crm.web.agent_names import names
from crm.web.call_lines import CallLine
from crm.web.incoming import LARGEST_ID
from crm.web.layout import wants_fragment

PAGE = 30
LONGEST_SHOWN = 80  # characters of a value that was changed
FIELDS = {
    "name": lazy_gettext("Name"),
    "company": lazy_gettext("Company"),
    "email": lazy_gettext("E-mail"),
    "notes": lazy_gettext("Notes"),
    "numbers": lazy_gettext("Numbers"),
}


class EntryLine:
    """A note or a change as this agent may see it."""

    def __init__(self, entry: ContactEntry) -> None:
        agent = current_agent.get()
        self.entry, self.zone = entry, agent.timezone
        self.may_delete = entry.kind is EntryKind.NOTE and (
            entry.agent_id == agent.id or agent.is_admin
        )

    @property
    def cursor(self) -> Cursor:
        """Its place in the history."""
        return self.entry.cursor

    @property
    def agent(self) -> str:
        """Who wrote or changed it; "" for somebody of a tenant that the reader does not see."""
        is_seen = current_agent.get().sees(self.entry.tenant_id)
        return names().of(self.entry.agent_id) if is_seen else ""

    @property
    def words(self) -> str:
        """What happened, in a line; "" for a note, which says it itself."""
        told = [str(FIELDS[name]) for name, _before, _after in self.entry.changes if name in FIELDS]
        match self.entry.kind:
            case EntryKind.CHANGED:
                return str(_("Changed: %(fields)s", fields=", ".join(told)))
            case EntryKind.MERGED:
                return str(_("Merged with %(name)s", name=self.entry.text))
            case EntryKind.DELETED:
                return str(_("Deleted"))
            case EntryKind.RESTORED:
                return str(_("Restored"))
        return ""

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Field, before and after, for people."""
        return [
            (str(FIELDS[name]), _cut(before), _cut(after))
            for name, before, after in self.entry.changes
            if name in FIELDS
        ]


@blueprint.get("/<int:contact_id>/calls")
def timeline(contact_id: int) -> str:
    """The history; the next page alone with `before`, and `entry` if that was no call.

    shown: how many lines a refresh has.
    """
    contact = _there(contact_id)
    agent, before = current_agent.get(), paging.cursor()
    length, address = paging.length(PAGE), url_for("contacts.timeline", contact_id=contact_id)
    call_cursor, entry_cursor = _cursors(before)
    found_calls = calls.of_contact(
        contact_id, call_cursor, length + 1, tenant_ids=agent.seen_tenants
    )
    found_entries = entries.of_contact(contact_id, agent.tenants_seen(), entry_cursor, length + 1)
    every: Sequence[CallLine | EntryLine] = sorted(
        chain(lines_of(found_calls), map(EntryLine, found_entries)), key=_place, reverse=True
    )
    last_is_entry = len(every) > length and isinstance(every[length - 1], EntryLine)
    shown, more = paging.cut(
        every, length, address, fields={"entry": "1"} if last_is_entry else None
    )
    part = "calls/_events.html" if before else "calls/_timeline.html"
    return render_template(
        part if wants_fragment() else "calls/history.html",
        contact=contact,
        lines=shown,
        changes_of=changes_of(line.call for line in shown if isinstance(line, CallLine)),
        more=more,
        address=address,
        shown_until=before.at if before else None,
    )


@blueprint.post("/<int:contact_id>/notes")
def write_note(contact_id: int) -> Response:
    """A note without a call. Form: note. The answer is the empty form."""
    contact, agent = _there(contact_id), current_agent.get()
    entries.write_note(
        contact_id,
        request.form.get("note", ""),
        agent_id=agent.id,
        tenant_id=agent.tenant_id,
        now=clock.now(),
    )
    db.session.commit()
    return _changed(contact, render_template("contacts/_note.html", contact=contact))


@blueprint.post("/<int:contact_id>/notes/<int:note_id>/delete")
def delete_note(contact_id: int, note_id: int) -> Response:
    """Delete a note: one's own, or any as an admin."""
    contact, entry = _there(contact_id), entries.note_of(note_id, contact_id)
    agent = current_agent.get()
    if entry is None or not agent.sees(entry.tenant_id):
        raise NotFound
    if not EntryLine(entry).may_delete:
        raise Forbidden
    db.session.delete(entry)
    db.session.commit()
    return _changed(contact, "")


def record(
    contact_id: int, kind: EntryKind, *, text: str = "", before: dict[str, str] | None = None
) -> None:
    """Record what the agent has just done to a contact. before: its `entries.data_of`."""
    agent = current_agent.get()
    entries.record(
        contact_id,
        kind,
        agent_id=agent.id,
        tenant_id=agent.tenant_id,
        now=clock.now(),
        text=text,
        before=before,
    )


def _there(contact_id: int) -> Contact:
    contact = contacts.get(contact_id)
    if contact is None:
        raise NotFound
    return contact


def _changed(contact: Contact, part: str) -> Response:
    if not wants_fragment():
        return redirect(url_for("contacts.show", contact_id=contact.id), 303)
    answer = make_response(part)
    answer.headers["HX-Trigger"] = "timeline-changed"
    return answer


def _cursors(before: Cursor | None) -> tuple[Cursor | None, Cursor | None]:
    """Where calls and entries go on. Of the same moment calls come first."""
    if before is None:
        return None, None
    if "entry" in request.args:
        return Cursor(before.at, 0), before
    return before, Cursor(before.at, LARGEST_ID)


def _place(line: CallLine | EntryLine) -> tuple[datetime, bool, int]:
    cursor = line.cursor
    return cursor.at, isinstance(line, CallLine), cursor.id


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
