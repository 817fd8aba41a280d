"""Writes what is known of a call into its row, its cards and its contact.

`crm.calls.rows` calls `refold` after every event. Everything in the row can be made again from
the events; only a tie to a contact that was found by number stays as it was found.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crm.calls.events import Event
from crm.calls.facts import CallFacts
from crm.calls.fold import fold
from crm.calls.ties import refresh_contacts, tie
from crm.extensions import db
from crm.models import Agent, Call, CallCard, CallEvent, CallState, Tenant

# Columns that are the facts' fields of the same name.
_SAME_NAME = (
    "direction",
    "state",
    "state_since",
    "caller_kind",
    "started_at",
    "answered_at",
    "ended_at",
    "wait_seconds",
    "talk_seconds",
    "hold_seconds",
    "answered",
    "note",
    "time_uncertain",
    "complete",
)
_TEXTS = ("number", "line", "queue", "disposition", "hangup_cause", "dial_problem", "outcome")


def facts_of(call: Call) -> CallFacts:
    """Fold all events of a call; reads the database, writes nothing."""
    tenant = db.session.get_one(Tenant, call.tenant_id)
    return fold(events_of(call), zone=ZoneInfo(tenant.timezone), region=tenant.region)


def refold(call: Call, contacts_left: Iterable[int] = ()) -> None:
    """Fold all events of a call and bring row, cards and contacts up to date; flushes.

    contacts_left: contacts that had the call under a row that was joined into this one.
    """
    before = {call.contact_id, *contacts_left}
    facts = facts_of(call)
    _write(call, facts)
    _write_agent(call, facts)
    tie(call, facts)
    _write_cards(call, facts)
    db.session.flush()
    refresh_contacts({*before, call.contact_id})


def events_of(call: Call) -> list[Event]:
    """The events of a call as decisions read them; reads the database."""
    rows = db.session.scalars(select(CallEvent).where(CallEvent.call_id == call.id))
    return [
        Event(
            source=row.source,
            kind=row.kind,
            occurred_at=row.occurred_at,
            payload=row.payload,
            agent_id=row.agent_id,
            digest=row.digest,
        )
        for row in rows
    ]


def _write(call: Call, facts: CallFacts) -> None:
    for name in _SAME_NAME:
        setattr(call, name, getattr(facts, name))
    for name in _TEXTS:
        longest = Call.__table__.c[name].type.length
        setattr(call, name, getattr(facts, name)[:longest])
    url = facts.recording_url
    longest_url = Call.__table__.c.recording_url.type.length
    call.recording_url = url if url and len(url) <= longest_url else None
    call.sources = facts.sources


def _write_agent(call: Call, facts: CallFacts) -> None:
    """The first of those told whom we know; the name also of one whom we do not."""
    call.agent_id, call.agent_name = None, ""
    for told in facts.agents:
        call.agent_name = call.agent_name or told.name or told.email
        agent_id = told.agent_id or _agent_by_studio_email(call.tenant_id, told.email)
        if agent_id is not None:
            call.agent_id = agent_id
            call.sources = call.sources | {"agent": told.source}
            return


def _agent_by_studio_email(tenant_id: int, email: str) -> int | None:
    statement = select(Agent.id).where(
        Agent.tenant_id == tenant_id, func.lower(Agent.studio_email) == email.strip().lower()
    )
    return db.session.scalar(statement.order_by(Agent.active.desc(), Agent.id).limit(1))


def _write_cards(call: Call, facts: CallFacts) -> None:
    for card in db.session.scalars(select(CallCard).where(CallCard.call_id == call.id)):
        told = facts.cards.get(card.agent_id)
        card.open = told is not None and told.open
        card.state = told.state if told else CallState.ENDED
        card.state_since = told.since if told else call.state_since
