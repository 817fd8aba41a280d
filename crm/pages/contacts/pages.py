"""One contact, and the forms for a new one and a changed one."""

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from crm import contacts
from crm.calls import follow_ups
from crm.pages.contacts.blueprint import blueprint
from crm.pages.contacts.form import ContactForm, clean, empty_line, form_for
from crm.pages.contacts.lists import is_call_id
from crm.phone_numbers import caller_kind, display, read
from crm.web import clock, current_agent
from crm.web.follow_up_lines import FollowUpLine
from crm.web.incoming import number_in
from crm.web.layout import wants_fragment

LARGEST_INDEX = 10_000  # of a line; a form that is sent is bounded by its size


@blueprint.get("/<int:contact_id>")
def show(contact_id: int) -> Response:
    """The contact with its numbers and its history. 404 when it is unknown or deleted."""
    return contact_page(contact_id)


@blueprint.get("/new")
def new() -> str:
    """The form of a new contact; `number` is filled in, `call` will be linked to it."""
    form = ContactForm(formdata=None)
    form.numbers[0].raw.data = _as_people_write(clean(number_in(request.args, "number")))
    call = clean(request.args.get("call"))
    form.call.data = call if is_call_id(call) else ""
    return form_page(form)


@blueprint.get("/<int:contact_id>/edit")
def edit(contact_id: int) -> Response:
    """The form, filled in."""
    contact = contacts.get(contact_id)
    if contact is None:
        return not_there(contact_id)
    return make_response(form_page(form_for(contact), contact_id=contact_id))


@blueprint.get("/number-line")
def number_line() -> str:
    """One more line for a number, and the button that asks for the next."""
    index = request.args.get("index", default=1, type=int)
    if not 0 < index <= LARGEST_INDEX:
        return ""
    return render_template("contacts/_more_numbers.html", line=empty_line(index), next=index + 1)


@blueprint.get("/number-line/none")
def no_number_line() -> str:
    """An empty fragment, which replaces a number that was removed from the form."""
    return ""


def contact_page(contact_id: int) -> Response:
    """The page of a contact, also the answer to every change of it."""
    contact = contacts.get(contact_id)
    if contact is None:
        return not_there(contact_id)
    due = follow_ups.of_contact(contact_id, current_agent.get().tenants_seen())
    lines = [FollowUpLine(one, now=clock.now()) for one in due]
    return make_response(render_template("contacts/contact.html", contact=contact, lines=lines))


def show_saved(contact_id: int) -> Response:
    """A contact's page with its address, after a change or for another address of it."""
    url = url_for("contacts.show", contact_id=contact_id)
    if not wants_fragment():
        return redirect(url, 303)
    answer = contact_page(contact_id)
    answer.headers["HX-Push-Url"] = url
    answer.headers["HX-Trigger"] = "contacts-changed, calls-changed"
    return answer


def form_page(
    form: ContactForm,
    *,
    contact_id: int | None = None,
    unsaved: bool = False,
    conflict: str = "",
    meanwhile: list[tuple[str, str]] | None = None,
) -> str:
    """The form. `unsaved`: it holds typed values. conflict: a sentence about somebody else's
    change; `meanwhile`: the present values.
    """
    return render_template(
        "contacts/form.html",
        form=form,
        contact_id=contact_id,
        unsaved=unsaved,
        conflict=conflict,
        meanwhile=meanwhile or [],
    )


def not_there(contact_id: int) -> Response:
    """404; a deleted contact can be restored there. A merged one leads to the one it is part of."""
    survivor = contacts.survivor_of(contact_id)
    if survivor is not None and survivor.deleted_at is None:
        if request.method == "POST":
            words = _("This contact was merged into another meanwhile; nothing you sent was saved.")
            flash(words, "error")
        return show_saved(survivor.id)
    deleted = contacts.get_deleted(contact_id)
    if deleted is None:
        abort(404)
    return make_response(render_template("contacts/deleted.html", contact=deleted), 404)


def _as_people_write(number: str) -> str:
    """With spaces, if that is the same number; "" for a text that is no number."""
    if caller_kind(number) != "number":
        return ""
    typed = read(number, current_user.region)
    shown = display(typed.number, current_user.region, typed.extension)
    same = not typed.label and not typed.codes and read(shown, current_user.region) == typed
    return shown if same else number if typed.number else ""
