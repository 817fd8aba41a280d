"""The legs of a call: the part of each agent, from records and softphones.

A transferred call may come as one record for each leg, all with one activecallkey, or as one record
of the whole; it is not known which of them the vendor sends. A call of one leg has none here: its
row is the leg. Pure; `fold` calls it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from crm.calls.local_time import Moment
from crm.calls.softphone_legs import UP, SoftphoneLeg, seconds_between
from crm.calls.sources import SourceFacts
from crm.models import CallState, EventSource

# A transfer may ring at the next agent while the first one still talks; clocks differ besides.
HANDOVER = timedelta(minutes=2)
_TIMES = ("started_at", "answered_at")


@dataclass(frozen=True, kw_only=True)
class NamedAgent:
    """The call's agent from one source: an agent of ours, or an address at the vendor."""

    source: str
    agent_id: int | None = None
    email: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class LegFacts:
    """One agent's part of a call that several had; see `crm.models.CallLeg`."""

    agent: NamedAgent
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


def records_by_leg(records: Sequence[SourceFacts]) -> list[SourceFacts]:
    """The facts of each leg that has a record, in order of time.

    records: the fullest first. If one leg has two records, the fuller one counts, and the other
    fills its empty fields.
    """
    if len(records) <= 1:  # nearly every call
        return list(records)
    found: list[list[SourceFacts]] = []
    for record in records:
        leg = next((leg for leg in found if _is_same_leg(leg[0], record)), None)
        if leg is None:
            found.append([record])
        else:
            leg.append(record)
    return sorted((_merged(leg) for leg in found), key=_in_time)


def call_of(records: Sequence[SourceFacts]) -> SourceFacts:
    """The facts of the whole call from the records of its legs: it is over when each is, answered
    when one was, and began with the first.
    """
    talks = [one for one in records if one.answered]
    said = [one.answered for one in records]
    first_talk = min(talks, key=_in_time, default=None)
    by_first = _merged(records)
    ends = [one.ended_at for one in records if one.ended_at]
    by_talk = _merged([first_talk or records[0], *records])  # the disposition is that of the talk
    return by_talk._replace(
        over=all(one.over for one in records),
        direction=by_first.direction,
        number=by_first.number,
        line=by_first.line,
        queue=by_first.queue,
        started_at=_earliest(one.started_at for one in records),
        answered_at=_earliest(one.answered_at for one in talks),
        ended_at=max(ends, key=lambda moment: moment.at, default=None),
        wait_seconds=_wait(records, first_talk),
        talk_seconds=_sum(one.talk_seconds for one in talks),
        hold_seconds=_sum(one.hold_seconds for one in records),
        answered=True if talks else (None if None in said else False),
        presumed_answered=None if None in [one.presumed_answered for one in records] else False,
        transferred=any(one.transferred for one in records),
        problems=tuple(dict.fromkeys(text for one in records for text in one.problems)),
    )


def legs_of(
    records: Sequence[SourceFacts],
    at_softphones: Sequence[SoftphoneLeg],
    agent_ids: Mapping[str, int],
) -> tuple[tuple[LegFacts, ...], bool]:
    """The legs from records, and those of agents who talked and are in no record; () for a call of
    one leg. Second: whether the record of a leg is still missing.

    agent_ids: folded addresses at the vendor -> agents here. If a record's agent is not in the CRM,
    the record may belong to any of them, and no leg is added.
    """
    if len(records) <= 1 and not at_softphones:  # all that an import adds
        return (), False
    legs = [_of_record(one, agent_ids) for one in records if one.over]
    known = [leg.agent.agent_id for leg in legs]
    awaited = False
    if None not in known:
        talked = [one for one in at_softphones if one.answered_at and one.agent_id not in known]
        for one in talked:
            leg = _of_softphone(one)
            whole = next((place for place, leg in enumerate(legs) if _holds(leg, one)), None)
            if whole is None:
                awaited = awaited or bool(records)
            elif legs[whole].talk_seconds is not None:  # the two share the talking time
                rest = (legs[whole].talk_seconds or 0) - (leg.talk_seconds or 0)
                legs[whole] = replace(legs[whole], talk_seconds=max(0, rest))
            legs.append(leg)
    if len(legs) <= 1:
        return (), False
    return tuple(sorted(legs, key=_leg_in_time)), awaited


def goes_on(
    records: Sequence[SourceFacts],
    at_softphones: Sequence[SoftphoneLeg],
    agent_ids: Mapping[str, int],
) -> bool:
    """Whether the call is still up at an agent after the end in its records, or posts: those belong
    to the agents who transferred it.
    """
    if not at_softphones:
        return False
    had_it = {_agent_of(one, agent_ids).agent_id for one in records}
    ended = [(one, one.ended_at.at) for one in records if one.over and one.ended_at]
    if not ended or None in had_it:
        return False
    end = max(at for _one, at in ended)
    turned = max(_turned(one, at) for one, at in ended)
    return any(
        leg.agent_id not in had_it
        and leg.state is not CallState.ENDED
        and leg.rung_at is not None
        and leg.rung_at >= end - HANDOVER
        and (leg.state in UP or leg.rung_at > turned)
        for leg in at_softphones
    )


