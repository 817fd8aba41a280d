"""Writes what is known of a call into its row, its cards and its contact.

`crm.calls.rows` calls `refold` after every event. Everything in the row can be made again from
the events; only a tie to a contact that was found by number stays as it was found.
"""

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crm.calls.contact_calls import refresh_contacts
from crm.calls.events import Event
from crm.calls.facts import AgentTold, CallFacts
from crm.calls.fold import fold
from crm.calls.notes import Note, together
from crm.calls.ties import tie
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
    "abandoned",
    "missed_done",
    "callback_of_id",
    "time_uncertain",
    "complete",
)
_TEXTS = {
    name: Call.__table__.c[name].type.length
    for name in (
        *("number", "line", "queue", "disposition", "hangup_cause", "dial_problem", "outcome"),
        "record_problems",
    )
}
_LONGEST_URL = Call.__table__.c.recording_url.type.length
_LONGEST_NAME = Call.__table__.c.agent_name.type.length


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
    refresh_contacts({*before, call.contact_id}, tenant_id=call.tenant_id)


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


def columns_of(facts: CallFacts) -> dict[str, Any]:
    """The row's columns that hold nothing but facts."""
    columns = {name: getattr(facts, name) for name in _SAME_NAME}
    for name, longest in _TEXTS.items():
        columns[name] = getattr(facts, name)[:longest]
    url = facts.recording_url
    columns["recording_url"] = url if url and len(url) <= _LONGEST_URL else None
    columns["sources"] = facts.sources
    columns |= note_columns(facts.notes)
    return columns


def note_columns(standing: Iterable[Note]) -> dict[str, Any]:
    """The row's columns for the notes that stand."""
    notes = list(standing)
    return {"note": together(notes), "notes": [note.as_json() for note in notes]}


def agent_of(
    facts: CallFacts, by_studio_email: Callable[[str], int | None]
) -> tuple[int | None, str, str | None]:
    """Whose call it is: agent, name, and who told it.

    The first of those told whom we know; of one whom we do not the name with the address, because
    two people may have one name.
    """
    for told in facts.agents:
        agent_id = told.agent_id or (by_studio_email(told.email) if told.email else None)
        if agent_id is not None:
            named = next((one for one in facts.agents if one.name or one.email), told)
            return agent_id, (named.name or named.email)[:_LONGEST_NAME], told.source
    stranger = facts.agents[0] if facts.agents else None
    return None, name_of_stranger(stranger) if stranger else "", None


def name_of_stranger(told: AgentTold) -> str:
    """Whom the vendor names and nobody here has the address of; two of them may have one name."""
    if told.name and told.email:
        return f"{told.name} ({told.email})"[:_LONGEST_NAME]
    return (told.name or told.email)[:_LONGEST_NAME]


def agents_by_studio_email(tenant_id: int, emails: Iterable[str]) -> dict[str, int]:
    """Folded addresses at the vendor -> the agents here, the active ones first."""
    wanted = {email.strip().lower() for email in emails if email}
    found: dict[str, int] = {}
    if not wanted:
        return found
    folded = func.lower(Agent.studio_email)
    statement = select(folded, Agent.id).where(
        Agent.tenant_id == tenant_id, folded.in_(sorted(wanted))
    )
    for email, agent_id in db.session.execute(statement.order_by(Agent.active.desc(), Agent.id)):
        found.setdefault(email, agent_id)
    return found


def _write(call: Call, facts: CallFacts) -> None:
    for name, value in columns_of(facts).items():
        setattr(call, name, value)


def _write_agent(call: Call, facts: CallFacts) -> None:
    known = agents_by_studio_email(call.tenant_id, [told.email for told in facts.agents])
    call.agent_id, call.agent_name, source = agent_of(
        facts, lambda email: known.get(email.strip().lower())
    )
    if source is not None:
        call.sources = call.sources | {"agent": source}


def _write_cards(call: Call, facts: CallFacts) -> None:
    for card in db.session.scalars(select(CallCard).where(CallCard.call_id == call.id)):
        told = facts.cards.get(card.agent_id)
        card.open = told is not None and told.open
        card.state = told.state if told else CallState.ENDED
        card.state_since = told.since if told else call.state_since
