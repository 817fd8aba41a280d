"""Folds the events of a call into what is known of it: any order, any repetition, the same facts.

Pure. Each field is taken from the surest source that tells it; the orders below are the whole
rule, docs/calls.md says why. Called by `crm.calls.apply` whenever an event comes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm.calls import browser, legs, own_words, readings, states
from crm.calls.events import DIAL_FAILED, DIAL_NOT_TAKEN, GONE, Event
from crm.calls.facts import AgentTold, CallFacts, LegFacts
from crm.calls.lanes import Lane, lanes_of
from crm.calls.numbers import Number, number_of
from crm.calls.readings import Reading
from crm.calls.times import Moment, TenantClock
from crm.models import EventSource
from crm.models.call import NOT_TAKEN, UNDATED
from crm.phone_numbers import normal_form

CDR = EventSource.CDR
HANGUP = EventSource.HANGUP
ACTIVE_CALL = EventSource.ACTIVE_CALL
DIAL = EventSource.DIAL
BROWSER = EventSource.BROWSER
NOTIFICATION = EventSource.NOTIFICATION

# A notification stands last: the customer chose what its parameters are called and hold. Who had
# the call and whether anybody did, it knows better than a browser, which sees one agent.
SUREST = (CDR, HANGUP, ACTIVE_CALL, DIAL, BROWSER, NOTIFICATION)
SUREST_DIRECTION = (CDR, ACTIVE_CALL, HANGUP, DIAL, BROWSER, NOTIFICATION)
# What we dialled, we know.
SUREST_NUMBER = (DIAL, CDR, HANGUP, ACTIVE_CALL, BROWSER, NOTIFICATION)
SUREST_LINE = (CDR, ACTIVE_CALL, HANGUP, NOTIFICATION)
SUREST_ANSWERED = (CDR, HANGUP, ACTIVE_CALL, NOTIFICATION, BROWSER)
SUREST_ANSWER_TIME = (CDR, ACTIVE_CALL, BROWSER)
# The post and the notification do not tell the wait, so their end is a guess.
SUREST_END = (CDR, BROWSER, HANGUP, NOTIFICATION)
SIGNS_OF_LIFE = (BROWSER, ACTIVE_CALL, HANGUP, NOTIFICATION, CDR)


@dataclass
class Told:
    """All readings of a call, of each source the fullest first; `sources`: who was believed."""

    by_source: dict[EventSource, list[Reading]]
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def readings(self) -> list[Reading]:
        """All of them."""
        return [one for of_source in self.by_source.values() for one in of_source]

    def by(self, order: Iterable[EventSource]) -> Iterator[Reading]:
        """The readings, those of the surest source first."""
        for source in order:
            yield from self.by_source.get(source, ())

    def first(self, name: str, order: Iterable[EventSource] = SUREST) -> Any:
        """The field's value from the surest source that has one, None when nobody has."""
        for source in order:
            for reading in self.by_source.get(source, ()):
                value = getattr(reading, name)
                if value is not None and value != "":
                    self.sources[name] = source.value
                    return value
        return None


@dataclass(frozen=True)
class Times:
    """When a call started, was answered and ended, in this order."""

    started: datetime
    answered: datetime | None
    ended: datetime | None
    uncertain: bool


