"""A call as one agent has it: a lane, told by the softphone's messages in order of their time.

One call may ring at several agents, one after the other or at once; each of them has a lane, and
the lanes together tell where the call stands. `crm.calls.fold` makes them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.callcenterstudio import softphone
from crm.callcenterstudio.results import ActiveCall
from crm.calls import events as kinds
from crm.calls.events import Event
from crm.models import CallState

BEFORE_ANSWER = (CallState.RINGING, CallState.DIALLING)
UP = (CallState.TALKING, CallState.HELD)

_OPENS_CARD = (kinds.DIAL, softphone.INCOMING_CALL, softphone.DIAL)
_OPENS_CARD_IF_FIRST = (
    softphone.OUTGOING_ACTIVE_CALL_KEY,
    softphone.ACCEPT,
    softphone.TALKING,
    kinds.ACTIVE_CALL,
)


@dataclass
class Lane:
    """How a call went at one agent. rung_at: when it last began to ring or to be dialled here.

    hold_was_listed: the vendor's list told of the hold, so it may tell of its end too.
    elsewhere: somebody else answered it.
    """

    agent_id: int
    state: CallState | None = None
    since: datetime | None = None
    rung_at: datetime | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    held: timedelta = timedelta()
    held_since: datetime | None = None
    hold_was_listed: bool = False
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    elsewhere: bool = False

    @property
    def card_open(self) -> bool:
        """Whether the agent's panel shows it: opened, and not done since."""
        if self.opened_at is None:
            return False
        return self.closed_at is None or self.closed_at < self.opened_at

    def end(self, at: datetime) -> None:
        """The call is over here."""
        self._leave_hold(at)
        if self.state is not CallState.ENDED:
            self._go(CallState.ENDED, at)
            self.ended_at = at

    def take(self, event: Event) -> None:
        """Go on by one event; those of an agent are taken in order of time."""
        kind = event.kind
        if kind in _OPENS_CARD or (kind in _OPENS_CARD_IF_FIRST and self.state is None):
            self.opened_at = event.occurred_at
        _STEPS[kind](self, event)

    def _ring(self, event: Event) -> None:
        self._begin(CallState.RINGING, event.occurred_at)

    def _dial(self, event: Event) -> None:
        self._begin(CallState.DIALLING, event.occurred_at)

    def _key(self, event: Event) -> None:
        if self.state is None:  # its `Dial` was lost
            self._begin(CallState.DIALLING, event.occurred_at)

    def _accept(self, event: Event) -> None:
        if self.state is not CallState.DIALLING:  # of a dial it does not say that anybody answered
            self._talk(event.occurred_at)

    def _talking(self, event: Event) -> None:
        self._talk(event.occurred_at)

    def _hang_up(self, event: Event) -> None:
        self.end(event.occurred_at)

    def _put_on_hold(self, event: Event) -> None:
        if self.state is CallState.TALKING:
            self._hold(event.occurred_at)

    def _take_off_hold(self, event: Event) -> None:
        self._resume(event.occurred_at)

    def _close(self, event: Event) -> None:
        self.closed_at = event.occurred_at

    def _observe(self, event: Event) -> None:
        """An entry of the vendor's list. Words of `status` are a guess, `talkdate` is not."""
        call, at = ActiveCall.parse(event.payload), event.occurred_at
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
        """Ring, or ring again after a hangup; while it rings or is up it is a repeat."""
        if self.state in (None, CallState.ENDED):
            self._go(state, at)
            self.rung_at = at
            self.ended_at = None
            self.started_at = self.started_at or at

    def _talk(self, at: datetime) -> None:
        if self.state is CallState.ENDED:
            return
        if self.state is CallState.HELD:
            self._resume(at)
        elif self.state is not CallState.TALKING:
            self._go(CallState.TALKING, at)
            self.answered_at = self.answered_at or at

    def _hold(self, at: datetime) -> None:
        self._go(CallState.HELD, at)
        self.held_since = at

    def _resume(self, at: datetime) -> None:
        if self.state is CallState.HELD:
            self._leave_hold(at)
            self._go(CallState.TALKING, at)

    def _leave_hold(self, at: datetime) -> None:
        self.hold_was_listed = False
        if self.held_since is not None:
            self.held += at - self.held_since
            self.held_since = None

    def _go(self, state: CallState, at: datetime) -> None:
        self.state, self.since = state, at


# What an event does to the lane of its agent. At the very same moment, what must have come first
# comes first: in the order that stands here.
_STEPS: dict[str, Callable[[Lane, Event], None]] = {
    kinds.DIAL: Lane._dial,
    softphone.INCOMING_CALL: Lane._ring,
    softphone.DIAL: Lane._dial,
    softphone.OUTGOING_ACTIVE_CALL_KEY: Lane._key,
    softphone.ACCEPT: Lane._accept,
    softphone.TALKING: Lane._talking,
    kinds.ACTIVE_CALL: Lane._observe,
    kinds.HOLD: Lane._put_on_hold,
    kinds.UNHOLD: Lane._take_off_hold,
    softphone.HANGUP: Lane._hang_up,
    kinds.GONE: Lane._hang_up,
    kinds.DONE: Lane._close,
}
_ORDER = {kind: place for place, kind in enumerate(_STEPS)}


def lanes_of(events: Iterable[Event]) -> list[Lane]:
    """The lanes of a call, in order of the agents' ids; lanes that lost it to another are ended."""
    lanes: dict[int, Lane] = {}
    for event in sorted((event for event in events if event.kind in _ORDER), key=_in_order):
        if event.agent_id is not None:
            lanes.setdefault(event.agent_id, Lane(event.agent_id)).take(event)
    told = [lanes[agent_id] for agent_id in sorted(lanes) if lanes[agent_id].state is not None]
    for lane in told:
        _end_if_answered_elsewhere(lane, told)
    return told


def _in_order(event: Event) -> tuple[bool, datetime, int, str]:
    # Our own dial begins the call, also where the desk's clock says that it rang before.
    begins = event.kind == kinds.DIAL
    return not begins, event.occurred_at, _ORDER[event.kind], event.digest


def _end_if_answered_elsewhere(lane: Lane, lanes: list[Lane]) -> None:
    if lane.rung_at is None or lane.state in UP or lane.answered_at is not None:
        return
    answers = [
        other.answered_at
        for other in lanes
        if other is not lane and other.answered_at and other.answered_at >= lane.rung_at
    ]
    if answers:
        lane.elsewhere = True
        lane.end(min(answers))
