"""Saving, deleting and bringing back contacts. Each view commits once, at its end."""

from collections.abc import Collection

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from crm import calls, contacts
from crm.contacts import ChangedMeanwhile, ContactNotFound, NumbersRefused, entries
from crm.contacts.numbers import Identity
from crm.extensions import db
from crm.models import Contact, EntryKind
from crm.pages.contacts.blueprint import blueprint, number_text
from crm.pages.contacts.form import (
    ContactForm,
    clean,
    data_of,
    differences,
    form_for,
    one_line_less,
    one_line_more,
    show_refused,
    show_wrong_numbers,
    take_over,
)
from crm.pages.contacts.lists import is_call_id, list_page
from crm.pages.contacts.pages import form_page, not_there, show_saved
from crm.pages.contacts.timeline import record
from crm.web.incoming import number_in, version_of
from crm.web.layout import wants_fragment

CONFLICT = 409


@blueprint.post("")
def create() -> Response:
    """Save a new contact; it claims the earlier calls of its numbers."""
    form = ContactForm()
    if _lines_changed(form):
        return make_response(form_page(form, unsaved=True))
    if form.validate_on_submit():
        try:
            contact = contacts.create(data_of(form), region=current_user.region)
        except NumbersRefused as refused:
            show_refused(form, refused)
        else:
            _say_of_numbers(contact, before=())
            return _saved(contact.id, form.call.data)
    else:
        show_wrong_numbers(form)
    return make_response(form_page(form, unsaved=True), 422)


@blueprint.post("/<int:contact_id>")
def update(contact_id: int) -> Response:
    """Save a changed contact, unless somebody else has changed it meanwhile (409)."""
    contact = contacts.get(contact_id)
    if contact is None:
        return _gone(contact_id)
    form, before = form_for(contact), contacts.identities(contact)
    if _lines_changed(form):
        return make_response(form_page(form, contact_id=contact_id, unsaved=True))
    if form.validate_on_submit():
        try:
            _update(contact_id, form)
        except NumbersRefused as refused:
            show_refused(form, refused)
        except ChangedMeanwhile:
            return _conflict(contact_id, form)
        except ContactNotFound:
            return _gone(contact_id)
        else:
            _say_of_numbers(contact, before)
            return _saved(contact_id)
    else:
        show_wrong_numbers(form, contact)
    return make_response(form_page(form, contact_id=contact_id, unsaved=True), 422)


@blueprint.post("/<int:contact_id>/numbers")
def add_number(contact_id: int) -> Response:
    """Give a contact the number that called, and link the call (`call`) to it."""
    number = clean(number_in(request.form, "number"))
    contact = contacts.get(contact_id)
    before = contacts.identities(contact) if contact else set()
    data = entries.data_of(contact) if contact else {}
    try:
        contact = contacts.add_number(contact_id, number, region=current_user.region)
        record(contact_id, EntryKind.CHANGED, before=data)
    except ContactNotFound:
        return not_there(contact_id)
    except NumbersRefused:
        flash(_("This cannot be kept as a number, so nothing was changed."), "error")
        return show_saved(contact_id)
    _say_of_numbers(contact, before)
    return _saved(contact_id, request.form.get("call", ""))


@blueprint.post("/<int:contact_id>/call")
def tie_call(contact_id: int) -> Response:
    """Link the call (`call`) that the agent had on the phone to a contact, whatever its number."""
    if contacts.get(contact_id) is None:
        return not_there(contact_id)
    _tie(request.form.get("call", ""), contact_id)
    db.session.commit()
    return show_saved(contact_id)


@blueprint.post("/<int:contact_id>/delete")
def delete(contact_id: int) -> Response:
    """Delete a contact; the list then offers to restore it."""
    try:
        contacts.delete(contact_id)
        record(contact_id, EntryKind.DELETED)
    except ContactNotFound:
        return not_there(contact_id)
    db.session.commit()
    if not wants_fragment():
        return redirect(url_for("contacts.index", deleted=contact_id), 303)
    answer = make_response(list_page(deleted_id=contact_id))
    answer.headers["HX-Push-Url"] = url_for("contacts.index")
    answer.headers["HX-Trigger"] = "contacts-changed"
    return answer


