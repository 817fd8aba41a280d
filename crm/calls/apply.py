"""Writes the facts of a call into its row, its cards and its contact.

`crm.calls.rows` calls `refold` after every event. Everything in a row can be made again from its
events, except a link to a contact that was found by number: it stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, func, select

from crm.calls.contact_calls import refresh_contacts
from crm.calls.contact_links import tie
from crm.calls.events import Event, emails_of, event_of, usable
from crm.calls.fold import CallFacts, fold
from crm.calls.legs import NamedAgent
from crm.calls.notes import Note, together
from crm.extensions import db
from crm.models import Agent, Call, CallCard, CallEvent, CallLeg, CallState, Tenant
from crm.models.tenant import KEY_LENGTH

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
    "transferred",
    "voicemail_text",
)
_TEXTS = {
    name: Call.__table__.c[name].type.length
    for name in (
        *("number", "line", "queue", "disposition", "hangup_cause", "dial_problem", "outcome"),
        "record_problems",
    )
}
_LONGEST_URL = Call.__table__.c.recording_url.type.length
_LONGEST_QUEUE = CallLeg.__table__.c.queue.type.length
_LONGEST_NAME = Call.__table__.c.agent_name.type.length

_AGENT = Agent.__table__.c
_AGENTS_BY_EMAIL = (
    select(func.lower(_AGENT.studio_email), _AGENT.id)
    .where(
        _AGENT.tenant_id == bindparam("tenant_id"),
        func.lower(_AGENT.studio_email).in_(bindparam("emails", expanding=True)),
    )
    .order_by(_AGENT.active.desc(), _AGENT.id)
)


def facts_from(events: Sequence[Event], tenant_id: int) -> CallFacts:
    """Fold events of a call of this tenant; reads the database, writes nothing."""
    return _folded(events, tenant_id)[0]


def refold(call: Call, contacts_left: Iterable[int] = ()) -> None:
    """Fold all events of a call and bring row, cards and contacts up to date; flushes.

    contacts_left: contacts that had the call under a row that was merged into this one.
    """
    before = {call.contact_id, *contacts_left}
    had_legs = call.leg_count
    facts, agent_ids = _folded(events_of(call), call.tenant_id)
    for name, value in (columns_of(facts) | agent_columns(facts, agent_ids)).items():
        setattr(call, name, value)
    if facts.legs or had_legs:
        _write_legs(call, facts)
    tie(call, facts)
    _write_cards(call, facts)
    db.session.flush()
    refresh_contacts({*before, call.contact_id}, tenant_id=call.tenant_id)


def _folded(events: Sequence[Event], tenant_id: int) -> tuple[CallFacts, dict[str, int]]:
    """The facts, and the agents that the events name by their addresses at the vendor."""
    tenant = db.session.get_one(Tenant, tenant_id)
    emails = {email for event in events for email in emails_of(event)}
    agent_ids = agents_by_studio_email(tenant_id, emails)
    zone = ZoneInfo(tenant.timezone)
    return fold(events, zone=zone, region=tenant.region, agent_ids=agent_ids), agent_ids


def events_of(call: Call) -> list[Event]:
    """The events of a call as decisions read them; reads the database."""
    rows = db.session.scalars(select(CallEvent).where(CallEvent.call_id == call.id))
    return [event_of(row) for row in rows]


def columns_of(facts: CallFacts) -> dict[str, Any]:
    """The columns that are copied from facts of the same name."""
    columns = {name: getattr(facts, name) for name in _SAME_NAME}
    for name, longest in _TEXTS.items():
        columns[name] = getattr(facts, name)[:longest]
    url = facts.recording_url
    columns["recording_url"] = url if url and len(url) <= _LONGEST_URL else None
    columns["sources"] = facts.sources
    columns |= note_columns(facts.notes)
    columns["leg_count"] = len(facts.legs)
    return columns


def note_columns(standing: Iterable[Note]) -> dict[str, Any]:
    """The columns for the notes in force."""
    shown = list(standing)
    return {"note": together(shown), "notes": [note.as_json() for note in shown]}


def agent_columns(facts: CallFacts, agent_ids: Mapping[str, int]) -> dict[str, Any]:
    """The columns for the call's agent; agent_ids: of `agents_by_studio_email`.

    The first agent that the CRM knows. For one it does not know, the name with the address, because
    two people may have one name.
    """
    for told in facts.agents:
        agent_id = told.agent_id or agent_ids.get(told.email.strip().lower())
        if agent_id is not None:
            named = next((one for one in facts.agents if one.name or one.email), told)
            name = (named.name or named.email)[:_LONGEST_NAME]
            sources = facts.sources | {"agent": told.source}
            return {"agent_id": agent_id, "agent_name": name, "sources": sources}
    name = name_of_stranger(facts.agents[0]) if facts.agents else ""
    return {"agent_id": None, "agent_name": name}


def name_of_stranger(told: NamedAgent) -> str:
    """The name of an agent who is not in the CRM, with the address: two may have one name."""
    if told.name and told.email:
        return f"{told.name} ({told.email})"[:_LONGEST_NAME]
    return (told.name or told.email)[:_LONGEST_NAME]


def agents_by_studio_email(tenant_id: int, emails: Iterable[str]) -> dict[str, int]:
    """Folded addresses at the vendor -> the agents here, the active ones first."""
    wanted = {email.strip().lower() for email in emails if email}
    found: dict[str, int] = {}
    if not wanted:
        return found
    given = {"tenant_id": tenant_id, "emails": sorted(wanted)}
    for email, agent_id in db.session.execute(_AGENTS_BY_EMAIL, given):
        found.setdefault(email, agent_id)
    return found


def _write_legs(call: Call, facts: CallFacts) -> None:
    """Rewrite all legs: each record may change their order."""
    db.session.execute(delete(CallLeg).where(CallLeg.call_id == call.id))
    for place, leg in enumerate(facts.legs):
        told = leg.agent
        db.session.add(
            CallLeg(
                call_id=call.id,
                tenant_id=call.tenant_id,
                place=place,
                agent_id=told.agent_id,
                agent_name=name_of_stranger(told),
                callkey=leg.callkey[:KEY_LENGTH],
                transaction_id=leg.transaction_id[:KEY_LENGTH],
                queue=leg.queue[:_LONGEST_QUEUE],
                started_at=leg.started_at or facts.started_at,
                answered_at=leg.answered_at,
                ended_at=leg.ended_at,
                wait_seconds=leg.wait_seconds,
                talk_seconds=leg.talk_seconds,
                hold_seconds=leg.hold_seconds,
                answered=leg.answered,
                abandoned=leg.abandoned,
                disposition=leg.disposition[: _TEXTS["disposition"]],
            )
        )
    db.session.flush()
    db.session.expire(call, ["legs"])
    _name_by_first_leg(call, "callkey", [leg.callkey for leg in facts.legs])
    ids = [leg.transaction_id for leg in facts.legs]
    if call.transaction_id in ids:  # else it is a dial's of our own
        _name_by_first_leg(call, "transaction_id", ids)


def _name_by_first_leg(call: Call, name: str, keys: Iterable[str]) -> None:
    """Set the row's keys to the first leg's, whichever record came first."""
    wanted = next(filter(usable, keys), None)
    if wanted is None or wanted == getattr(call, name):
        return
    column = getattr(Call, name)
    same = (Call.tenant_id == call.tenant_id, column == wanted, Call.id != call.id)
    if db.session.scalar(select(Call.id).where(*same)) is None:
        setattr(call, name, wanted)


def _write_cards(call: Call, facts: CallFacts) -> None:
    for card in db.session.scalars(select(CallCard).where(CallCard.call_id == call.id)):
        told = facts.cards.get(card.agent_id)
        card.open = told is not None and told.open
        card.state = told.state if told else CallState.ENDED
        card.state_since = told.since if told else call.state_since
