"""Where a call stands, and where it stands at each agent. Used by `crm.calls.fold`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.calls.facts import CardFacts
from crm.calls.lanes import Lane
from crm.calls.readings import Reading
from crm.models import CallState, Direction

CLOCKS_DIFFER = timedelta(seconds=5)

_LIVELIEST = (CallState.TALKING, CallState.HELD, CallState.RINGING, CallState.DIALLING)


@dataclass(frozen=True)
class Taken:
    """Who answered, as the vendor tells, and when; None among the agents is nobody of ours."""

    agents: frozenset[int | None]
    at: datetime | None

    def from_under(self, lane: Lane) -> bool:
        """Whether a colleague took what rang here. The softphone there may have told nothing."""
        if lane.rung_at is None or lane.answered_at or None in self.agents or not self.agents:
            return False
        after_the_ring = self.at is None or self.at >= lane.rung_at - CLOCKS_DIFFER
        return lane.agent_id not in self.agents and after_the_ring


def is_over(state: CallState) -> bool:
    """Whether the call has ended."""
    return state is CallState.ENDED


def state_of(lanes: list[Lane], readings: Iterable[Reading], over: bool) -> CallState:
    """The state of the call: ended when a source says so, else that of its liveliest lane."""
    if over:
        return CallState.ENDED
    at_agents = {lane.state for lane in lanes}
    for state in _LIVELIEST:
        if state in at_agents:
            return state
    return CallState.ENDED if lanes else _without_lanes(list(readings))


def since(lanes: list[Lane], state: CallState) -> datetime | None:
    """When the call came into its state, as the agents' browsers tell it."""
    return max((lane.since for lane in lanes if lane.state is state and lane.since), default=None)


def cards(
    lanes: list[Lane],
    ended_at: datetime | None,
    writers: Collection[int | None],
    taken: Taken | None,
) -> dict[int, CardFacts]:
    """How the call stands at each agent. ended_at: the call is over, whatever a lane says.

    taken: somebody has answered. writers: the agents who have written something about it. What
    somebody else does closes no card in which its own agent writes.
    """
    found = {}
    for lane in lanes:
        state, since_when = lane.state, lane.since
        if state is None or since_when is None:
            continue
        if ended_at and state is not CallState.ENDED:
            state, since_when = CallState.ENDED, ended_at
        elsewhere = lane.elsewhere or bool(ended_at and taken and taken.from_under(lane))
        stays = lane.card_open and (not elsewhere or lane.agent_id in writers)
        found[lane.agent_id] = CardFacts(state=state, since=since_when, open=stays)
    return found


def _without_lanes(readings: list[Reading]) -> CallState:
    """A call that no browser has told of: a record of it came before its end."""
    if any(reading.answered for reading in readings):
        return CallState.TALKING
    if any(reading.direction is Direction.INBOUND for reading in readings):
        return CallState.RINGING
    return CallState.DIALLING if readings else CallState.ENDED
