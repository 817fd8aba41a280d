"""Contacts to work through, in place of all by name: recently spoken with, mine, to be followed up.

`crm.pages.contacts.lists` shows them (`show` in the address).
"""

from collections.abc import Iterator
from dataclasses import replace

from flask_babel import lazy_gettext

from crm import contacts
from crm.calls import of_agents
from crm.contacts import SearchPage
from crm.models.paging import Cursor
from crm.web import current_agent
from crm.web.follow_ups import today

LISTS = {
    "recent": lazy_gettext("Recently spoken"),
    "mine": lazy_gettext("Mine"),
    "due": lazy_gettext("Follow-up due"),
}


CHUNK = 1_000
LOOKED_THROUGH = 20_000  # for one page; the next one goes on from there


def page_of(show: str, query: str, after: Cursor | None, limit: int) -> SearchPage:
    """A page of those in one of LISTS that match a query. after: the last one looked at before."""
    agent, look_for = current_agent.get(), max(limit, contacts.COUNTED) + 1
    seen = agent.tenants_seen()
    if show == "due":
        ids = [] if after else _due(query)
        return SearchPage(contacts.fetch(ids, seen), None, len(ids))
    found: list[Cursor] = []
    looked = 0
    for talks in _talks(show, after, CHUNK if query else look_for):
        fitting = contacts.fitting([talk.id for talk in talks], query, region=agent.region)
        found += [talk for talk in talks if talk.id in fitting]
        looked, after = looked + len(talks), talks[-1] if talks else None
        if len(found) >= look_for or looked >= LOOKED_THROUGH:
            break
    else:
        after = None
    shown = found[:limit]
    at = {contact_id: moment for moment, contact_id in shown}
    rows = tuple(
        replace(row, last_call_at=at[row.id], last_call_summary="answered")
        for row in contacts.fetch([*at], seen)
    )
    more = shown[-1] if len(found) > limit else after
    is_cut = after is not None and len(found) < look_for
    count = min(len(found), contacts.COUNTED + 1)
    return SearchPage(rows, str(more) if more else None, count, is_cut)


def all_of(show: str, query: str) -> Iterator[int]:
    """The ids of all in one of LISTS that match a query, in its order."""
    if show == "due":
        yield from _due(query)
        return
    for talks in _talks(show, None, CHUNK):
        ids = [talk.id for talk in talks]
        fitting = contacts.fitting(ids, query, region=current_agent.get().region)
        yield from (contact_id for contact_id in ids if contact_id in fitting)


def _due(query: str) -> list[int]:
    agent = current_agent.get()
    ids = of_agents.to_follow_up(agent.id, agent.tenants_seen(), today=today())
    fitting = contacts.fitting(ids, query, region=agent.region)
    return [contact_id for contact_id in ids if contact_id in fitting]


def _talks(show: str, after: Cursor | None, at_once: int) -> Iterator[list[Cursor]]:
    """The agent's or all agents' talks, the last first, until there are no more."""
    agent = current_agent.get()
    while True:
        talks = (
            of_agents.spoken_with(agent.id, after, at_once)
            if show == "mine"
            else contacts.spoken_with(agent.tenants_seen(), after, at_once)
        )
        yield talks
        if len(talks) < at_once:
            return
        after = talks[-1]
