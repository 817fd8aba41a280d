"""One call as the switchboard sees it, and the messages the softphone sends about it.

The switchboard moves calls from state to state; the record is built in `cdr`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crm.simulator.seed import Agent, Tenant
from crm.simulator.softphones import Softphone

Message = dict[str, str | None]


class CallState(StrEnum):
    """Where a call stands."""

    IVR = "ivr"  # the caller listens to the announcement, and is in no queue yet
    QUEUED = "queued"  # the caller waits, no softphone rings
    RINGING = "ringing"  # inbound, offered to the agent
    CHOOSING = "choosing"  # click2call with selected_queue: the agent picks the queue first
    DIALLING = "dialling"  # outbound, its key is not told yet
    CALLING = "calling"  # outbound, the far side rings
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


UP = frozenset({CallState.TALKING, CallState.HELD})


@dataclass(eq=False)
class Call:
    """A call, or the leg of one that is at an agent now.

    Times are aware; `shown` is the other party's number as the softphone shows it, `number` the
    real one, both in the vendor's form.
    """

    id: int
    tenant: Tenant
    agent: Agent
    inbound: bool
    number: str
    shown: str
    activecallkey: str = field(repr=False)
    callkey: str = field(repr=False)
    uniqueid: str
    callid: str
    queue: str
    queuekey: str | None
    started: datetime
    state: CallState
    click2call: bool = False
    hangup_url: str = field(default="", repr=False)
    transaction_id: str = ""
    softphone: Softphone | None = None
    assigned: bool = False
    key_told: bool = False
    talked: datetime | None = None
    ended: datetime | None = None
    held_since: datetime | None = None
    held_seconds: float = 0.0
    disposition: str = ""
    cause: str = ""
    transferred: int = 0
    talked_earlier: bool = False  # at an agent who has handed it on
    keyed: str = ""  # what the agent pressed on the pad while it was up

    @property
    def stranded(self) -> bool:
        """Is it still open although its softphone page is gone?"""
        return self.softphone is not None and not self.softphone.connected

    @property
    def colleagues(self) -> list[Agent]:
        """Whom it can be handed on to."""
        return [agent for agent in self.tenant.agents if agent != self.agent]

    @property
    def caller(self) -> str:
        """Whoever called: the other party, or the tenant's line."""
        return self.number if self.inbound else self.tenant.line

    @property
    def called(self) -> str:
        """Whoever was called."""
        return self.tenant.line if self.inbound else self.number

    def for_page(self) -> dict[str, Any]:
        """What the softphone page needs to draw it. `since` is an ISO time: of the answer, or of
        the start while nobody has answered.
        """
        return {
            "id": self.id,
            "state": self.state.value,
            "inbound": self.inbound,
            "number": self.shown,
            "queue": self.queue,
            "keyed": self.keyed,
            "since": (self.talked or self.started).isoformat(),
        }


def incoming_call(call: Call) -> Message:
    """An inbound call rings (vendor's guide; field names seen in public clients)."""
    return {
        "messageType": "IncomingCall",
        "number": call.shown,
        "activecallkey": call.activecallkey,
    }


def dial(call: Call) -> Message:
    """An outbound call starts, still without a key (seen in public clients)."""
    return {"messageType": "Dial", "number": call.shown}


def outgoing_active_call_key(call: Call) -> Message:
    """The key of the outbound call (seen in public clients)."""
    return {"messageType": "OutgoingActiveCallKey", "activecallkey": call.activecallkey}


def hangup(call: Call) -> Message:
    """The call is over; its key is null if it ended before it was told (seen in public clients)."""
    return {"messageType": "Hangup", "activecallkey": call.activecallkey if call.key_told else None}


ACCEPT: Message = {"messageType": "Accept"}
TALKING: Message = {"messageType": "Talking"}
