"""Reads calls for pages and the call panel; writes nothing. Lists are paged by key, newest first.

A list's `before` is the cursor of the last call of the previous page.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from crm.calls.contact_links import SHOWN
from crm.calls.events import NOTE, OUTCOME
from crm.calls.rows import current_id
from crm.extensions import db
from crm.models import Call, CallCard, CallEvent, CallState, JoinedCall
from crm.models.call import NOT_TAKEN
from crm.models.paging import Cursor, page_of
from crm.phone_numbers import digits, normal_form

RINGS_AT_MOST = timedelta(minutes=3)
TALKS_AT_MOST = timedelta(hours=4)
TAKEN_WITHIN = timedelta(seconds=20)  # as EXPECTED_FOR_MS in static/js/softphone.js
TELLING_DIGITS = 9  # of a full number, the same in each way of writing it
MOST_CARDS = 20  # an agent who never closes a card must still get a page


def find(call_id: int) -> Call | None:
    """The call with this id, also after its row was merged into another."""
    found = current_id(call_id)
    return db.session.get(Call, found) if found is not None else None


def by_browser_call_id(tenant_id: int, agent_id: int, browser_call_id: str) -> Call | None:
    """The call to which this agent's page gave this id."""
    statement = select(Call).join(CallCard, CallCard.call_id == Call.id)
    return db.session.scalar(
        statement.where(
            Call.tenant_id == tenant_id,
            CallCard.agent_id == agent_id,
            CallCard.browser_call_id == browser_call_id,
        )
    )


def card_of(call: Call, agent_id: int) -> CallCard | None:
    """A call's card at one agent: the newest of those that the agent's pages made."""
    statement = select(CallCard).where(CallCard.call_id == call.id, CallCard.agent_id == agent_id)
    return db.session.scalar(statement.order_by(CallCard.id.desc()).limit(1))


def card_named(agent_id: int, browser_call_id: str) -> CallCard | None:
    """The card to which the agent's page gave this id: one look into an index."""
    named = (CallCard.agent_id == agent_id, CallCard.browser_call_id == browser_call_id)
    return db.session.scalar(select(CallCard).where(*named))


def open_cards(agent_id: int) -> list[Call]:
    """The calls with a card in the agent's panel, the newest MOST_CARDS of them."""
    has_card = select(CallCard.call_id).where(CallCard.agent_id == agent_id, CallCard.open)
    statement = select(Call).where(Call.id.in_(has_card))
    newest_first = statement.order_by(Call.started_at.desc(), Call.id.desc())
    return list(db.session.scalars(newest_first.limit(MOST_CARDS)))


def is_up(agent_id: int, normal_form: str, *, withheld: bool, now: datetime) -> bool:
    """Whether this agent is being connected to this number or talks with it.

    withheld: whether the agent may not see it. A number that an agent typed is compared with shown
    numbers alone, or the answer would confirm a guess.

    A call whose end was lost must not lock its number for ever: after RINGS_AT_MOST without an
    answer, or TALKS_AT_MOST, it does not count.
    """
    mine = _cards_up(agent_id, now).join(Call, Call.id == CallCard.call_id)
    is_shown = Call.caller_kind == SHOWN
    same = mine.where(Call.normal_form == normal_form, ~is_shown if withheld else is_shown)
    return db.session.scalar(same.limit(1)) is not None


def unheard_dials(agent_id: int, *, before: datetime) -> list[Call]:
    """The agent's dials from before this moment that no source has reported since."""
    statement = select(Call).join(CallCard, CallCard.call_id == Call.id)
    waits = (CallCard.state == CallState.DIALLING, CallCard.state_since <= before)
    ours = (Call.transaction_id.is_not(None), Call.activecallkey.is_(None))
    return list(db.session.scalars(statement.where(CallCard.agent_id == agent_id, *waits, *ours)))


