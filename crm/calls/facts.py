"""What is known of a call: the result of folding its events, in the words of the row.

`crm.calls.fold` makes it, `crm.calls.apply` writes it into the row.
"""

from dataclasses import dataclass, field
from datetime import datetime

from crm.calls.notes import Note
from crm.models import CallState, Direction


@dataclass(frozen=True, kw_only=True)
class AgentTold:
    """Who had the call, as one source tells: an agent of ours, or an address at the vendor."""

    source: str
    agent_id: int | None = None
    email: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class LegFacts:
    """A call as one agent had it, where several did; see `crm.models.CallLeg`."""

    agent: AgentTold
    callkey: str = ""
    transaction_id: str = ""
    queue: str = ""
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    wait_seconds: int | None = None
    talk_seconds: int | None = None
    hold_seconds: int | None = None
    answered: bool | None = None
    abandoned: bool | None = None
    disposition: str = ""


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """How a call stands at one agent."""

    state: CallState
    since: datetime
    open: bool


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    """A call as its events tell it; see `crm.models.Call` for the fields' meaning.

    agents: who had it, the surest source first. contact_id: chosen by an agent or known when it
    was dialled; None leaves it to the number. cards: agent id -> how it stands there. legs: () for
    a call that one agent had.
    """

    direction: Direction | None
    state: CallState
    state_since: datetime
    number: str
    normal_form: str | None
    caller_kind: str
    line: str
    queue: str
    agents: tuple[AgentTold, ...]
    contact_id: int | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wait_seconds: int | None
    talk_seconds: int | None
    hold_seconds: int | None
    answered: bool | None
    disposition: str
    hangup_cause: str
    recording_url: str | None
    dial_problem: str
    outcome: str
    notes: tuple[Note, ...]
    missed_done: bool
    callback_of_id: int | None
    time_uncertain: bool
    complete: bool
    abandoned: bool | None = None
    record_problems: str = ""
    transferred: bool = False
    voicemail_text: str = ""
    legs: tuple[LegFacts, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)
    cards: dict[int, CardFacts] = field(default_factory=dict)
