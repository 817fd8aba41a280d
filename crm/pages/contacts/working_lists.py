"""Contacts to work through, in place of all by name: recently spoken with, mine, to be followed up.

`crm.pages.contacts.lists` shows them (`show` in the address).
"""

from dataclasses import replace

from flask_babel import lazy_gettext

from crm import contacts
from crm.calls import of_agents
from crm.contacts import SearchPage
from crm.contacts.search import COUNTED
from crm.models.paging import Cursor
from crm.web import current_agent
from crm.web.follow_ups import today

LISTS = {
    "recent": lazy_gettext("Recently spoken"),
    "mine": lazy_gettext("Mine"),
    "due": lazy_gettext("Follow-up due"),
}


def page_of(show: str, after: Cursor | None, limit: int) -> SearchPage:
    """A page of one of LISTS. after: the last line of the page before."""
    agent, look_for = current_agent.get(), max(limit, COUNTED) + 1
    seen = agent.tenants_seen()
    if show == "due":
        ids = [] if after else of_agents.to_follow_up(agent.id, seen, today=today())
        return SearchPage(contacts.fetch(ids, seen), None, len(ids))
    talks = (
        of_agents.spoken_with(agent.id, after, look_for)
        if show == "mine"
        else contacts.spoken_with(seen, after, look_for)
    )
    shown = talks[:limit]
    at = {contact_id: moment for moment, contact_id in shown}
    rows = tuple(
        replace(row, last_call_at=at[row.id], last_call_summary="answered")
        for row in contacts.fetch([*at], seen)
    )
    more = str(shown[-1]) if len(talks) > limit else None
    return SearchPage(rows, more, min(len(talks), COUNTED + 1))
