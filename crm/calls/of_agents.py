"""Whom an agent has talked with, and whom an agent is to call; the contacts pages list them."""

from datetime import date
from typing import Any, cast

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased

from crm.calls import follow_ups
from crm.extensions import db
from crm.models import Call, Contact
from crm.models.paging import Cursor, page_of

MOST_DUE = 200


def spoken_with(agent_id: int, before: Cursor | None = None, limit: int = 50) -> list[Cursor]:
    """The contacts with whom this agent has talked, the last talk first: when, and whose id.

    Reads the agent's calls from the newest on, so the first page is soon full.
    """
    later = aliased(Call)
    is_later = tuple_(later.started_at, later.id) > tuple_(Call.started_at, Call.id)
    has_later = select(later.id).where(
        later.contact_id == Call.contact_id,
        later.agent_id == agent_id,
        later.answered.is_(True),
        is_later,
    )
    talks = (
        select(Call.started_at, Call.contact_id)
        .join(Contact, Contact.id == Call.contact_id)
        .where(
            Call.agent_id == agent_id,
            Call.answered.is_(True),
            Contact.deleted_at.is_(None),
            ~has_later.exists(),
        )
    )
    page: Any = page_of(cast(Any, talks), (Call.started_at, Call.contact_id), before, limit)
    return [Cursor(*row) for row in db.session.execute(page)]


def to_follow_up(agent_id: int, tenant_ids: list[int], *, today: date) -> list[int]:
    """The ids of contacts with a follow-up of this agent that is due, the first due first."""
    waiting = follow_ups.waiting(tenant_ids, agent_id, limit=MOST_DUE)
    due = [one for one in waiting if one.due_on <= today]
    about = (one.call.contact_id if one.call else one.contact_id for one in due)
    return [*dict.fromkeys(contact_id for contact_id in about if contact_id is not None)]
