"""The legs of a call: how each agent had it who was offered it, told by records and by browsers.

Pure; `crm.calls.fold` asks. A transferred call may come as one record for each leg, all with one
activecallkey, or as one record of the whole; which of them the vendor sends is not known. A call
of one leg has none here: its row is the leg.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from crm.calls.facts import AgentTold, LegFacts
from crm.calls.lanes import UP, Lane
from crm.calls.readings import Reading
from crm.calls.times import Moment
from crm.models import CallState, EventSource

# A transfer may ring at the next agent while the first one still talks; clocks differ besides.
HANDOVER = timedelta(minutes=2)
_TIMES = ("started_at", "answered_at")


@dataclass(frozen=True)
class Legs:
    """`legs`: in their order; () for a call of one. awaited: one of them has no record yet."""

    legs: tuple[LegFacts, ...] = ()
    awaited: bool = False


def records_of(readings: Sequence[Reading]) -> list[Reading]:
    """One reading for each leg that records tell of, in order of time.

    readings: of records, the fullest first. Of two records of one leg the fuller one counts, and
    the other fills what it leaves empty.
    """
    found: list[list[Reading]] = []
    for reading in readings:
        leg = next((leg for leg in found if _is_same_leg(leg[0], reading)), None)
        if leg is None:
            found.append([reading])
        else:
            leg.append(reading)
    return sorted((_merged(leg) for leg in found), key=_in_time)


def together(records: Sequence[Reading]) -> Reading:
    """What the records of several legs say about the call as a whole: it is over when each is,
    answered when one was, and began with the first.
    """
    talks = [one for one in records if one.answered]
    said = [one.answered for one in records]
    first_talk = min(talks, key=_in_time, default=None)
    by_first = _merged(records)
    return replace(
        _merged([first_talk or records[0], *records]),  # the disposition is that of the talk
        over=all(one.over for one in records),
        direction=by_first.direction,
        number=by_first.number,
        line=by_first.line,
        queue=by_first.queue,
        started_at=_earliest(one.started_at for one in records),
        answered_at=_earliest(one.answered_at for one in talks),
        ended_at=_latest(one.ended_at for one in records),
        wait_seconds=_wait(records, first_talk),
        talk_seconds=_sum(one.talk_seconds for one in talks),
        hold_seconds=_sum(one.hold_seconds for one in records),
        answered=True if talks else (None if None in said else False),
        presumed_answered=None if None in [one.presumed_answered for one in records] else False,
        transferred=any(one.transferred for one in records),
        problems=tuple(dict.fromkeys(text for one in records for text in one.problems)),
    )


def legs_of(
    records: Sequence[Reading], lanes: Sequence[Lane], agent_ids: Mapping[str, int]
) -> Legs:
    """The legs that records tell of, and those of agents who talked and are in no record.

    agent_ids: folded addresses at the vendor -> agents here. Where a record's agent is nobody
    here, the record may be of any of them, and no leg is added to it.
    """
    legs = [_of_record(one, agent_ids) for one in records if one.over]
    known = [leg.agent.agent_id for leg in legs]
    awaited = False
    if None not in known:
        for lane in (lane for lane in lanes if lane.answered_at and lane.agent_id not in known):
            whole = next((place for place, leg in enumerate(legs) if _holds(leg, lane)), None)
            leg = _of_lane(lane)
            if whole is None:
                awaited = awaited or bool(records)
            else:
                legs[whole] = _without(legs[whole], leg)
            legs.append(leg)
    if len(legs) < 2:  # noqa: PLR2004
        return Legs()
    return Legs(tuple(sorted(legs, key=_leg_in_time)), awaited)


def goes_on(
    records: Sequence[Reading], lanes: Iterable[Lane], agent_ids: Mapping[str, int]
) -> bool:
    """Whether the call is up at an agent after the end that its records, or posts, tell: they are
    of the agents who have handed it on.
    """
    had_it = {_agent_of(one, agent_ids).agent_id for one in records}
    ended = [(one, one.ended_at.at) for one in records if one.over and one.ended_at]
    if not ended or None in had_it:
        return False
    end = max(at for _one, at in ended)
    turned = max(_turned(one, at) for one, at in ended)
    return any(
        lane.agent_id not in had_it
        and lane.state is not CallState.ENDED
        and lane.rung_at is not None
        and lane.rung_at >= end - HANDOVER
        and (lane.state in UP or lane.rung_at > turned)
        for lane in lanes
    )


def _turned(one: Reading, ended_at: datetime) -> datetime:
    """The middle of a leg's ring: what began to ring before it, rang with it and is not its next
    agent. Clocks differ, so it is not the end of the ring that decides.
    """
    until = one.answered_at.at if one.answered_at else ended_at
    began = one.started_at.at if one.started_at else until
    return began + max(until - began, timedelta()) / 2


def agents_of(records: Sequence[Reading]) -> list[AgentTold]:
    """Whom the records name: who talked last first, then who was offered it last."""
    latest_first = sorted(records, key=lambda one: (one.answered is True, _in_time(one)))
    return [
        AgentTold(source=one.source.value, email=one.agent_email, name=one.agent_name)
        for one in reversed(latest_first)
        if one.agent_email or one.agent_name
    ]


def _is_same_leg(fuller: Reading, other: Reading) -> bool:
    """A record names its leg by its callkey. Without one, or where the vendor gives all legs of a
    call the same, another agent at another time is another leg.
    """
    mine, theirs = ((one.agent_email or one.agent_name).strip().lower() for one in (fuller, other))
    starts, answers = ((getattr(one, name) for one in (fuller, other)) for name in _TIMES)
    same_start, same_answer = (first == second for first, second in (starts, answers))
    if fuller.callkey and other.callkey and fuller.callkey != other.callkey:
        return mine != "" and mine == theirs and bool(same_start and same_answer)
    if not mine or not theirs or fuller.started_at is None or other.started_at is None:
        return True
    if mine == theirs:
        return bool(same_start or (fuller.callkey and other.callkey))
    return bool(same_start and same_answer)


def _merged(readings: Sequence[Reading]) -> Reading:
    """Field by field the first that says something."""
    if len(readings) == 1:  # nearly every call
        return readings[0]
    values: dict[str, Any] = {}
    for field in fields(Reading):
        told = [getattr(one, field.name) for one in readings]
        filled = (value for value in told if value is not None and value not in ("", ()))
        values[field.name] = next(filled, told[0])
    values["over"] = any(one.over for one in readings)
    values["withheld"] = any(one.withheld for one in readings)
    return Reading(**values)


def _of_record(record: Reading, agent_ids: Mapping[str, int]) -> LegFacts:
    answered = record.presumed_answered if record.answered is None else record.answered
    return LegFacts(
        agent=_agent_of(record, agent_ids),
        callkey=record.callkey,
        transaction_id=record.transaction_id,
        queue=record.queue,
        started_at=_at(record.started_at),
        answered_at=_at(record.answered_at) if answered else None,
        ended_at=_at(record.ended_at),
        wait_seconds=record.wait_seconds,
        talk_seconds=record.talk_seconds if answered else None,
        hold_seconds=record.hold_seconds,
        answered=answered,
        abandoned=None if answered else record.abandoned,
        disposition=record.disposition,
    )


def _of_lane(lane: Lane) -> LegFacts:
    held = round(lane.held.total_seconds())
    return LegFacts(
        agent=AgentTold(source=EventSource.BROWSER.value, agent_id=lane.agent_id),
        started_at=lane.started_at,
        answered_at=lane.answered_at,
        ended_at=lane.ended_at,
        wait_seconds=_between(lane.started_at, lane.answered_at),
        talk_seconds=_between(lane.answered_at, lane.ended_at),
        hold_seconds=held or None,
        answered=True,
    )


def _holds(leg: LegFacts, lane: Lane) -> bool:
    """Whether a record's talk holds that of another agent: then it is of the whole call."""
    begin, end = leg.answered_at or leg.started_at, leg.ended_at
    if not (leg.answered and begin and end and lane.answered_at and lane.ended_at):
        return False
    middle = lane.answered_at + (lane.ended_at - lane.answered_at) / 2
    return begin <= middle <= end


