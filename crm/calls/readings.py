"""What each event of the vendor, and the CRM's own dial, says about a call, field by field.

`crm.calls.fold` chooses among the readings; docs/calls.md tells which source knows what.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm.callcenterstudio.dispositions import canonical, says_answered
from crm.callcenterstudio.results import ActiveCall, CdrRecord
from crm.callcenterstudio.webhooks import HangupReport, NotificationReport
from crm.calls import soundness
from crm.calls.events import ACTIVE_CALL, DIAL, Event, cdr_of, notification_of
from crm.calls.soundness import NOTHING
from crm.calls.times import Moment, TenantClock, plus
from crm.models import Direction, EventSource


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one event says; None or "" where it says nothing.

    over: it says that the call has ended. rank: which of two readings of one source is fuller.
    presumed_answered: what follows from its saying nothing; counts where no source says more.
    problems: what of a record could not be read, in words. callkey, transaction_id: the record's.
    """

    source: EventSource
    callkey: str = ""
    transaction_id: str = ""
    over: bool = False
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
    presumed_answered: bool | None = None
    abandoned: bool | None = None
    disposition: str = ""
    hangup_cause: str = ""
    recording_url: str = ""
    transferred: bool = False
    voicemail_text: str = ""
    problems: tuple[str, ...] = ()
    rank: tuple[object, ...] = ()


def read(event: Event, clock: TenantClock) -> Reading | None:
    """What an event says, None for one that says nothing about the call as a whole."""
    if event.source is EventSource.CDR:
        return _of_cdr(cdr_of(event), clock, event)
    if event.source is EventSource.HANGUP:
        return _of_hangup(HangupReport.parse(event.payload), clock, event)
    if event.source is EventSource.NOTIFICATION:
        return _of_notification(notification_of(event), clock, event)
    if event.kind == ACTIVE_CALL:
        return _of_active_call(ActiveCall.parse(event.payload), clock, event)
    if event.kind == DIAL:
        return Reading(
            source=EventSource.DIAL,
            direction=Direction.OUTBOUND,
            number=str(event.payload.get("number") or ""),
            withheld=bool(event.payload.get("masked")),
            started_at=Moment(event.occurred_at),
            rank=(event.occurred_at, event.digest),
        )
    return None


def _of_cdr(record: CdrRecord, clock: TenantClock, event: Event) -> Reading:
    over = _is_final(record)
    answered = _answered(record, over)
    told = _told_start(event)
    latest = soundness.latest_believed(event.occurred_at, clock.zone)
    believed = soundness.without_future(record, latest=latest)
    started_at, answered_at, ended_at = _times_of_cdr(believed, clock, told, answered=answered)
    return Reading(
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
        presumed_answered=_presumed(record, over),
        abandoned=record.abandon,
        disposition=canonical(record.disposition),
        hangup_cause=record.hangupcause,
        recording_url=record.recordingurl,
        transferred=bool(record.transferred),
        voicemail_text=record.voicemailtotext,
        problems=soundness.problems_of(record, latest=latest),
        rank=(
            *(over, answered is True, record.duration or -1, _filled(record.raw)),
            *(told is not None, event.digest),
        ),
    )


def _told_start(event: Event) -> datetime | None:
    """What the order of a page's records told of the start, where it lies in a repeated hour."""
    told = event.payload.get("started_at")
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def _times_of_cdr(
    record: CdrRecord, clock: TenantClock, told_start: datetime | None, *, answered: bool | None
) -> tuple[Moment | None, Moment | None, Moment | None]:
    """Start, answer and end.

    An answered outbound call may come with `calldate` alone (seen in a real answer).
    """
    wait, talk = record.waitduration, record.duration
    span = timedelta(seconds=(wait or 0) + (talk or 0))
    ended = clock.read(record.hangupdate)
    sure_end = ended.at if ended and not ended.uncertain else None
    near_start = [sure_end - span if sure_end else None]
    started = clock.read(record.calldate, near=near_start)
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
    if started is None:  # unreadable, or missing: from what came so much later
        started = _before(talked, wait) or _before(ended, int(span.total_seconds()))
    if ended is None or (started and ended.at < started.at):
        ended = told_end  # an end before the start is not believed
    return started, talked, ended