def fold(
    events: Iterable[Event],
    *,
    zone: ZoneInfo,
    region: str,
    agent_ids: Mapping[str, int] | None = None,
) -> CallFacts:
    """What the events of one call say together; at least one is needed.

    zone: the tenant's, in which the vendor tells times. region: "TR", where its national numbers
    are at home. agent_ids: folded addresses at the vendor -> agents here, of those that the events
    name; a call of a single event needs none.
    """
    events = list({event.digest: event for event in events}.values())
    lanes = lanes_of(events)
    told = _told(events, lanes, zone)
    problem = _dial_problem(events)
    numbers = told.readings
    records = legs.records_of(told.by_source.get(CDR, []))
    if len(records) > 1:
        told.by_source[CDR] = [legs.together(records)]
    ends = {CDR: records, HANGUP: told.by_source.get(HANGUP, [])}
    going_on = {one for one in ends if legs.goes_on(ends[one], lanes, agent_ids or {})}
    given = [one for one in told.readings if one.source not in going_on]
    over = bool(problem) or any(reading.over for reading in given)
    state = states.state_of(lanes, given, over)
    parts = legs.legs_of(records, lanes, agent_ids or {})
    answered = _answered(told)
    if any(leg.answered for leg in parts.legs):
        answered = True
    times = _times(told, events, answered=answered, over=states.is_over(state))
    if parts.awaited:
        times = _spanned(times, parts.legs)
    number, told_by = number_of([*told.by(SUREST_NUMBER), *numbers], region)
    words = own_words.of(events)
    takers = _takers(told, records, agent_ids or {})
    taken = states.Taken(takers, times.answered) if answered else None
    still_up = bool(going_on) and not states.is_over(state)
    is_told = CDR not in going_on and not parts.awaited
    if told_by:
        told.sources["number"] = told_by.value
    return CallFacts(
        direction=told.first("direction", SUREST_DIRECTION),
        state=state,
        state_since=times.ended or states.since(lanes, state) or times.answered or times.started,
        number=number.as_it_came,
        normal_form=number.normal_form,
        caller_kind=number.kind,
        line=_line(told, number, region),
        queue=told.first("queue") or "",
        agents=_agents(told, records, lanes),
        contact_id=words.contact_id,
        started_at=times.started,
        answered_at=times.answered,
        ended_at=times.ended,
        wait_seconds=_wait_seconds(told, times, awaited=parts.awaited),
        talk_seconds=_talk_seconds(told, parts.legs) if answered and not still_up else None,
        hold_seconds=told.first("hold_seconds"),
        answered=answered,
        abandoned=None if answered else told.first("abandoned"),
        disposition=told.first("disposition") or "",
        hangup_cause=told.first("hangup_cause") or "",
        recording_url=told.first("recording_url"),
        dial_problem=problem,
        outcome=words.outcome,
        notes=words.notes,
        missed_done=words.missed_done,
        callback_of_id=words.callback_of_id,
        time_uncertain=times.uncertain,
        complete=is_told and any(one.over for one in told.by((CDR,))),
        record_problems="; ".join(next((one.problems for one in told.by((CDR,))), ())),
        transferred=_is_transferred(told, parts.legs),
        voicemail_text=told.first("voicemail_text") or "",
        legs=parts.legs,
        sources=told.sources | words.sources,
        cards=states.cards(lanes, times.ended, words.writers, taken),
    )


def _told(events: list[Event], lanes: list[Lane], zone: ZoneInfo) -> Told:
    """Times of the browser and of our own dials are UTC; they decide the repeated hour."""
    known = tuple(event.occurred_at for event in events if event.source in (BROWSER, DIAL))
    clock = TenantClock(zone, known)
    found = [*(_reading(event, clock, lanes) for event in events), browser.read(events, lanes)]
    by_source: dict[EventSource, list[Reading]] = {}
    for reading in found:
        if reading is not None:
            by_source.setdefault(reading.source, []).append(reading)
    for of_source in by_source.values():
        of_source.sort(key=lambda reading: reading.rank, reverse=True)  # the fullest first
    return Told(by_source)


def _reading(event: Event, clock: TenantClock, lanes: list[Lane]) -> Reading | None:
    """What an event says. Of a notification only what the softphone does not show to be wrong: a
    call that rings or is answered after it has not ended with it.
    """
    reading = readings.read(event, clock)
    if reading is None or reading.source is not NOTIFICATION:
        return reading
    went_on = [at for lane in lanes for at in (lane.rung_at, lane.answered_at) if at]
    if any(at > event.occurred_at for at in went_on):
        return readings.of_arrival(reading)
    if reading.answered is False and any(lane.answered_at for lane in lanes):
        return replace(reading, answered=None)
    return reading


def _answered(told: Told) -> bool | None:
    """Whether anybody did; what a record leaves unsaid counts after all that is said."""
    said: bool | None = told.first("answered", SUREST_ANSWERED)
    if said is not None:
        return said
    presumed: bool | None = told.first("presumed_answered", (CDR,))
    if presumed is not None:
        told.sources["answered"] = told.sources.pop("presumed_answered")
    return presumed


