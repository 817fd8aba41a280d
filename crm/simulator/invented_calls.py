"""What an invented call is like: who called whom, how long it took, how it ended.

`long_history` draws its calls here; so does a page fault that needs a call which ends meanwhile.
The shares are believable, no more. The numbers lie in ranges that are given to nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from crm.simulator.calls import Call, CallState
from crm.simulator.keys import new_key, queue_key
from crm.simulator.numbers import ANONYMOUS, wire_form
from crm.simulator.seed import Agent, Tenant

INBOUND = 0.62
ON_HOLD, OUTBOUND_IN_QUEUE, DIALLED_BY_CLICK = 0.2, 0.3, 0.7
HIDDEN, PRESET, MOBILE_ABROAD, GERMAN, LANDLINE = 0.02, 0.02, 0.08, 0.04, 0.14
SHARED, KNOWN = "+902120000010", "+905320000001"  # of two contacts of the demo, of one
# How a call ends: share, disposition, cause. An agent is offered all but the abandoned ones.
INBOUND_ENDS = ((0.76, "ANSWER", "16"), (0.14, "ABANDONED", "16"), (0.10, "NOANSWER", "16"))
OUTBOUND_ENDS = (
    *((0.68, "ANSWER", "16"), (0.10, "BUSY", "17"), (0.15, "NOANSWER", "19")),
    *((0.04, "CANCEL", "16"), (0.02, "CHANUNAVAIL", "20"), (0.01, "CONGESTION", "34")),
)


@dataclass(frozen=True)
class Drawn:
    """A call's own facts. wait, talk, hold: seconds, talk None when nobody answered."""

    inbound: bool
    number: str
    agent: Agent
    assigned: bool
    queue: str
    click2call: bool
    disposition: str
    cause: str
    wait: float
    talk: float | None
    hold: float


def draw(random: Random, tenant: Tenant) -> Drawn:
    """One call, drawn from what is left of `random`."""
    inbound = random.random() < INBOUND
    disposition, cause = _end(random, INBOUND_ENDS if inbound else OUTBOUND_ENDS)
    talk = min(random.lognormvariate(4.7, 1.0), 7200) if disposition == "ANSWER" else None
    has_hold = talk is not None and random.random() < ON_HOLD
    in_queue = inbound or random.random() < OUTBOUND_IN_QUEUE
    return Drawn(
        inbound=inbound,
        number=_number(random, inbound),
        agent=random.choice(tenant.agents),
        assigned=disposition != "ABANDONED",
        queue=random.choice(tenant.queues) if in_queue else "",
        click2call=not inbound and random.random() < DIALLED_BY_CLICK,
        disposition="NOANSWER" if disposition == "ABANDONED" else disposition,
        cause=cause,
        wait=1 + min(random.expovariate(1 / 22), 900),
        talk=talk,
        hold=random.uniform(3, 90) if has_hold else 0.0,
    )


def invented_call(
    tenant: Tenant,
    drawn: Drawn,
    *,
    started: datetime,
    activecallkey: str,
    callkey: str,
    serial: str,
) -> Call:
    """The drawn call at an aware time, ended. serial: its uniqueid."""
    picked_up = started + timedelta(seconds=drawn.wait)
    party = wire_form(drawn.number, tenant)
    return Call(
        id=int(drawn.wait * 1000),
        tenant=tenant,
        agent=drawn.agent,
        inbound=drawn.inbound,
        number=party,
        shown=party,
        activecallkey=activecallkey,
        callkey=callkey,
        uniqueid=serial,
        callid=f"ast-1-{serial}",
        queue=drawn.queue,
        queuekey=queue_key(tenant.name, drawn.queue),
        started=started,
        state=CallState.ENDED,
        click2call=drawn.click2call,
        assigned=drawn.assigned,
        talked=None if drawn.talk is None else picked_up,
        ended=picked_up + timedelta(seconds=drawn.talk or 0),
        held_seconds=min(drawn.hold, drawn.talk or 0),
        disposition=drawn.disposition,
        cause=drawn.cause,
    )


def call_that_just_ended(random: Random, tenant: Tenant, now: datetime) -> Call:
    """An invented call that started five seconds before `now` and was answered by nobody."""
    drawn = Drawn(
        inbound=True,
        number=_number(random, inbound=True),
        agent=tenant.agents[0],
        assigned=False,
        queue=tenant.queues[0],
        click2call=False,
        disposition="NOANSWER",
        cause="16",
        wait=5,
        talk=None,
        hold=0,
    )
    serial = f"{now.timestamp():.0f}.{random.randrange(10**9)}"
    return invented_call(
        tenant,
        drawn,
        started=now - timedelta(seconds=5),
        activecallkey=new_key(random, "call"),
        callkey=new_key(random, "record"),
        serial=serial,
    )


def _end(random: Random, ends: tuple[tuple[float, str, str], ...]) -> tuple[str, str]:
    drawn = random.random()
    for share, disposition, cause in ends:
        drawn -= share
        if drawn < 0:
            return disposition, cause
    return ends[0][1:]


def _number(random: Random, inbound: bool) -> str:
    """Few call often, many once; some share a number, some hide it."""
    often = int(random.random() ** 3 * 40_000)
    kinds = (
        (HIDDEN, ANONYMOUS if inbound else KNOWN),
        (PRESET, random.choice((SHARED, KNOWN))),
        (MOBILE_ABROAD, f"+447700900{often % 1000:03d}"),
        (GERMAN, f"+493023125{often % 1000:03d}"),
        (LANDLINE, f"+902{10 + often % 20}000{often // 20 % 10_000:04d}"),
    )
    drawn = random.random()
    for share, number in kinds:
        drawn -= share
        if drawn < 0:
            return number
    return f"+905{30 + often % 25}000{often // 25 % 10_000:04d}"
