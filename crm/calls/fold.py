"""Folds the events of a call into its facts: any order and any repetition give the same facts.

Each field is taken from the surest source that reports it. The orders below are the whole rule;
docs/calls.md gives the reasons. Pure; `apply` calls it whenever an event comes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crm.calls import legs
from crm.calls.events import DIAL_FAILED, DIAL_NOT_TAKEN, GONE, Event
from crm.calls.legs import LegFacts, NamedAgent
from crm.calls.local_time import Moment, TenantClock
from crm.calls.notes import Note, wrap_up_of
from crm.calls.softphone_legs import (
    CardFacts,
    SoftphoneLeg,
    cards_of,
    facts_of_messages,
    softphone_legs_of,
    state_of,
)
from crm.calls.sources import SourceFacts, at_arrival, facts_of
from crm.models import CallState, Direction, EventSource
from crm.models.call import NOT_TAKEN, UNDATED
from crm.phone_numbers import caller_kind, normal_form

CDR = EventSource.CDR
HANGUP = EventSource.HANGUP
ACTIVE_CALL = EventSource.ACTIVE_CALL
DIAL = EventSource.DIAL
BROWSER = EventSource.BROWSER
NOTIFICATION = EventSource.NOTIFICATION

# A notification is last: the customer chose the names and values of its parameters. For the agent
# and the answer it comes before a browser, which sees one agent.
SUREST = (CDR, HANGUP, ACTIVE_CALL, DIAL, BROWSER, NOTIFICATION)
SUREST_DIRECTION = (CDR, ACTIVE_CALL, HANGUP, DIAL, BROWSER, NOTIFICATION)
# What we dialled, we know.
SUREST_NUMBER = (DIAL, CDR, HANGUP, ACTIVE_CALL, BROWSER, NOTIFICATION)
SUREST_LINE = (CDR, ACTIVE_CALL, HANGUP, NOTIFICATION)
SUREST_ANSWERED = (CDR, HANGUP, ACTIVE_CALL, NOTIFICATION, BROWSER)
SUREST_ANSWER_TIME = (CDR, ACTIVE_CALL, BROWSER)
# The post and the notification do not give the wait, so their end is a guess.
SUREST_END = (CDR, BROWSER, HANGUP, NOTIFICATION)
SIGNS_OF_LIFE = (BROWSER, ACTIVE_CALL, HANGUP, NOTIFICATION, CDR)
LONGEST_NORMAL_FORM = 50


class CallFacts(NamedTuple):
    """The facts of a call from its events; see `crm.models.Call` for the fields' meaning."""

    direction: Direction | None
    state: CallState
    state_since: datetime
    number: str
    normal_form: str | None
    caller_kind: str
    line: str
    queue: str
    agents: tuple[NamedAgent, ...]  # the call's agents, the surest source first
    contact_id: int | None  # chosen by an agent or meant by the dial; None leaves it to the number
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
    abandoned: bool | None
    record_problems: str
    transferred: bool
    voicemail_text: str
    legs: tuple[LegFacts, ...]  # () for a call that one agent had
    sources: dict[str, str]
    cards: dict[int, CardFacts]  # agent id -> state there


@dataclass
class Sources:
    """The facts from all sources, for each source the fullest first."""

    by_source: dict[EventSource, list[SourceFacts]]
    believed: dict[str, str] = field(default_factory=dict)  # field name -> the source

    def by(self, order: Iterable[EventSource]) -> Iterator[SourceFacts]:
        """All facts, those of the surest source first."""
        for source in order:
            yield from self.by_source.get(source, ())

    def first(self, name: str, order: Iterable[EventSource] = SUREST) -> Any:
        """The field's value from the surest source that has one, None if none has."""
        for source in order:
            for facts in self.by_source.get(source, ()):
                value = getattr(facts, name)
                if value is not None and value != "":
                    self.believed[name] = source.value
                    return value
        return None


class Number(NamedTuple):
    """The other party. `normal_form` of a masked number may be known, for the match alone."""

    as_it_came: str
    normal_form: str | None
    kind: str
    told_by: EventSource | None