def _without(whole: LegFacts, leg: LegFacts) -> LegFacts:
    if whole.talk_seconds is None:
        return whole
    return replace(whole, talk_seconds=max(0, whole.talk_seconds - (leg.talk_seconds or 0)))


def _agent_of(record: Reading, agent_ids: Mapping[str, int]) -> AgentTold:
    return AgentTold(
        source=record.source.value,
        agent_id=agent_ids.get(record.agent_email.strip().lower()),
        email=record.agent_email,
        name=record.agent_name,
    )


def _wait(records: Sequence[Reading], first_talk: Reading | None) -> int | None:
    """How long the caller waited from the start of the call until somebody answered, or in all."""
    start = _earliest(one.started_at for one in records)
    waited = [
        int((one.started_at.at - start.at).total_seconds()) + one.wait_seconds
        for one in ([first_talk] if first_talk else records)
        if start and one.started_at and one.wait_seconds is not None
    ]
    return max(waited, default=None)


# Records tell whole seconds: of legs of the same seconds the answered one comes first, because
# nobody hands on what nobody has taken.
def _in_time(record: Reading) -> tuple[object, ...]:
    started, ended = _at(record.started_at), _at(record.ended_at)
    order = _order(_at(record.answered_at) or started, started, ended)
    return *order, record.answered is not True, record.callkey, record.agent_email


def _leg_in_time(leg: LegFacts) -> tuple[object, ...]:
    order = _order(leg.answered_at or leg.started_at, leg.started_at, leg.ended_at)
    return *order, leg.answered is not True, leg.callkey, leg.agent.agent_id or 0


def _order(*times: datetime | None) -> tuple[float, ...]:
    """A time that nobody told comes last."""
    return tuple(one.timestamp() if one else inf for one in times)


def _earliest(moments: Iterable[Moment | None]) -> Moment | None:
    return min((one for one in moments if one), key=lambda moment: moment.at, default=None)


def _latest(moments: Iterable[Moment | None]) -> Moment | None:
    return max((one for one in moments if one), key=lambda moment: moment.at, default=None)


def _sum(numbers: Iterable[int | None]) -> int | None:
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None


def _at(moment: Moment | None) -> datetime | None:
    return moment.at if moment else None


def _between(start: datetime | None, end: datetime | None) -> int | None:
    return max(0, int((end - start).total_seconds())) if start and end else None