def _before(moment: Moment | None, seconds: int | None) -> Moment | None:
    return plus(moment, -(seconds or 0))


def _of_hangup(report: HangupReport, clock: TenantClock, event: Event) -> Reading:
    """The post comes for calls that were dialled here, so `called_num` is the other party."""
    started = clock.read(report.call_date)
    answered = says_answered(report.disposition)
    if answered is None and report.duration and report.agent_username:
        answered = True  # whatever its word means: somebody talked
    return Reading(
        source=EventSource.HANGUP,
        over=True,
        direction=Direction.OUTBOUND,
        number=report.called_num or None,
        line=report.caller_id,
        agent_email=report.agent_username,
        started_at=started,
        ended_at=plus(started, report.duration),  # the wait is not told: the earliest it can be
        talk_seconds=report.duration if answered else None,
        answered=answered,
        disposition=canonical(report.disposition),
        rank=(answered is True, _filled(event.payload), event.digest),
    )


def _of_notification(report: NotificationReport, clock: TenantClock, event: Event) -> Reading:
    """The IVR is reached by calls that come in, and tells of their end (vendor's guide).

    One that was sent at the arrival is seen by what the softphone tells afterwards: `of_arrival`.
    """
    started = clock.read(report.call_date, near=[event.occurred_at])
    answered = _answered_as_notified(report)
    return Reading(
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
        rank=(
            *(answered is True, sum(_is_told(value) for value in _told_by(report))),
            *(event.occurred_at, event.digest),
        ),
    )


def of_arrival(reading: Reading) -> Reading:
    """A notification that came before the call went on: what it says of the end does not count."""
    return replace(
        reading,
        over=False,
        ended_at=None,
        talk_seconds=None,
        answered=None,
        abandoned=None,
        disposition="",
    )


def _answered_as_notified(report: NotificationReport) -> bool | None:
    """The guide's three endings: no queue; a queue without an agent; after an agent.

    A step that has no parameter for the agent says nothing: then the record tells. Nor does a
    word that nobody knows.
    """
    told = says_answered(report.disposition)
    if told is not None:
        return told
    if report.agent_email:
        return None if report.duration == 0 else True
    return False if report.agent_told else None


def _of_active_call(call: ActiveCall, clock: TenantClock, event: Event) -> Reading:
    return Reading(
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


def _is_final(record: CdrRecord) -> bool:
    """Whether the record is of a call that has ended; "hangup" is the only status ever seen."""
    ended = record.hangupdate or record.duration is not None or record.disposition
    return bool(ended) or record.status in ("", "hangup")


def _answered(record: CdrRecord, over: bool) -> bool | None:
    """What the record says: by its flag, else its word, else by what only a talk leaves."""
    if record.answered is not None or not over:
        return record.answered
    told = says_answered(record.disposition)
    if told is not None:
        return told
    talked = record.duration and (record.agentid or record.agent)
    return True if talked or record.talkdate else None


def _presumed(record: CdrRecord, over: bool) -> bool | None:
    """A record of a call that is over and tells of no answer: nobody answered.

    `answered` is null for an outbound call that was not reached (seen in a real answer). A word
    that nobody knows may mean anything.
    """
    return False if over and not record.disposition else None


def _told_by(report: NotificationReport) -> tuple[object, ...]:
    """What a notification tells, field by field."""
    return (
        *(report.number, report.called, report.agent_email, report.queue),
        *(report.duration, report.disposition, report.call_date),
    )


def _filled(told: Mapping[str, object]) -> int:
    """How many fields hold something: an empty one is less than none."""
    return sum(_is_told(value) for value in told.values())


def _is_told(value: object) -> bool:
    return value not in NOTHING and value != ""


def _direction(inbound: bool | None) -> Direction | None:
    if inbound is None:
        return None
    return Direction.INBOUND if inbound else Direction.OUTBOUND


def _line(inbound: bool | None, callerid: str, called_num: str) -> str:
    if inbound is None:
        return ""
    return called_num if inbound else callerid
