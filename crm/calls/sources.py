"""The facts that each source gives about a call, field by field, and the problems of a record.

One event becomes one `SourceFacts`; `fold` chooses among them. `softphone_legs` combines the
softphone's messages. docs/calls.md says which source knows what. Pure.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crm.callcenterstudio.dispositions import canonical, says_answered
from crm.callcenterstudio.results import ActiveCall, CdrRecord
from crm.callcenterstudio.webhooks import HangupReport
from crm.calls.events import ACTIVE_CALL, DIAL, Event, cdr_of, notification_of
from crm.calls.local_time import Moment, TenantClock, plus
from crm.models import Direction, EventSource

AHEAD_AT_MOST = timedelta(days=1)  # clocks differ, and zones may be set wrong, but not by a day
DATES = ("calldate", "queuedate", "talkdate", "hangupdate")
NOTHING = (None, "None", "null")
NO_KEY = "the record has no key that names its call"
END_BEFORE_START = "hangupdate lies before calldate"


class SourceFacts(NamedTuple):
    """The facts of one event; None or "" where it has none."""

    source: EventSource
    callkey: str = ""  # of a record
    transaction_id: str = ""  # of a record
    over: bool = False  # it says that the call has ended
    direction: Direction | None = None
    number: str | None = None
    line: str = ""
    withheld: bool = False
    agent_email: str = ""
    agent_name: str = ""
    queue: str = ""
    started_at: Moment | None = None
    answered_at: Moment | None = None
    ended_at: Moment | None = None
    wait_seconds: int | None = None
    talk_seconds: int | None = None
    hold_seconds: int | None = None
    answered: bool | None = None
    presumed_answered: bool | None = None  # counts if no source says more
    abandoned: bool | None = None
    disposition: str = ""
    hangup_cause: str = ""
    recording_url: str = ""
    transferred: bool = False
    voicemail_text: str = ""
    problems: tuple[str, ...] = ()  # the problems of a record, in words
    rank: tuple[object, ...] = ()  # of two events of one source the fuller one ranks higher


def facts_of(event: Event, clock: TenantClock) -> SourceFacts | None:
    """The facts of an event, None if it has none about the whole call."""
    if event.source is EventSource.CDR:
        return _of_cdr(cdr_of(event), clock, event)
    if event.source is EventSource.HANGUP:
        return _of_hangup(HangupReport.parse(event.payload), clock, event)
    if event.source is EventSource.NOTIFICATION:
        return _of_notification(event, clock)
    if event.kind == ACTIVE_CALL:
        call = ActiveCall.parse(event.payload)
        return SourceFacts(
            source=EventSource.ACTIVE_CALL,
            direction=_direction(call.inbound),
            number=call.other_party or None,
            line=_line(call.inbound, call.callerid, call.called_num),
            queue=call.queue,
            started_at=clock.read(call.calldate, near=[event.occurred_at]),
            answered_at=clock.read(call.talkdate, near=[event.occurred_at]),
            answered=True if call.talkdate else None,
            rank=(event.occurred_at, event.digest),
        )
    if event.kind == DIAL:
        return SourceFacts(
            source=EventSource.DIAL,
            direction=Direction.OUTBOUND,
            number=str(event.payload.get("number") or ""),
            withheld=bool(event.payload.get("masked")),
            started_at=Moment(event.occurred_at),
            rank=(event.occurred_at, event.digest),
        )
    return None


def _of_hangup(report: HangupReport, clock: TenantClock, event: Event) -> SourceFacts:
    """The post comes for calls that were dialled here, so `called_num` is the other party."""
    started = clock.read(report.call_date)
    answered = says_answered(report.disposition)
    if answered is None and report.duration and report.agent_username:
        answered = True  # whatever its word means: somebody talked
    return SourceFacts(
        source=EventSource.HANGUP,
        over=True,
        direction=Direction.OUTBOUND,
        number=report.called_num or None,
        line=report.caller_id,
        agent_email=report.agent_username,
        started_at=started,
        ended_at=plus(started, report.duration),  # the wait is not given: this is the earliest end
        talk_seconds=report.duration if answered else None,
        answered=answered,
        disposition=canonical(report.disposition),
        rank=(answered is True, _filled(event.payload.values()), event.digest),
    )


def _of_notification(event: Event, clock: TenantClock) -> SourceFacts:
    """The IVR is reached by calls that come in, and reports their end (vendor's guide).

    The guide's three endings: no queue; a queue without an agent; after an agent. A step that has
    no parameter for the agent says nothing about an answer, nor does an unknown word: then the
    record decides. If the softphone reports the call going on afterwards, the notification was sent
    at the arrival: `at_arrival`.
    """
    report = notification_of(event)
    started = clock.read(report.call_date, near=[event.occurred_at])
    answered = says_answered(report.disposition)
    if answered is None and report.agent_email:
        answered = None if report.duration == 0 else True
    elif answered is None and report.agent_told:
        answered = False
    told = (
        *(report.number, report.called, report.agent_email, report.queue),
        *(report.duration, report.disposition, report.call_date),
    )
    return SourceFacts(
        source=EventSource.NOTIFICATION,
        over=True,
        direction=Direction.INBOUND,
        number=report.number or None,
        line=report.called,
        agent_email=report.agent_email,
        queue=report.queue,
        started_at=started,
        ended_at=plus(started, report.duration),
        talk_seconds=report.duration if answered else None,
        answered=answered,
        abandoned=True if answered is False and report.queue else None,
        disposition=canonical(report.disposition),
        rank=(answered is True, _filled(told), event.occurred_at, event.digest),
    )


def at_arrival(facts: SourceFacts) -> SourceFacts:
    """The facts of a notification sent at the arrival, without those about the end."""
    return facts._replace(
        over=False,
        ended_at=None,
        talk_seconds=None,
        answered=None,
        abandoned=None,
        disposition="",
    )


def _of_cdr(record: CdrRecord, clock: TenantClock, event: Event) -> SourceFacts:
    # "hangup" is the only status ever seen.
    ended = record.hangupdate or record.duration is not None or record.disposition
    over = bool(ended) or record.status in ("", "hangup")
    # By its flag, else its word, else by traces that only a talk leaves.
    answered = record.answered
    if answered is None and over:
        answered = says_answered(record.disposition)
        talked = record.duration and (record.agentid or record.agent)
        if answered is None and (talked or record.talkdate):
            answered = True
    # The start from the order of a page's records, if it is in a repeated hour.
    told = event.payload.get("started_at")
    told_start = datetime.fromisoformat(told) if isinstance(told, str) else None
    latest = latest_believed(event.occurred_at, clock.zone)
    ahead = _ahead(record, latest)  # a call of the year 2099 has not happened yet
    believed = replace(record, **dict.fromkeys(ahead)) if ahead else record  # type: ignore[arg-type]
    started_at, answered_at, ended_at = _times(believed, clock, told_start, answered=answered)
    return SourceFacts(
        source=EventSource.CDR,
        callkey=record.callkey,
        transaction_id=record.uniqueid,
        over=over,
        direction=_direction(record.inbound),
        number=record.other_party or None,
        line=_line(record.inbound, record.callerid, record.called_num),
        agent_email=record.agentid,
        agent_name=record.agent,
        queue=record.queue,
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at if over else None,
        wait_seconds=record.waitduration,
        talk_seconds=record.duration if answered is not False else None,
        hold_seconds=record.holdduration,
        answered=answered,
        # `answered` is null for an outbound call that was not reached (seen in a real answer). A
        # word that nobody knows may mean anything.
        presumed_answered=False if over and not record.disposition else None,
        abandoned=record.abandon,
        disposition=canonical(record.disposition),
        hangup_cause=record.hangupcause,
        recording_url=record.recordingurl,
        transferred=bool(record.transferred),
        voicemail_text=record.voicemailtotext,
        problems=problems_of(record, latest=latest),
        rank=(
            *(over, answered is True, record.duration or -1, _filled(record.raw.values())),
            *(told_start is not None, event.digest),
        ),
    )


def _times(
    record: CdrRecord, clock: TenantClock, told_start: datetime | None, *, answered: bool | None
) -> tuple[Moment | None, Moment | None, Moment | None]:
    """Start, answer and end of a record.

    An answered outbound call may come with `calldate` alone (seen in a real answer).
    """
    wait, talk = record.waitduration, record.duration
    span = timedelta(seconds=(wait or 0) + (talk or 0))
    ended = clock.read(record.hangupdate)
    sure_end = ended.at if ended and not ended.uncertain else None
    started = clock.read(record.calldate, near=[sure_end - span if sure_end else None])
    if started and started.uncertain:
        started = clock.read(record.calldate, near=[told_start])
    told_wait = plus(started, wait)
    talked = clock.read(record.talkdate, near=[told_wait.at if told_wait else None])
    if answered and talked is None:
        talked = told_wait  # inferred: the wait ends when somebody answers
    if answered is False:
        talked = None
    talks = answered or (answered is None and talk)
    told_end = plus(talked or told_wait, talk) if talks else told_wait
    ended = clock.read(record.hangupdate, near=[told_end.at if told_end else None])
    if started is None:  # unreadable, or missing: worked out from a later time
        started = plus(talked, -(wait or 0)) or plus(ended, -int(span.total_seconds()))
    if ended is None or (started and ended.at < started.at):
        ended = told_end  # an end before the start is not believed
    return started, talked, ended


@lru_cache(maxsize=64)
def latest_believed(received_at: datetime, zone: ZoneInfo) -> datetime:
    """The latest time believed in a record received at this moment, in the tenant's zone."""
    return received_at.astimezone(zone) + AHEAD_AT_MOST


def problems_of(record: CdrRecord, *, latest: datetime) -> tuple[str, ...]:
    """The problems of a record, a few words each; () if there are none.

    The record is imported as far as it can be read, whatever this finds.
    """
    found = [f"{name} cannot be read" for name in record.problems]
    # Fields that every record seen so far had. A caller who hides the number has "" or a word
    # there.
    wanted = ("callkey", "calldate", "inbound")
    missing = [name for name in wanted if getattr(record, name) in (None, "")]
    if record.inbound is not None:
        number = "callerid" if record.inbound else "called_num"
        missing += [number] * (record.raw.get(number) in NOTHING)
    found += [f"{name} is missing" for name in missing if name not in record.problems]
    found += [f"{name} lies in the future" for name in _ahead(record, latest)]
    start, end = record.calldate, record.hangupdate
    if start and end and _in_zone(end, latest) < _in_zone(start, latest):
        found.append(END_BEFORE_START)
    return tuple(found)


def _ahead(record: CdrRecord, latest: datetime) -> list[str]:
    local_latest = latest.replace(tzinfo=None)
    dates = [(name, getattr(record, name)) for name in DATES]
    return [
        name for name, date in dates if date and date > (latest if date.tzinfo else local_latest)
    ]


def _in_zone(date: datetime, latest: datetime) -> datetime:
    """A local time in the zone of `latest`; a time with an offset as it is."""
    return date if date.tzinfo else date.replace(tzinfo=latest.tzinfo)


def _filled(values: Iterable[Any]) -> int:
    """How many of them are filled."""
    return sum(value not in NOTHING and value != "" for value in values)


def _direction(inbound: bool | None) -> Direction | None:
    if inbound is None:
        return None
    return Direction.INBOUND if inbound else Direction.OUTBOUND


def _line(inbound: bool | None, callerid: str, called_num: str) -> str:
    if inbound is None:
        return ""
    return called_num if inbound else callerid
