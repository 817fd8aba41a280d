"""What the softphone's messages say about a call as a whole, all lanes together.

Used by `crm.calls.fold` beside the readings of the other sources.
"""

from datetime import datetime

from crm.callcenterstudio import softphone
from crm.calls.events import Event
from crm.calls.lanes import Lane
from crm.calls.readings import Reading
from crm.calls.times import Moment
from crm.models import CallState, Direction, EventSource

_INBOUND = (softphone.INCOMING_CALL,)
_OUTBOUND = (softphone.DIAL, softphone.OUTGOING_ACTIVE_CALL_KEY)


def read(events: list[Event], lanes: list[Lane]) -> Reading | None:
    """The reading of the browser's messages, None when there are none."""
    messages = sorted(
        (event for event in events if event.source is EventSource.BROWSER),
        key=lambda event: (event.occurred_at, event.digest),
    )
    if not messages:
        return None
    over = all(lane.state is CallState.ENDED for lane in lanes)
    started = min((lane.started_at for lane in lanes if lane.started_at), default=None)
    answered = min((lane.answered_at for lane in lanes if lane.answered_at), default=None)
    ended = max((lane.ended_at for lane in lanes if lane.ended_at), default=None)
    ended = ended if over else None
    held = sum(lane.held.total_seconds() for lane in lanes)
    return Reading(
        source=EventSource.BROWSER,
        direction=_direction(messages),
        number=_number(messages),
        started_at=_moment(started),
        answered_at=_moment(answered),
        ended_at=_moment(ended),
        wait_seconds=_seconds(started, answered or ended),
        talk_seconds=_seconds(answered, ended),
        hold_seconds=round(held) if held else None,
        answered=True if answered else (False if over else None),
    )


def _direction(messages: list[Event]) -> Direction | None:
    for message in messages:
        if message.kind in _INBOUND:
            return Direction.INBOUND
        if message.kind in _OUTBOUND:
            return Direction.OUTBOUND
    return None


def _number(messages: list[Event]) -> str | None:
    told = [
        str(message.payload.get("number") or "")
        for message in messages
        if message.kind in (softphone.INCOMING_CALL, softphone.DIAL)
    ]
    return next((number for number in told if number), told[0] if told else None)


def _moment(at: datetime | None) -> Moment | None:
    return Moment(at) if at else None


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return max(0, int((end - start).total_seconds())) if start and end else None