def _times(told: Told, events: list[Event], *, answered: bool | None, over: bool) -> Times:
    """Sources' clocks differ by seconds, so each time is at least the one before it.

    What is told while a call is up comes at its time; a record does not.
    """
    nobodys_time = (EventSource.AGENT, EventSource.CDR)
    seen = [event.occurred_at for event in events if event.source not in nobodys_time]
    began: Moment | None = told.first("started_at")
    if began is None and not told.by_source.keys() - {CDR}:
        return Times(UNDATED, None, None, uncertain=False)  # a record may come years later
    began = began or Moment(min(seen or [event.occurred_at for event in events]))
    talked: Moment | None = None
    if answered is not False:
        talked = told.first("answered_at", SUREST_ANSWER_TIME)
    ended: Moment | None = None
    if over:
        ended = told.first("ended_at", SUREST_END) or Moment(max(seen, default=began.at))
    answered_at = max(began.at, talked.at) if talked else None
    return Times(
        started=began.at,
        answered=answered_at,
        ended=max(answered_at or began.at, ended.at) if ended else None,
        uncertain=any(moment.uncertain for moment in (began, talked, ended) if moment),
    )


def _spanned(times: Times, parts: Sequence[LegFacts]) -> Times:
    """While the record of one of the legs is missing, the softphones know the rest."""
    starts = [leg.started_at for leg in parts if leg.started_at]
    answers = [leg.answered_at for leg in parts if leg.answered_at]
    ends = [leg.ended_at for leg in parts if leg.ended_at]
    return replace(
        times,
        started=min([times.started, *starts]),
        answered=min(answers, default=times.answered),
        ended=max([times.ended, *ends]) if times.ended else None,
    )


def _wait_seconds(told: Told, times: Times, *, awaited: bool) -> int | None:
    waited: int | None = told.first("wait_seconds")
    if awaited and times.answered is not None:
        return int((times.answered - times.started).total_seconds())
    return waited


def _dial_problem(events: list[Event]) -> str:
    """Why a dial came to nothing; "" as soon as anybody has heard of the call."""
    if any(event.source in SIGNS_OF_LIFE and event.kind != GONE for event in events):
        return ""
    failed = [event for event in events if event.kind == DIAL_FAILED]
    if failed:
        last = max(failed, key=lambda event: (event.occurred_at, event.digest))
        return str(last.payload.get("reason") or "")
    return NOT_TAKEN if any(event.kind == DIAL_NOT_TAKEN for event in events) else ""


def _talk_seconds(told: Told, parts: Sequence[LegFacts]) -> int | None:
    """Of a call of several legs, what they come to: so the agents' figures add up to the call's."""
    whole: int | None = told.first("talk_seconds")
    talks = [leg.talk_seconds for leg in parts if leg.talk_seconds is not None]
    return sum(talks) if talks else whole


def _line(told: Told, other_party: Number, region: str) -> str:
    """Our own number: never that of the other party, whom a post may name in its place.

    Only a record is believed that somebody dialled our number from it, where both may be seen.
    """
    line: str = told.first("line", SUREST_LINE) or ""
    if told.sources.get("line") == CDR.value and other_party.kind == "number":
        return line
    return "" if line and normal_form(line, region) == other_party.normal_form else line


def _is_transferred(told: Told, parts: Sequence[LegFacts]) -> bool:
    says_so = any(one.transferred for one in told.by((CDR,)))
    return says_so or sum(leg.answered is True for leg in parts) > 1


def _agents(told: Told, records: list[Reading], lanes: list[Lane]) -> tuple[AgentTold, ...]:
    """The vendor's word first; among the browsers, the one that answered, else rang last.

    A record may name an agent without an address.
    """
    vendor = legs.agents_of(records) + [
        AgentTold(source=reading.source.value, email=reading.agent_email)
        for reading in told.by((HANGUP, NOTIFICATION))
        if reading.agent_email
    ]
    answered = [lane for lane in lanes if lane.answered_at]
    own = [
        AgentTold(source=BROWSER.value, agent_id=lane.agent_id)
        for lane in sorted(answered or lanes, key=_latest, reverse=True)
    ]
    return tuple(vendor + own)


def _takers(
    told: Told, records: list[Reading], agent_ids: Mapping[str, int]
) -> frozenset[int | None]:
    """The agents of ours whom the vendor names, for an answer that no browser told."""
    named = [agent.email for agent in _agents(told, records, []) if agent.email]
    return frozenset(agent_ids.get(email.strip().lower()) for email in named)


def _latest(lane: Lane) -> tuple[float, int]:
    moment = lane.answered_at or lane.rung_at or lane.since
    return (moment.timestamp() if moment else 0.0, lane.agent_id)