@blueprint.post("/<int:contact_id>/restore")
def restore(contact_id: int) -> Response:
    """Bring a deleted contact back."""
    try:
        contacts.restore(contact_id)
        record(contact_id, EntryKind.RESTORED)
    except ContactNotFound:
        return not_there(contact_id)
    return _saved(contact_id)


def _lines_changed(form: ContactForm) -> bool:
    """Whether a button of the numbers was pressed, without JavaScript."""
    if "more" in request.form:
        one_line_more(form)
    elif "remove" in request.form:
        one_line_less(form, request.form["remove"])
    else:
        return False
    return True


def _update(contact_id: int, form: ContactForm) -> None:
    version = version_of(form.version.data or "")
    contact = contacts.get(contact_id)
    before = entries.data_of(contact) if contact else {}
    contacts.update(contact_id, data_of(form), region=current_user.region, version=version)
    record(contact_id, EntryKind.CHANGED, before=before)


def _say_of_numbers(contact: Contact, before: Collection[Identity]) -> None:
    """Show remarks on saved numbers; the agent may have meant something else."""
    for remark in contacts.remarks_on(contact, before):
        shown = number_text(remark.number, current_user.region)
        if remark.short:
            text = _(
                "%(number)s is not a complete phone number. It is dialled and recognised as it is.",
                number=shown,
            )
            flash(text, "warning")
        if remark.others:
            names = ", ".join(remark.others)
            text = _(
                "%(number)s also belongs to %(names)s. When it calls, you choose who it is.",
                number=shown,
                names=names,
            )
            flash(text, "warning")


def _conflict(contact_id: int, form: ContactForm) -> Response:
    """Show the typed values and those that somebody else saved. Saving again overwrites them."""
    db.session.rollback()
    contact = contacts.get(contact_id)
    if contact is None:
        return _gone(contact_id)
    return _form_again(
        form,
        contact,
        _(
            "Somebody else has saved this contact while you were writing. Nothing of yours has been"
            " saved yet: it is all below. Save once more to let it stand."
        ),
    )


def _gone(contact_id: int) -> Response:
    """Keep the typed values for a contact that was deleted or merged meanwhile in its form.

    Saving again restores the deleted one, or changes the contact that it was merged into.
    """
    db.session.rollback()
    form = ContactForm()
    survivor = contacts.survivor_of(contact_id)
    if survivor is not None and survivor.deleted_at is None:
        words = _(
            "Somebody has made this contact a part of %(name)s while you were writing. Nothing of"
            " yours has been saved yet: it is all below. Save once more to write it over what"
            " %(name)s is now.",
            name=survivor.name,
        )
        return _form_again(form, survivor, words)
    deleted = contacts.get_deleted(contact_id)
    if deleted is None:
        return not_there(contact_id)
    if form.restore.data and form.validate_on_submit():
        contacts.restore(contact_id)
        return update(contact_id)
    form.restore.data = "1"
    words = _(
        "Somebody has deleted this contact while you were writing. Nothing of yours has been saved"
        " yet: it is all below. Save once more to bring the contact back with it."
    )
    return _form_again(form, deleted, words)


def _form_again(form: ContactForm, contact: Contact, conflict: str) -> Response:
    """The form of this contact as it is now, with what was typed."""
    take_over(form, contact)
    page = form_page(
        form,
        contact_id=contact.id,
        unsaved=True,
        conflict=conflict,
        meanwhile=differences(form, contact),
    )
    return make_response(page, CONFLICT)


def _saved(contact_id: int, call: str | None = None) -> Response:
    """Link calls, commit, and show the contact."""
    calls.claim_calls(contact_id)
    _tie(call or "", contact_id)
    db.session.commit()
    return show_saved(contact_id)


def _tie(browser_call_id: str, contact_id: int) -> None:
    """Link the call that the agent had on the phone to the contact, whatever its number."""
    if not is_call_id(browser_call_id):
        return
    call = calls.by_browser_call_id(current_user.tenant_id, current_user.id, browser_call_id)
    if call is not None:
        calls.record_wrap_up(call, current_user.id, contact_id=contact_id)