class Times(NamedTuple):
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
    """The facts of a call from its events; at least one is needed.

    zone: the tenant's, in which the vendor gives times. region: "TR", the country of its national
    numbers. agent_ids: folded addresses at the vendor -> agents here, for the addresses in the
    events; a call of a single event needs none.
    """
    events = list({event.digest: event for event in events}.values())
    agent_ids = agent_ids or {}
    at_softphones = softphone_legs_of(events)
    sources = _sources(events, at_softphones, zone)
    problem = _dial_problem(events)

    # Records of one call are its legs. Each has its own number; otherwise they are combined.
    of_each_record: list[SourceFacts] = []
    records = legs.records_by_leg(sources.by_source.get(CDR, []))
    if len(records) > 1:
        of_each_record = sources.by_source[CDR]
        sources.by_source[CDR] = [legs.call_of(records)]
    call_legs, awaited = legs.legs_of(records, at_softphones, agent_ids)
    ends = {CDR: records, HANGUP: sources.by_source.get(HANGUP, [])}
    going_on = {one for one in ends if legs.goes_on(ends[one], at_softphones, agent_ids)}

    given = [one for one in sources.by(sources.by_source) if one.source not in going_on]
    over = bool(problem) or any(one.over for one in given)
    state = state_of(at_softphones, given, over=over)
    ended = state is CallState.ENDED
    answered = _answered(sources)
    if any(leg.answered for leg in call_legs):
        answered = True
    times = _times(sources, events, answered=answered, over=ended)
    wait = sources.first("wait_seconds")
    if awaited:
        times = _spanned(times, call_legs)
        if times.answered is not None:
            wait = int((times.answered - times.started).total_seconds())
    # A call of several legs has their sum, so that the agents' figures add up to the call's.
    talk = sources.first("talk_seconds") if answered and (ended or not going_on) else None
    talks = [leg.talk_seconds for leg in call_legs if leg.talk_seconds is not None]
    if talks and answered and (ended or not going_on):
        talk = sum(talks)

    number = _number([*sources.by(SUREST_NUMBER), *of_each_record], region)
    if number.told_by is not None:
        sources.believed["number"] = number.told_by.value
    in_state = (leg.since for leg in at_softphones if leg.state is state and leg.since)
    since = max(in_state, default=None)
    of_records = sources.by_source.get(CDR, [])
    words = wrap_up_of(events)
    agents = _agents(sources, records, at_softphones)
    emails = [one.email.strip().lower() for one in agents if one.email]
    return CallFacts(
        direction=sources.first("direction", SUREST_DIRECTION),
        state=state,
        state_since=times.ended or since or times.answered or times.started,
        number=number.as_it_came,
        normal_form=number.normal_form,
        caller_kind=number.kind,
        line=_line(sources, number, region),
        queue=sources.first("queue") or "",
        agents=agents,
        contact_id=words.contact_id,
        started_at=times.started,
        answered_at=times.answered,
        ended_at=times.ended,
        wait_seconds=wait,
        talk_seconds=talk,
        hold_seconds=sources.first("hold_seconds"),
        answered=answered,
        abandoned=None if answered else sources.first("abandoned"),
        disposition=sources.first("disposition") or "",
        hangup_cause=sources.first("hangup_cause") or "",
        recording_url=sources.first("recording_url"),
        dial_problem=problem,
        outcome=words.outcome,
        notes=words.notes,
        missed_done=words.missed_done,
        callback_of_id=words.callback_of_id,
        time_uncertain=times.uncertain,
        complete=CDR not in going_on and not awaited and any(one.over for one in of_records),
        record_problems="; ".join(next((one.problems for one in of_records), ())),
        transferred=any(one.transferred for one in of_records)
        or sum(leg.answered is True for leg in call_legs) > 1,
        voicemail_text=sources.first("voicemail_text") or "",
        legs=call_legs,
        sources=sources.believed | words.sources,
        cards=cards_of(
            at_softphones,
            answered_at=times.answered,
            ended_at=times.ended,
            takers={agent_ids.get(email) for email in emails} if answered else (),
            writers=words.writers,
        ),
    )


def _sources(events: list[Event], at_softphones: list[SoftphoneLeg], zone: ZoneInfo) -> Sources:
    """The facts of all events, for each source the fullest first.

    Times of the browser and of our own dials are UTC; they decide the repeated hour. The softphone
    overrules a notification: if the call rings or is answered after it, the call had not ended.
    """
    known = tuple(event.occurred_at for event in events if event.source in (BROWSER, DIAL))
    clock = TenantClock(zone, known)
    went_on = [at for leg in at_softphones for at in (leg.rung_at, leg.answered_at) if at]
    by_source: dict[EventSource, list[SourceFacts]] = {}
    for event in events:
        facts = facts_of(event, clock)
        if facts is None:
            continue
        if facts.source is NOTIFICATION and any(at > event.occurred_at for at in went_on):
            facts = at_arrival(facts)
        elif facts.source is NOTIFICATION and facts.answered is False:
            talked = any(leg.answered_at for leg in at_softphones)
            facts = facts._replace(answered=None) if talked else facts
        by_source.setdefault(facts.source, []).append(facts)
    by_softphones = facts_of_messages(events, at_softphones)
    if by_softphones is not None:
        by_source[BROWSER] = [by_softphones]
    for of_source in by_source.values():
        of_source.sort(key=lambda facts: facts.rank, reverse=True)
    return Sources(by_source)


