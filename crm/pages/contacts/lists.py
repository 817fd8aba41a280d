"""Finding contacts: the page with its search field, and rows while typing and scrolling."""

from typing import Any
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm import contacts
from crm.contacts import SearchPage
from crm.pages.contacts import working_lists
from crm.pages.contacts.blueprint import blueprint
from crm.pages.contacts.form import clean
from crm.phone_numbers import caller_kind, normal_form
from crm.web import current_agent, paging
from crm.web.incoming import number_in, row_id
from crm.web.template_filters import figure

FIRST_ROWS = 16  # fills a screen; each letter that is typed draws them anew
NEXT_ROWS = 50


@blueprint.get("")
def index() -> str:
    """The list, or a search's results; with `add_number` or `call`, to choose a contact for it."""
    return list_page(deleted_id=request.args.get("deleted", type=row_id))


@blueprint.get("/rows")
def rows() -> Response:
    """The results for the text in the search field; with `after` the next rows."""
    asked = _asked()
    found = _found(asked)
    if request.args.get("after"):
        return make_response(render_template("contacts/_rows.html", **found))
    answer = make_response(render_template("contacts/_results.html", **found))
    # So that Back leads to the results, not to the state before the first letter.
    answer.headers["HX-Replace-Url"] = url_for("contacts.index", **asked)
    return answer


def list_page(deleted_id: int | None = None) -> str:
    """The whole page; `deleted_id` is a contact that was deleted just now and can come back."""
    deleted = contacts.get_deleted(deleted_id) if deleted_id else None
    return render_template("contacts/index.html", deleted=deleted, **_found(_asked()))


def _found(asked: dict[str, Any]) -> dict[str, Any]:
    agent = current_agent.get()
    query, after = asked.get("q", ""), request.args.get("after")
    limit = NEXT_ROWS if after else paging.length(FIRST_ROWS)
    seen = agent.tenants_seen()
    show = asked.get("show", "")
    if show:
        page = working_lists.page_of(show, query, paging.cursor("after"), limit)
    else:
        page = contacts.search(
            query, region=agent.region, after=after, limit=limit, tenant_ids=seen
        )
    first = not query and not after and not {"add_number", "call", "show"} & asked.keys()
    called = asked.get("add_number", "")
    number = normal_form(called, agent.region) if caller_kind(called) == "number" else ""
    return {
        "page": page,
        "asked": asked,
        "query": query,
        "show": show,
        "lists": working_lists.LISTS,
        "count": "" if after else _how_many(page, everybody=not query and not show),
        "counted": max(0, request.args.get("counted", 0, type=int)) + len(page.rows),
        "adding": number or None,
        "choosing": bool(number) or "call" in asked,
        "recent": contacts.recently_spoken(seen) if first else (),
    }


def _how_many(page: SearchPage, *, everybody: bool) -> str:
    """What is known of the number, for people: "614", "more than 50", "3 or more"."""
    most, found = contacts.COUNTED, page.found
    if everybody:
        most, found = contacts.MOST_COUNTED, contacts.count()
    if found > most:
        return str(_("more than %(count)s", count=figure(most)))
    if page.is_cut:
        return str(_("%(count)s or more", count=figure(found))) if found else ""
    return figure(found)


def _asked() -> dict[str, Any]:
    """The parameters of the address, without empty and invalid ones."""
    asked = {name: clean(request.args.get(name)) for name in ("q", "call")}
    asked["add_number"] = clean(number_in(request.args, "add_number"))
    if not is_call_id(asked["call"]):
        del asked["call"]
    show = request.args.get("show", "")
    # Whoever chooses a contact for a call looks among all.
    is_choosing = bool(asked["add_number"]) or "call" in asked
    asked["show"] = show if show in working_lists.LISTS and not is_choosing else ""
    return {name: text for name, text in asked.items() if text}


def is_call_id(text: str) -> bool:
    """Whether this may be a page's id of a call; anything else is ignored."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
