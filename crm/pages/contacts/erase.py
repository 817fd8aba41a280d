"""Erases a contact for good, for admins: a page that lists what is deleted, then the erasure."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm import contacts
from crm.calls.erase import count_calls_of, erase_calls
from crm.contact_files.keeping import forget
from crm.contacts import ContactNotFound
from crm.models import utc_now
from crm.models.locking import in_one_transaction
from crm.pages.contacts.blueprint import blueprint
from crm.pages.contacts.lists import list_page
from crm.web.layout import wants_fragment
from crm.web.security import admin_only
from crm.worker.vacuum import ask_to_vacuum


@blueprint.get("/<int:contact_id>/erase")
@admin_only
def confirm_erasing(contact_id: int) -> str:
    """Show what is deleted and what stays; the name has to be typed."""
    return _page(contact_id)


@blueprint.post("/<int:contact_id>/erase")
@admin_only
def erase(contact_id: int) -> Response:
    """Erase the contact if its name was typed (`name`), else show the page again (422)."""

    def erase_the_person() -> bool:
        goes = contacts.what_goes(contact_id, lock=True)
        if contacts.fold(typed).split() != contacts.fold(goes.contact.name).split():
            return False
        erase_calls(contact_id, goes.own_numbers, now=utc_now())
        forget(contact_id, goes.own_numbers, goes.contact.email)
        contacts.erase(goes.contact)
        ask_to_vacuum()
        return True

    typed = request.form.get("name", "")
    try:
        erased = in_one_transaction(erase_the_person)
    except ContactNotFound:
        raise NotFound from None
    if not erased:
        return make_response(_page(contact_id, typed=typed), 422)
    flash(_("The contact is erased. Its calls keep their figures."), "success")
    url = url_for("contacts.index")
    if not wants_fragment():
        return redirect(url, 303)
    answer = make_response(list_page())
    answer.headers["HX-Push-Url"] = url
    answer.headers["HX-Trigger"] = "contacts-changed, calls-changed"
    return answer


def _page(contact_id: int, *, typed: str | None = None) -> str:
    try:
        goes = contacts.what_goes(contact_id)
    except ContactNotFound:
        raise NotFound from None
    return render_template(
        "contacts/erase.html",
        contact=goes.contact,
        shared=goes.shared,
        calls_count=count_calls_of(contact_id, goes.own_numbers),
        typed=typed,
    )
