"""Calls of the past that somebody tells the simulator, each with its own facts.

The demo makes up a company's weeks and tells them at every start, through `console_records`; its
CRM reads the same records. The same call has the same keys each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm.simulator.calls import Call, CallState
from crm.simulator.cdr import Record, record_of
from crm.simulator.keys import new_key, queue_key
from crm.simulator.numbers import wire_form
from crm.simulator.seed import Tenant

CAUSES = {"ANSWER": "16", "BUSY": "17", "NOANSWER": "19"}


@dataclass(frozen=True, kw_only=True)
class ToldCall:
    """A call that is over. agent: an address, "" when it was offered to nobody. waited, talked:
    seconds, talked None when nobody answered. disposition: the vendor's word.
    """

    started: datetime  # aware
    number: str
    agent: str
    inbound: bool
    waited: int
    talked: int | None
    queue: str = ""
    disposition: str = "ANSWER"

    @property
    def ended(self) -> datetime:
        """When the last one hung up."""
        return self.started + timedelta(seconds=self.waited + (self.talked or 0))

    def as_json(self) -> dict[str, Any]:
        """What `of_json` reads."""
        return vars(self) | {"started": self.started.isoformat()}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> "ToldCall":
        """Raises ValueError, KeyError or TypeError for what is no call."""
        call = cls(**dict(data) | {"started": datetime.fromisoformat(data["started"])})
        whole = [call.waited, *([] if call.talked is None else [call.talked])]
        if call.started.tzinfo is None or not all(type(one) is int and one >= 0 for one in whole):
            raise ValueError("started has an offset; waited and talked are whole seconds")
        return call


def told_record(tenant: Tenant, told: ToldCall, recordings_at: str | None) -> Record:
    """The record of that call, which can be read since it was over."""
    # An invented call, not a secret.
    random = Random(f"{tenant.name} {told.started.timestamp()} {told.number}")  # noqa: S311
    picked_up = told.started + timedelta(seconds=told.waited)
    number = wire_form(told.number, tenant)
    serial = f"{told.started.timestamp():.0f}.{random.randrange(10**6):06}"
    agents = [agent for agent in tenant.agents if agent.email == told.agent]
    call = Call(
        id=random.randrange(10**6),
        tenant=tenant,
        agent=agents[0] if agents else tenant.agents[0],
        inbound=told.inbound,
        number=number,
        shown=number,
        activecallkey=new_key(random, "call"),
        callkey=new_key(random, "record"),
        uniqueid=serial,
        callid=f"ast-1-{serial}",
        queue=told.queue,
        queuekey=queue_key(tenant.name, told.queue),
        started=told.started,
        state=CallState.ENDED,
        click2call=not told.inbound,
        assigned=bool(agents),
        talked=None if told.talked is None else picked_up,
        ended=told.ended,
        disposition=told.disposition,
        cause="16" if told.inbound else CAUSES.get(told.disposition, "16"),
    )
    return record_of(call, available=told.ended, recordings_at=recordings_at)
