"""A call at each agent's softphone: a state machine over its messages, in order of time.

One call may ring at several agents, one after the other or at once; each of them has a leg.
Together they give the state of the call, the facts of the whole call from the messages, and the
state of each agent's card. Pure; `fold` calls it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.callcenterstudio import softphone
from crm.callcenterstudio.results import ActiveCall
from crm.calls import events as kinds
from crm.calls.events import Event
from crm.calls.local_time import Moment
from crm.calls.sources import SourceFacts
from crm.models import CallState, Direction, EventSource

BEFORE_ANSWER = (CallState.RINGING, CallState.DIALLING)
UP = (CallState.TALKING, CallState.HELD)
CLOCKS_DIFFER = timedelta(seconds=5)

# The kinds of events of an agent's leg. Events of the same moment are taken in this order.
_ORDER = {
    kind: place
    for place, kind in enumerate(
        (
            kinds.DIAL,
            softphone.INCOMING_CALL,
            softphone.DIAL,
            softphone.OUTGOING_ACTIVE_CALL_KEY,
            softphone.ACCEPT,
            softphone.TALKING,
            kinds.ACTIVE_CALL,
            kinds.HOLD,
            kinds.UNHOLD,
            softphone.HANGUP,
            kinds.GONE,
            kinds.DONE,
        )
    )
}
_BEGINS = {
    softphone.INCOMING_CALL: CallState.RINGING,
    softphone.DIAL: CallState.DIALLING,
    kinds.DIAL: CallState.DIALLING,
}
# They open the card if the message that begins a call was lost.
_BEGINS_IF_FIRST = (
    softphone.OUTGOING_ACTIVE_CALL_KEY,
    softphone.ACCEPT,
    softphone.TALKING,
    kinds.ACTIVE_CALL,
)
_LIVELIEST = (CallState.TALKING, CallState.HELD, CallState.RINGING, CallState.DIALLING)


@dataclass
class SoftphoneLeg:
    """The course of a call at one agent."""

    agent_id: int
    state: CallState | None = None
    since: datetime | None = None
    rung_at: datetime | None = None  # when it last began to ring, or to be dialled
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    held: timedelta = timedelta()
    held_since: datetime | None = None
    hold_was_listed: bool = False  # the hold came from the vendor's list, so its end may too
    opened_at: datetime | None = None  # the card in the agent's panel
    closed_at: datetime | None = None
    elsewhere: bool = False  # somebody else answered it

    @property
    def card_open(self) -> bool:
        """Whether the agent's panel shows the card: opened, and not done since."""
        if self.opened_at is None:
            return False
        return self.closed_at is None or self.closed_at < self.opened_at

    def take(self, event: Event) -> None:
        """Advance by one event; an agent's events are taken in order of time."""
        kind, at = event.kind, event.occurred_at
        if kind in _BEGINS or (kind in _BEGINS_IF_FIRST and self.state is None):
            self.opened_at = at
        if kind in _BEGINS:
            self._begin(_BEGINS[kind], at)
        elif kind == softphone.OUTGOING_ACTIVE_CALL_KEY:
            if self.state is None:  # its `Dial` was lost
                self._begin(CallState.DIALLING, at)
        elif kind in (softphone.ACCEPT, softphone.TALKING):
            # `Accept` of a dial does not say that anybody answered.
            if kind == softphone.TALKING or self.state is not CallState.DIALLING:
                self._talk(at)
        elif kind == kinds.ACTIVE_CALL:
            self._observe(ActiveCall.parse(event.payload), at)
        else:
            self._change(kind, at)

    def end(self, at: datetime) -> None:
        """End the call at this agent."""
        self._leave_hold(at)
        if self.state is not CallState.ENDED:
            self.state, self.since = CallState.ENDED, at
            self.ended_at = at

    def _change(self, kind: str, at: datetime) -> None:
        if kind == kinds.HOLD and self.state is CallState.TALKING:
            self._hold(at)
        elif kind == kinds.UNHOLD:
            self._resume(at)
        elif kind in (softphone.HANGUP, kinds.GONE):
            self.end(at)
        elif kind == kinds.DONE:
            self.closed_at = at

    def _observe(self, call: ActiveCall, at: datetime) -> None:
        """An entry of the vendor's list. Words of `status` are a guess, `talkdate` is not."""
        status = call.status.lower()
        if self.state is None:
            self._begin(CallState.DIALLING if call.inbound is False else CallState.RINGING, at)
        if self.state in BEFORE_ANSWER and (call.talkdate or "talk" in status):
            self._talk(at)
        if self.state is CallState.TALKING and "hold" in status:
            self._hold(at)
            self.hold_was_listed = True
        elif self.hold_was_listed and status and "hold" not in status:
            self._resume(at)

    def _begin(self, state: CallState, at: datetime) -> None:
        """Ring, or ring again after a hangup; while the call rings or is up it is a repeat."""
        if self.state in (None, CallState.ENDED):
            self.state, self.since = state, at
            self.rung_at = at
            self.ended_at = None
            self.started_at = self.started_at or at

    def _talk(self, at: datetime) -> None:
        if self.state is CallState.ENDED:
            return
        if self.state is CallState.HELD:
            self._resume(at)
        elif self.state is not CallState.TALKING:
            self.state, self.since = CallState.TALKING, at
            self.answered_at = self.answered_at or at

    def _hold(self, at: datetime) -> None:
        self.state, self.since = CallState.HELD, at
        self.held_since = at

    def _resume(self, at: datetime) -> None:
        if self.state is CallState.HELD:
            self._leave_hold(at)
            self.state, self.since = CallState.TALKING, at

    def _leave_hold(self, at: datetime) -> None:
        self.hold_was_listed = False
        if self.held_since is not None:
            self.held += at - self.held_since
            self.held_since = None


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """The state of a call at one agent."""

    state: CallState
    since: datetime
    open: bool


