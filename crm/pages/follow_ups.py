"""`/follow-ups`: what agents have promised to do, as a list to work through; a contact's open
follow-ups, and the number of those due for the top bar.

An agent sees the tenant's, and can do a colleague's. Dialling is `crm.telephony.dial`.
"""

from datetime import date
from json import dumps

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound, UnprocessableEntity
from werkzeug.wrappers import Response as AnyResponse

from crm.calls import follow_ups
from crm.contacts import directory
from crm.extensions import db
from crm.models import FollowUp
from crm.models.follow_up import LONGEST_WHAT
from crm.web import clock, current_agent, paging
from crm.web.agent_names import names
from crm.web.follow_up_lines import FollowUpLine
from crm.web.follow_ups import NoSuchDayError, due_of
from crm.web.incoming import row_id
from crm.web.layout import wants_fragment

blueprint = Blueprint("follow_ups", __name__)

PAGE = 100


@blueprint.get("/follow-ups")
def index() -> str:
    """The open ones, the next due first; `whose=all`: of all agents. The next page with `after`."""
    if wants_fragment() and "after" in request.args:
        return _draw("follow_ups/_rows.html")
    return _draw("follow_ups/index.html", undo=_to_undo())


@blueprint.get("/follow-ups/list")
def waiting() -> str:
    """The list alone, for a refresh; `shown`: how many lines it has."""
    return _draw("follow_ups/_list.html", undo=_to_undo())


@blueprint.get("/follow-ups/badge")
def badge() -> str:
    """How many of the agent's own are due, for the top bar."""
    return render_template("follow_ups/_badge.html")


@blueprint.get("/contacts/<int:contact_id>/follow-ups")
def of_contact(contact_id: int) -> str:
    """A contact's open follow-ups, and the form for another."""
    return _of_contact(contact_id)


@blueprint.post("/contacts/<int:contact_id>/follow-ups")
def add(contact_id: int) -> AnyResponse:
    """A follow-up of the agent's own about a contact. Form: on, at, what."""
    agent = current_agent.get()
    if directory.get(contact_id) is None:
        raise NotFound
    what = " ".join(request.form.get("what", "").split())[:LONGEST_WHAT]
    try:
        due = due_of(request.form.get("on", ""), request.form.get("at", ""))
    except NoSuchDayError:
        problem = _("Choose a day from today on.")
        return make_response(_of_contact(contact_id, problem=problem, what=what), 422)
    follow_ups.add(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        contact_id=contact_id,
        due=due,
        what=what,
        now=clock.now(),
    )
    db.session.commit()
    return _changed(contact_id)


@blueprint.post("/follow-ups/<int:due_id>/done")
def done(due_id: int) -> AnyResponse:
    """It is done."""
    found, agent = _seen(due_id), current_agent.get()
    if follow_ups.mark_done(found, agent.id, now=clock.now()):
        db.session.commit()
        return _changed(undo=found)
    told = _("%(name)s has done this already.", name=names().of(found.done_by_id))
    return _changed(told=told if found.done_by_id != agent.id else "")


@blueprint.post("/follow-ups/<int:due_id>/undo")
def undo(due_id: int) -> AnyResponse:
    """It is to be done again."""
    found = _seen(due_id)
    follow_ups.undo(found)
    db.session.commit()
    return _changed(told=_("%(who)s is on the list again.", who=_line(found).who))


@blueprint.post("/follow-ups/<int:due_id>/move")
def move(due_id: int) -> AnyResponse:
    """Put it on another day. Form: on, at; `day` in place of `on` from a button."""
    found, form = _seen(due_id), request.form
    try:
        due = due_of(form.get("day") or form.get("on", ""), form.get("at", ""))
    except NoSuchDayError:
        raise UnprocessableEntity(_("Choose a day from today on.")) from None
    follow_ups.move(found, due)
    db.session.commit()
    line = _line(found)
    return _changed(told=_("%(who)s: moved to %(when)s.", who=line.who, when=line.when))


def _seen(follow_up_id: int) -> FollowUp:
    found = follow_ups.find(follow_up_id)
    if found is None or not current_agent.get().sees(found.tenant_id):
        raise NotFound
    return found


def _to_undo() -> FollowUp | None:
    """The one whose Done can be taken back with a click: the agent's own Done."""
    follow_up_id = request.args.get("undo", type=row_id)
    found = follow_ups.find(follow_up_id) if follow_up_id is not None else None
    return found if found is not None and found.done_by_id == current_agent.get().id else None


def _line(follow_up: FollowUp) -> FollowUpLine:
    return FollowUpLine(follow_up, now=clock.now())


def _changed(
    contact_id: int | None = None, *, told: str = "", undo: FollowUp | None = None
) -> AnyResponse:
    """The answer to a change: the part of the page that asked. Form: contact, on a contact's."""
    contact_id = contact_id or request.form.get("contact", type=row_id)
    if not wants_fragment():
        if contact_id:
            return redirect(url_for("contacts.show", contact_id=contact_id), 303)
        whose, undo_id = request.form.get("whose"), undo.id if undo else None
        return redirect(url_for("follow_ups.index", whose=whose, undo=undo_id), 303)
    part = (
        _of_contact(contact_id, undo=undo)
        if contact_id
        else _draw("follow_ups/_list.html", told=told, undo=undo)
    )
    answer = make_response(part)
    answer.headers["HX-Trigger"] = dumps({"follow-ups-changed": {}})
    return answer


def _of_contact(
    contact_id: int, *, undo: FollowUp | None = None, problem: str = "", what: str = ""
) -> str:
    contact = directory.get(contact_id)
    if contact is None:
        raise NotFound
    found = follow_ups.of_contact(contact_id, current_agent.get().tenants_seen())
    page = "follow_ups/_of_contact.html" if wants_fragment() else "follow_ups/contact.html"
    return render_template(
        page,
        contact=contact,
        lines=[_line(one) for one in found],
        undo_id=undo.id if undo else None,
        problem=problem,
        what=what,
    )


def _draw(template: str, *, told: str = "", undo: FollowUp | None = None) -> str:
    agent = current_agent.get()
    everybody = request.values.get("whose") == "all"
    length = paging.length(PAGE)
    found = follow_ups.waiting(
        agent.tenants_seen(),
        None if everybody else agent.id,
        after=_after(),
        limit=length + 1,
    )
    fields = {"whose": "all"} if everybody else {}
    lines, more = paging.cut(
        [_line(one) for one in found],
        length,
        url_for("follow_ups.index"),
        fields=fields,
        name="after",
    )
    if undo is not None:
        told = _("%(who)s is taken care of.", who=_line(undo).who)
    return render_template(
        template,
        lines=lines,
        more=more,
        everybody=everybody,
        told=told,
        undo_id=undo.id if undo else None,
        group_before=request.args.get("group", ""),
    )


def _after() -> tuple[date, int, int] | None:
    """The key of the last line of the page before; None for the first page."""
    day, _comma, rest = request.args.get("after", "").partition(",")
    minute, _comma, number = rest.partition(",")
    try:
        return date.fromisoformat(day), int(minute), row_id(number)
    except ValueError:
        return None