def _dial_problem(events: list[Event]) -> str:
    """Why a dial came to nothing; "" as soon as any source reports the call."""
    if any(event.source in SIGNS_OF_LIFE and event.kind != GONE for event in events):
        return ""
    failed = [event for event in events if event.kind == DIAL_FAILED]
    if failed:
        last = max(failed, key=lambda event: (event.occurred_at, event.digest))
        return str(last.payload.get("reason") or "")
    return NOT_TAKEN if any(event.kind == DIAL_NOT_TAKEN for event in events) else ""


def _answered(sources: Sources) -> bool | None:
    """Whether the call was answered; a record's presumption counts only if no source says it."""
    said: bool | None = sources.first("answered", SUREST_ANSWERED)
    if said is not None:
        return said
    presumed: bool | None = sources.first("presumed_answered", (CDR,))
    if presumed is not None:
        sources.believed["answered"] = sources.believed.pop("presumed_answered")
    return presumed


def _times(sources: Sources, events: list[Event], *, answered: bool | None, over: bool) -> Times:
    """The sources' clocks differ by seconds, so each time is at least the one before it.

    Events during a call come at its time; a record does not.
    """
    nobodys_time = (EventSource.AGENT, EventSource.CDR)
    seen = [event.occurred_at for event in events if event.source not in nobodys_time]
    began: Moment | None = sources.first("started_at")
    if began is None and not sources.by_source.keys() - {CDR}:
        return Times(UNDATED, None, None, uncertain=False)  # a record may come years later
    began = began or Moment(min(seen or [event.occurred_at for event in events]))
    talked: Moment | None = None
    if answered is not False:
        talked = sources.first("answered_at", SUREST_ANSWER_TIME)
    ended: Moment | None = None
    if over:
        ended = sources.first("ended_at", SUREST_END) or Moment(max(seen, default=began.at))
    answered_at = max(began.at, talked.at) if talked else None
    return Times(
        started=began.at,
        answered=answered_at,
        ended=max(answered_at or began.at, ended.at) if ended else None,
        uncertain=any(moment.uncertain for moment in (began, talked, ended) if moment),
    )


def _spanned(times: Times, call_legs: Sequence[LegFacts]) -> Times:
    """While the record of one of the legs is missing, the softphones' times fill the gap."""
    starts = [leg.started_at for leg in call_legs if leg.started_at]
    answers = [leg.answered_at for leg in call_legs if leg.answered_at]
    ends = [leg.ended_at for leg in call_legs if leg.ended_at]
    return times._replace(
        started=min([times.started, *starts]),
        answered=min(answers, default=times.answered),
        ended=max([times.ended, *ends]) if times.ended else None,
    )


def _number(all_facts: Iterable[SourceFacts], region: str) -> Number:
    """The other party's number; `all_facts` with the surest first.

    Once any source says that the tenant hides the number, nobody sees it, even if another source
    gives it.
    """
    told = [facts for facts in all_facts if facts.number is not None]
    readable = next((one for one in told if caller_kind(one.number) == "number"), None)
    best = readable or next((one for one in told if one.number), None)
    as_it_came = (best.number if best else None) or ""
    normal = normal_form(as_it_came, region) if readable else ""
    kind = "number" if readable is not None or not told else "anonymous"
    if any(one.withheld or caller_kind(one.number) == "masked" for one in told):
        kind = "masked"
    known = 0 < len(normal) <= LONGEST_NORMAL_FORM
    return Number(as_it_came, normal if known else None, kind, best.source if best else None)


def _line(sources: Sources, other_party: Number, region: str) -> str:
    """Our own number: never the other party's, which a post may hold instead.

    Only a record is believed if both numbers are the same and visible.
    """
    line: str = sources.first("line", SUREST_LINE) or ""
    if sources.believed.get("line") == CDR.value and other_party.kind == "number":
        return line
    return "" if line and normal_form(line, region) == other_party.normal_form else line


def _agents(
    sources: Sources, records: list[SourceFacts], at_softphones: list[SoftphoneLeg]
) -> tuple[NamedAgent, ...]:
    """The vendor's agents first; then the softphone that answered, else rang last.

    A record may name an agent without an address.
    """
    by_vendor = legs.agents_of(records) + [
        NamedAgent(source=facts.source.value, email=facts.agent_email)
        for facts in sources.by((HANGUP, NOTIFICATION))
        if facts.agent_email
    ]
    latest = [
        (at.timestamp() if at else 0.0, leg.agent_id)
        for leg in [leg for leg in at_softphones if leg.answered_at] or at_softphones
        for at in [leg.answered_at or leg.rung_at or leg.since]
    ]
    ours = [
        NamedAgent(source=BROWSER.value, agent_id=agent_id)
        for _at, agent_id in sorted(latest, reverse=True)
    ]
    return tuple(by_vendor + ours)