def softphone_legs_of(events: Iterable[Event]) -> list[SoftphoneLeg]:
    """The legs in order of the agents' ids; one that only rang ends when another agent answers."""
    by_agent: dict[int, SoftphoneLeg] = {}
    # Our own dial begins the call, even if the agent's clock says that it rang before.
    in_order = sorted(
        (event for event in events if event.kind in _ORDER),
        key=lambda one: (one.kind != kinds.DIAL, one.occurred_at, _ORDER[one.kind], one.digest),
    )
    for event in in_order:
        if event.agent_id is not None:
            by_agent.setdefault(event.agent_id, SoftphoneLeg(event.agent_id)).take(event)
    legs = [leg for _id, leg in sorted(by_agent.items()) if leg.state is not None]
    for leg in legs:
        if leg.rung_at is None or leg.state in UP or leg.answered_at is not None:
            continue
        answers = [
            other.answered_at
            for other in legs
            if other is not leg and other.answered_at and other.answered_at >= leg.rung_at
        ]
        if answers:
            leg.elsewhere = True
            leg.end(min(answers))
    return legs


def state_of(
    legs: Sequence[SoftphoneLeg], facts: Sequence[SourceFacts], *, over: bool
) -> CallState:
    """The state of the call: ended when a source says so, else that of its liveliest leg.

    If no softphone has reported the call, a record or an entry came before its end.
    """
    if over:
        return CallState.ENDED
    at_agents = {leg.state for leg in legs}
    for state in _LIVELIEST:
        if state in at_agents:
            return state
    if legs or not facts:
        return CallState.ENDED
    if any(one.answered for one in facts):
        return CallState.TALKING
    if any(one.direction is Direction.INBOUND for one in facts):
        return CallState.RINGING
    return CallState.DIALLING


def facts_of_messages(events: Iterable[Event], legs: Sequence[SoftphoneLeg]) -> SourceFacts | None:
    """What the softphones' messages say about the call as a whole, None when there are none."""
    messages = sorted(
        (event for event in events if event.source is EventSource.BROWSER),
        key=lambda event: (event.occurred_at, event.digest),
    )
    if not messages:
        return None
    over = all(leg.state is CallState.ENDED for leg in legs)
    started = min((leg.started_at for leg in legs if leg.started_at), default=None)
    answered = min((leg.answered_at for leg in legs if leg.answered_at), default=None)
    ended = max((leg.ended_at for leg in legs if leg.ended_at), default=None) if over else None
    held = sum(leg.held.total_seconds() for leg in legs)
    directions = {
        softphone.INCOMING_CALL: Direction.INBOUND,
        softphone.DIAL: Direction.OUTBOUND,
        softphone.OUTGOING_ACTIVE_CALL_KEY: Direction.OUTBOUND,
    }
    told = (directions[message.kind] for message in messages if message.kind in directions)
    numbers = [
        str(message.payload.get("number") or "")
        for message in messages
        if message.kind in (softphone.INCOMING_CALL, softphone.DIAL)
    ]
    return SourceFacts(
        source=EventSource.BROWSER,
        direction=next(told, None),
        number=next((number for number in numbers if number), numbers[0] if numbers else None),
        started_at=Moment(started) if started else None,
        answered_at=Moment(answered) if answered else None,
        ended_at=Moment(ended) if ended else None,
        wait_seconds=seconds_between(started, answered or ended),
        talk_seconds=seconds_between(answered, ended),
        hold_seconds=round(held) if held else None,
        answered=True if answered else (False if over else None),
    )


def cards_of(
    legs: Iterable[SoftphoneLeg],
    *,
    answered_at: datetime | None,
    ended_at: datetime | None,
    takers: Collection[int | None],
    writers: Collection[int | None],
) -> dict[int, CardFacts]:
    """The state of the call at each agent.

    ended_at: the call is over, whatever a softphone says. takers: the agents who answered, from the
    vendor; None is an agent who is not in the CRM. A colleague may have taken the call without a
    message of the softphone here. writers: the agents who have written something about the call.
    Another agent's answer does not close their cards.
    """
    are_ours = bool(takers) and None not in takers
    found = {}
    for leg in legs:
        state, since = leg.state, leg.since
        if state is None or since is None:
            continue
        if ended_at and state is not CallState.ENDED:
            state, since = CallState.ENDED, ended_at
        elsewhere = leg.elsewhere
        if ended_at and are_ours and leg.rung_at and not leg.answered_at:
            after_the_ring = answered_at is None or answered_at >= leg.rung_at - CLOCKS_DIFFER
            elsewhere = elsewhere or (leg.agent_id not in takers and after_the_ring)
        stays = leg.card_open and (not elsewhere or leg.agent_id in writers)
        found[leg.agent_id] = CardFacts(state=state, since=since, open=stays)
    return found


def seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    """Whole seconds, at least 0."""
    return max(0, int((end - start).total_seconds())) if start and end else None