def dial_awaiting(agent_id: int, number: str, *, region: str, now: datetime) -> Call | None:
    """The agent's recent dial that a `Dial` message with this number belongs to.

    For a page that expects none: the number was clicked in another browser. number: as the
    softphone writes it; a withheld one fits a number that the agent may not see.
    """
    waits = (Call.state == CallState.DIALLING, Call.dial_problem == NOT_TAKEN)
    ours = (Call.transaction_id.is_not(None), Call.activecallkey.is_(None), or_(*waits))
    recent = (CallCard.agent_id == agent_id, Call.started_at > now - TAKEN_WITHIN)
    statement = select(Call).join(CallCard, CallCard.call_id == Call.id).where(*recent, *ours)
    told = digits(normal_form(number, region))[-TELLING_DIGITS:]
    for call in db.session.scalars(statement.order_by(Call.started_at)):
        withheld = call.shown_number is None
        if withheld or (told and told == digits(call.normal_form or "")[-TELLING_DIGITS:]):
            return call
    return None


def is_on_call(agent_id: int, *, now: datetime) -> bool:
    """Whether a call rings at this agent, is being dialled or is up."""
    return db.session.scalar(_cards_up(agent_id, now).limit(1)) is not None


def has_another_up(agent_id: int, call: Call, *, now: datetime) -> bool:
    """Whether this agent talks, holds or dials in another call. A ring does not count.

    A call that counts as lost in `is_up` does not count either.
    """
    others = _cards_up(agent_id, now).where(
        CallCard.call_id != call.id, CallCard.state != CallState.RINGING
    )
    return db.session.scalar(others.limit(1)) is not None


def of_contact(
    contact_id: int,
    before: Cursor | None = None,
    limit: int = 30,
    *,
    tenant_ids: Collection[int] | None = None,
) -> list[Call]:
    """A contact's calls, of all tenants or of some."""
    statement = select(Call).where(Call.contact_id == contact_id)
    if tenant_ids is not None:
        statement = statement.where(Call.tenant_id.in_(tenant_ids))
    return newest_first(statement, before, limit)


def events_of_call(call_id: int) -> list[CallEvent]:
    """All events of a call, as they came, in order of time."""
    statement = select(CallEvent).where(CallEvent.call_id == call_id)
    return list(db.session.scalars(statement.order_by(CallEvent.occurred_at, CallEvent.id)))


def written_events(call_ids: Iterable[int]) -> list[CallEvent]:
    """The events of notes and outcomes of these calls, in order of time."""
    is_written = CallEvent.kind.in_((NOTE, OUTCOME))
    statement = select(CallEvent).where(CallEvent.call_id.in_([*call_ids]), is_written)
    return list(db.session.scalars(statement.order_by(CallEvent.occurred_at, CallEvent.id)))


def call_backs_of(call_id: int) -> list[Call]:
    """The calls that called this missed one back, newest first; also under an earlier id of it."""
    earlier = select(JoinedCall.old_id).where(JoinedCall.call_id == call_id)
    is_of_it = or_(Call.callback_of_id == call_id, Call.callback_of_id.in_(earlier))
    return newest_first(select(Call).where(is_of_it), None, MOST_CARDS)


def newest_first(statement: Select[tuple[Call]], before: Cursor | None, limit: int) -> list[Call]:
    """A page of calls with their agents and contacts; `before` is the last call before it."""
    page = page_of(statement, (Call.started_at, Call.id), before, limit)
    return list(db.session.scalars(page.options(joinedload(Call.agent), joinedload(Call.contact))))


def _cards_up(agent_id: int, now: datetime) -> Select[int]:
    is_answered = CallCard.state.in_((CallState.TALKING, CallState.HELD))
    return select(CallCard.id).where(
        CallCard.agent_id == agent_id,
        CallCard.open,
        CallCard.state != CallState.ENDED,
        or_(
            CallCard.state_since > now - RINGS_AT_MOST,
            and_(is_answered, CallCard.state_since > now - TALKS_AT_MOST),
        ),
    )
