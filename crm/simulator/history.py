"""About thirty ended calls per tenant from the days before, so that reports have something.

Called when the switchboard starts and on reset. What happened on a day is drawn from the day's
own date, so the same records - keys too - are there after a restart: a CRM that imported them
meets them again and not their doubles.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from crm.simulator.calls import Call, CallState
from crm.simulator.cdr import Record, record_of
from crm.simulator.keys import new_key, queue_key
from crm.simulator.numbers import ANONYMOUS, wire_form
from crm.simulator.seed import Tenant

DAYS = 9
CALLS_A_DAY = (3, 4)
OFFICE_SECONDS = 9 * 3600
OPENS = 9
ANSWERED = 0.7
HANDED_ON = 0.2
UNREACHED = (("BUSY", "17"), ("NOANSWER", "19"), ("CANCEL", "16"))
PARTIES = (
    "+905320000001",
    "+902120000010",
    "+905330000017",
    "+905420000023",
    "+902160000044",
    "+447700900118",
    "+442079460021",
    "+12025550143",
    "+493023125071",
    "+33639980012",
    ANONYMOUS,
)


def past_records(tenant: Tenant, now: datetime, recordings_at: str | None) -> list[Record]:
    """Records of the last nine days and of today up to `now` (aware), oldest first."""
    today = now.astimezone(ZoneInfo(tenant.timezone)).date()
    days = (today - timedelta(days=back) for back in range(DAYS, -1, -1))
    calls = (leg for day in days for call in _day(tenant, day) for leg in _legs(call))
    return [
        record_of(call, available=call.ended, recordings_at=recordings_at)
        for call in calls
        if call.ended is not None and call.ended < now
    ]


def _day(tenant: Tenant, day: date) -> Iterator[Call]:
    random = Random(f"{tenant.name} {day}")  # noqa: S311 - invented history, not a secret
    opens = datetime(day.year, day.month, day.day, OPENS, tzinfo=ZoneInfo(tenant.timezone))
    times = sorted(random.sample(range(OFFICE_SECONDS), random.choice(CALLS_A_DAY)))
    for number, seconds in enumerate(times):
        yield _ended_call(tenant, opens + timedelta(seconds=seconds), random, number)


def _legs(call: Call) -> list[Call]:
    """The call, and of some that were answered the leg of the colleague it was handed on to."""
    random = Random(call.uniqueid)  # noqa: S311 - invented history, not a secret
    if call.talked is None or call.ended is None or not call.colleagues:
        return [call]
    if random.random() > HANDED_ON:
        return [call]
    call.transferred = 1
    talked = call.ended + timedelta(seconds=random.randint(2, 12))
    leg = replace(
        call,
        agent=random.choice(call.colleagues),
        callkey=new_key(random, "record"),
        started=call.ended,
        talked=talked,
        ended=talked + timedelta(seconds=random.randint(20, 300)),
        transferred=0,
    )
    return [call, leg]


def _ended_call(tenant: Tenant, started: datetime, random: Random, number: int) -> Call:
    inbound = random.random() < 0.6  # noqa: PLR2004 - a believable share
    party = wire_form(random.choice(PARTIES[: None if inbound else -1]), tenant)
    queue = random.choice(tenant.queues) if inbound else ""
    serial = f"{started.timestamp():.0f}.{900 + number}"
    call = Call(
        id=number,
        tenant=tenant,
        agent=random.choice(tenant.agents),
        inbound=inbound,
        number=party,
        shown=party,
        activecallkey=new_key(random, "call"),
        callkey=new_key(random, "record"),
        uniqueid=serial,
        callid=f"ast-1-{serial}",
        queue=queue,
        queuekey=queue_key(tenant.name, queue),
        started=started,
        state=CallState.ENDED,
    )
    _end(call, random)
    return call


def _end(call: Call, random: Random) -> None:
    answered = random.random() < ANSWERED
    picked_up = call.started + timedelta(seconds=random.randint(4, 40))
    call.assigned = answered or not call.inbound
    if answered:
        call.talked = picked_up
        call.ended = picked_up + timedelta(seconds=random.randint(12, 600))
        call.disposition, call.cause = "ANSWER", "16"
        return
    call.ended = picked_up + timedelta(seconds=random.randint(0, 60))
    missed = ("NOANSWER", "16")
    call.disposition, call.cause = missed if call.inbound else random.choice(UNREACHED)
