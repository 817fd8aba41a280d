"""A call and the events it was folded from."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words
from crm.models.tenant import KEY_LENGTH


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallState(StrEnum):
    """Where a call stands; DIALLING and RINGING are before the answer, ENDED after the hangup."""

    DIALLING = "dialling"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


class EventSource(StrEnum):
    """Who told us: see docs/calls.md for what each of them knows."""

    DIAL = "dial"  # the CRM's own click2call
    BROWSER = "browser"  # the softphone's messages, through the agent's browser
    ACTIVE_CALL = "active_call"  # the vendor's list of calls that are up
    HANGUP = "hangup"  # the vendor's POST at the end of a click2call
    NOTIFICATION = "notification"  # the vendor's IVR step
    CDR = "cdr"  # the vendor's call detail record
    AGENT = "agent"  # what the agent wrote: note, outcome, contact


class Call(db.Model):  # type: ignore[name-defined, misc]
    """One call, whichever source spoke first. Written by `crm.calls` alone, folded from its events.

    browser_call_id: the id that the softphone island gave the call in the agent's browser.
    sources: field name -> the EventSource that supplied it.
    complete: a CDR has been folded in; nothing more is expected.
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("tenant_id", "activecallkey"),
        UniqueConstraint("tenant_id", "callkey"),
        UniqueConstraint("tenant_id", "transaction_id"),
        UniqueConstraint("tenant_id", "browser_call_id"),
        Index("ix_call_contact_id_started_at_id", "contact_id", "started_at", "id"),
        Index("ix_call_tenant_id_started_at_id", "tenant_id", "started_at", "id"),
        Index("ix_call_agent_id_started_at_id", "agent_id", "started_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    contact_name: Mapped[str] = mapped_column(String(200), default="")

    activecallkey: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    callkey: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    transaction_id: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    browser_call_id: Mapped[str | None] = mapped_column(String(64))

    direction: Mapped[Direction | None] = mapped_column(words(Direction))
    state: Mapped[CallState] = mapped_column(words(CallState))
    number: Mapped[str] = mapped_column(String(100), default="")  # the other party, as it came
    normal_form: Mapped[str | None] = mapped_column(String(50), index=True)
    line: Mapped[str] = mapped_column(String(100), default="")  # our own side's number
    caller_kind: Mapped[str] = mapped_column(String(20), default="number")
    queue: Mapped[str] = mapped_column(String(200), default="")

    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wait_seconds: Mapped[int | None]
    talk_seconds: Mapped[int | None]
    hold_seconds: Mapped[int | None]
    answered: Mapped[bool | None]
    disposition: Mapped[str] = mapped_column(String(50), default="")
    hangup_cause: Mapped[str] = mapped_column(String(50), default="")
    recording_url: Mapped[str | None] = mapped_column(String(1000))

    outcome: Mapped[str] = mapped_column(String(50), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    card_open: Mapped[bool] = mapped_column(default=False)  # stands in the agent's call panel
    sources: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    complete: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    tenant = relationship("Tenant")
    agent = relationship("Agent")
    contact = relationship("Contact")

    def __repr__(self) -> str:
        return f"<Call {self.id} {self.state}>"


class CallEvent(db.Model):  # type: ignore[name-defined, misc]
    """A message, webhook, record or note as it came. Nothing is lost: the call can be folded again.

    occurred_at: when it happened, as far as the source tells; else when it was received.
    digest: of source and payload; the same event told again is counted in `repeats`, not kept twice.
    """

    __tablename__ = "call_event"
    __table_args__ = (UniqueConstraint("tenant_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    source: Mapped[EventSource] = mapped_column(words(EventSource))
    kind: Mapped[str] = mapped_column(String(50))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    repeats: Mapped[int] = mapped_column(default=0)

    def __repr__(self) -> str:
        return f"<CallEvent {self.id} {self.source} {self.kind}>"
