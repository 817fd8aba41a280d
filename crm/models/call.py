"""A call and the events it was folded from."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words
from crm.models.paging import Cursor
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


# As SQLAlchemy writes the same conditions: SQLite compares their words.
_MISSED = (
    "direction = 'inbound' AND state = 'ended' AND answered IS {false}"
    " AND missed_done IS {false} AND erased_at IS NULL"
)
# `started_at` of a call whose start nobody could read: behind all others in every list.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
NOT_TAKEN = "not_taken"  # `dial_problem`: the softphone did not take the dial


class Call(db.Model):  # type: ignore[name-defined]
    """One call, whichever source spoke first. Written by `crm.calls` alone, folded from its events.

    contact_name stays when the contact is deleted. agent_name: who the vendor says it was, also
    when nobody here has that address. caller_kind: number, masked or anonymous; the number of a
    masked caller may be known (`is_resolved`) and is shown to nobody: show `shown_number`.
    dial_problem: NOT_TAKEN, or why the vendor refused to dial, in words.
    sources: field name -> the EventSource that supplied it.
    time_uncertain: a time lies in the hour that the clock change repeats, and nothing decides.
    complete: a CDR has been folded in; nothing more is expected.
    abandoned: the caller gave up in the queue. missed_done: somebody has worked this missed call
    off. callback_of_id: the missed call that this one calls back;
    its row may have been joined into another since, so it is no foreign key.
    note, notes: what agents have written; `notes` also tells who wrote each, and when.
    record_problems: what could not be read in the vendor's record, in words; "" for a sound one.
    started_at: UNDATED where only records tell of it and their dates cannot be read.
    erased_at: when the person was taken out of this call for good; it takes no person again.
    transferred: handed on to another agent. leg_count: how many legs it has in `legs`; 0 for a call
    of one leg, which is its row. voicemail_text: what was said on the voicemail.
    archived_at: when its events were deleted because their time was over; then the row is not
    folded any more.
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("tenant_id", "activecallkey"),
        UniqueConstraint("tenant_id", "callkey"),
        UniqueConstraint("tenant_id", "transaction_id"),
        Index("ix_call_contact_id_started_at_id", "contact_id", "started_at", "id"),
        Index("ix_call_tenant_id_started_at_id", "tenant_id", "started_at", "id"),
        Index("ix_call_agent_id_started_at_id", "agent_id", "started_at", "id"),
        Index("ix_call_started_at_id", "started_at", "id"),  # the log of all tenants
        Index("ix_call_tenant_id_queue_started_at_id", "tenant_id", "queue", "started_at", "id"),
        Index(
            "ix_call_tenant_id_disposition_started_at_id",
            *("tenant_id", "disposition", "started_at", "id"),
        ),
        Index("ix_call_normal_form_started_at", "normal_form", "started_at"),
        # Two small ones for the badge of missed calls (`crm.calls.missed`), which every page asks
        # for twice a minute: what may wait, and what clears it.
        Index(
            "ix_call_missed",
            "tenant_id",
            "started_at",
            "normal_form",
            "caller_kind",
            sqlite_where=text(_MISSED.format(true=1, false=0)),
            postgresql_where=text(_MISSED.format(true="true", false="false")),
        ),
        Index(
            "ix_call_answered",
            "tenant_id",
            "normal_form",
            "caller_kind",
            "started_at",
            sqlite_where=text("answered IS 1"),
            postgresql_where=text("answered IS true"),
        ),
        # The id of a row that was joined into another must never come to mean a third call.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    agent_name: Mapped[str] = mapped_column(String(254), default="")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    contact_name: Mapped[str] = mapped_column(String(200), default="")

    activecallkey: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    callkey: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    transaction_id: Mapped[str | None] = mapped_column(String(KEY_LENGTH))

    direction: Mapped[Direction | None] = mapped_column(words(Direction))
    state: Mapped[CallState] = mapped_column(words(CallState))
    state_since: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    number: Mapped[str] = mapped_column(String(100), default="")  # the other party, as it came
    normal_form: Mapped[str | None] = mapped_column(String(50))
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
    dial_problem: Mapped[str] = mapped_column(String(300), default="")

    outcome: Mapped[str] = mapped_column(String(50), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    sources: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    time_uncertain: Mapped[bool] = mapped_column(default=False)
    complete: Mapped[bool] = mapped_column(default=False)
    abandoned: Mapped[bool | None]
    missed_done: Mapped[bool] = mapped_column(default=False)
    callback_of_id: Mapped[int | None] = mapped_column(index=True)
    record_problems: Mapped[str] = mapped_column(String(500), default="")
    transferred: Mapped[bool] = mapped_column(default=False)
    leg_count: Mapped[int] = mapped_column(default=0)
    voicemail_text: Mapped[str] = mapped_column(Text, default="")
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    tenant = relationship("Tenant")
    agent = relationship("Agent")
    contact = relationship("Contact")
    legs = relationship("CallLeg", order_by="CallLeg.place", viewonly=True)

    def __repr__(self) -> str:
        return f"<Call {self.id} {self.state}>"

    @property
    def cursor(self) -> Cursor:
        """What the next page of a list of calls begins behind."""
        return Cursor(self.started_at, self.id)

    @property
    def parts(self) -> list["CallLeg"]:
        """Its legs, in their order; [] for a call of one, of which nothing is asked."""
        return list(self.legs) if self.leg_count else []

    @property
    def is_resolved(self) -> bool:
        """Whether a masked caller's number is known all the same; only the match may use it."""
        return self.caller_kind == "masked" and self.normal_form is not None

    @property
    def may_have_recording(self) -> bool:
        """Somebody answered it, it is over, and its person was not erased."""
        known = self.recording_url or self.activecallkey
        over = self.answered and self.state is CallState.ENDED
        return bool(known and over and self.erased_at is None)

    def may_be_heard_by(self, agent_id: int, *, is_admin: bool) -> bool:
        """Agents hear the recordings of their own calls, of which they had a leg; admins all."""
        return is_admin or agent_id in {self.agent_id, *(leg.agent_id for leg in self.parts)}

    @property
    def shown_number(self) -> str | None:
        """The other party's number in normal form where people may see it, else None."""
        return self.normal_form if self.caller_kind == "number" else None


class CallCard(db.Model):  # type: ignore[name-defined]
    """A call as one agent's browser has it: the page's own id of it, and how it stands there.

    A call offered to two agents has a card with each: `state` is that agent's, not the call's.
    open: the card stands in the agent's call panel.
    """

    __tablename__ = "call_card"
    __table_args__ = (
        UniqueConstraint("agent_id", "browser_call_id"),
        Index("ix_call_card_agent_id_open", "agent_id", "open"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    browser_call_id: Mapped[str] = mapped_column(String(KEY_LENGTH))
    open: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CallState] = mapped_column(words(CallState), default=CallState.ENDED)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    def __repr__(self) -> str:
        return f"<CallCard {self.id} {self.state}>"


class CallLeg(db.Model):  # type: ignore[name-defined]
    """A call as one agent had it, where several did: transferred, or offered to one after another.

    Written by `crm.calls.apply` alone, folded from the call's events. agent_name, talk and so on as
    in `Call`; callkey, transaction_id: of the record that tells of it, "" where only the softphone
    does.
    """

    __tablename__ = "call_leg"
    __table_args__ = (
        Index("ix_call_leg_tenant_id_callkey", "tenant_id", "callkey"),
        Index("ix_call_leg_tenant_id_transaction_id", "tenant_id", "transaction_id"),
        Index("ix_call_leg_agent_id_call_id", "agent_id", "call_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    place: Mapped[int]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    agent_name: Mapped[str] = mapped_column(String(254), default="")
    callkey: Mapped[str] = mapped_column(String(KEY_LENGTH), default="")
    transaction_id: Mapped[str] = mapped_column(String(KEY_LENGTH), default="")
    queue: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wait_seconds: Mapped[int | None]
    talk_seconds: Mapped[int | None]
    hold_seconds: Mapped[int | None]
    answered: Mapped[bool | None]
    abandoned: Mapped[bool | None]
    disposition: Mapped[str] = mapped_column(String(50), default="")

    @property
    def result(self) -> str:
        """In a word; "ended" where nobody says whether the agent answered."""
        return {True: "answered", False: "no_answer", None: "ended"}[self.answered]

    def __repr__(self) -> str:
        return f"<CallLeg {self.call_id}.{self.place}>"


class JoinedCall(db.Model):  # type: ignore[name-defined]
    """Where a row went that turned out to be the same call as another: pages may still name it."""

    __tablename__ = "joined_call"

    old_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)


class CallEvent(db.Model):  # type: ignore[name-defined]
    """A message, webhook, record or note as it came. Nothing is lost: the call can be folded again.

    occurred_at: when it happened, as far as the source tells; else when it was received.
    call_id: None for a post that carries no key: kept, but nobody's.
    digest: of what was told; the same event told again is counted in `repeats`, not kept twice.
    """

    __tablename__ = "call_event"
    __table_args__ = (
        UniqueConstraint("tenant_id", "digest"),
        Index("ix_call_event_tenant_id_source_id", "tenant_id", "source", "id"),
    )

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