def _turned(one: SourceFacts, ended_at: datetime) -> datetime:
    """The middle of a leg's ring. An agent whose phone began to ring before it rang at the same
    time and is not the next agent. Clocks differ, so the end of the ring cannot decide.
    """
    until = one.answered_at.at if one.answered_at else ended_at
    began = one.started_at.at if one.started_at else until
    return began + max(until - began, timedelta()) / 2


def agents_of(records: Sequence[SourceFacts]) -> list[NamedAgent]:
    """The agents in the records: the last to talk first, then the last who was offered the call."""
    in_order = records
    if len(records) > 1:
        in_order = sorted(records, key=lambda one: (one.answered is True, _in_time(one)))
    return [
        NamedAgent(source=one.source.value, email=one.agent_email, name=one.agent_name)
        for one in reversed(in_order)
        if one.agent_email or one.agent_name
    ]


def _is_same_leg(fuller: SourceFacts, other: SourceFacts) -> bool:
    """A callkey names the leg of a record. Without one, or if the vendor gives all legs of a call
    the same, another agent at another time is another leg.
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


def _merged(records: Sequence[SourceFacts]) -> SourceFacts:
    """For each field the first value that is not empty."""
    if len(records) == 1:
        return records[0]
    values: dict[str, Any] = {}
    for name in SourceFacts._fields:
        told = [getattr(one, name) for one in records]
        filled = (value for value in told if value is not None and value not in ("", ()))
        values[name] = next(filled, told[0])
    values["over"] = any(one.over for one in records)
    values["withheld"] = any(one.withheld for one in records)
    return SourceFacts(**values)


def _of_record(record: SourceFacts, agent_ids: Mapping[str, int]) -> LegFacts:
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


def _of_softphone(leg: SoftphoneLeg) -> LegFacts:
    return LegFacts(
        agent=NamedAgent(source=EventSource.BROWSER.value, agent_id=leg.agent_id),
        started_at=leg.started_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        wait_seconds=seconds_between(leg.started_at, leg.answered_at),
        talk_seconds=seconds_between(leg.answered_at, leg.ended_at),
        hold_seconds=round(leg.held.total_seconds()) or None,
        answered=True,
    )


def _holds(record: LegFacts, leg: SoftphoneLeg) -> bool:
    """Whether a record's talk contains another agent's talk: then it is of the whole call."""
    begin, end = record.answered_at or record.started_at, record.ended_at
    if not (record.answered and begin and end and leg.answered_at and leg.ended_at):
        return False
    middle = leg.answered_at + (leg.ended_at - leg.answered_at) / 2
    return begin <= middle <= end


def _agent_of(record: SourceFacts, agent_ids: Mapping[str, int]) -> NamedAgent:
    return NamedAgent(
        source=record.source.value,
        agent_id=agent_ids.get(record.agent_email.strip().lower()),
        email=record.agent_email,
        name=record.agent_name,
    )


def _wait(records: Sequence[SourceFacts], first_talk: SourceFacts | None) -> int | None:
    """Seconds that the caller waited from the start of the call until the answer, or in all."""
    start = _earliest(one.started_at for one in records)
    waited = [
        int((one.started_at.at - start.at).total_seconds()) + one.wait_seconds
        for one in ([first_talk] if first_talk else records)
        if start and one.started_at and one.wait_seconds is not None
    ]
    return max(waited, default=None)


# Records give whole seconds. Of legs with the same seconds the answered one comes first, because a
# call must be answered before it is transferred.
def _in_time(record: SourceFacts) -> tuple[object, ...]:
    started, ended = _at(record.started_at), _at(record.ended_at)
    order = _order(_at(record.answered_at) or started, started, ended)
    return *order, record.answered is not True, record.callkey, record.agent_email


def _leg_in_time(leg: LegFacts) -> tuple[object, ...]:
    order = _order(leg.answered_at or leg.started_at, leg.started_at, leg.ended_at)
    return *order, leg.answered is not True, leg.callkey, leg.agent.agent_id or 0


def _order(*times: datetime | None) -> tuple[float, ...]:
    """An unknown time comes last."""
    return tuple(one.timestamp() if one else inf for one in times)


def _earliest(moments: Iterable[Moment | None]) -> Moment | None:
    return min((one for one in moments if one), key=lambda moment: moment.at, default=None)


def _sum(numbers: Iterable[int | None]) -> int | None:
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None


def _at(moment: Moment | None) -> datetime | None:
    return moment.at if moment else None
