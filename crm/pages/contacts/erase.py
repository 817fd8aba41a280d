"""Erasing a contact for good, for admins: a page that names what goes, and the second step."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from crm import contacts, worker
from crm.contacts import ContactNotFound, Erasure
from crm.models import utc_now
from crm.models.locking import in_one_transaction
from crm.pages.contacts.blueprint import blueprint
from crm.pages.contacts.lists import list_page
from crm.web.layout import wants_fragment
from crm.web.security import admin_only


@blueprint.get("/<int:contact_id>/erase")
@admin_only
def confirm_erasing(contact_id: int) -> str:
    """What goes and what stays; the name has to be typed."""
    return _page(_what_goes(contact_id))


@blueprint.post("/<int:contact_id>/erase")
@admin_only
def erase(contact_id: int) -> Response:
    """Erase the contact if its name was typed (`name`), else show the page again (422)."""
    goes = _what_goes(contact_id)
    typed = request.form.get("name", "")
    if contacts.fold(typed).split() != contacts.fold(goes.contact.name).split():
        return make_response(_page(goes, typed=typed), 422)
    try:
        in_one_transaction(lambda: _erase(contact_id))
    except ContactNotFound:
        raise NotFound from None
    flash(_("The contact is erased. Its calls keep their figures."), "success")
    url = url_for("contacts.index")
    if not wants_fragment():
        return redirect(url, 303)
    answer = make_response(list_page())
    answer.headers["HX-Push-Url"] = url
    answer.headers["HX-Trigger"] = "contacts-changed, calls-changed"
    return answer


def _erase(contact_id: int) -> None:
    contacts.erase(contact_id, now=utc_now())
    worker.ask_to_vacuum()


def _what_goes(contact_id: int) -> Erasure:
    goes = contacts.what_goes(contact_id)
    if goes is None:
        raise NotFound
    return goes


def _page(goes: Erasure, *, typed: str | None = None) -> str:
    return render_template("contacts/erase.html", goes=goes, contact=goes.contact, typed=typed)
