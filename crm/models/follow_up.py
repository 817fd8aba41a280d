"""A follow-up: what an agent has promised to do about a contact or a call, and by when."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now

NO_TIME = 1440  # minutes of a day: some time on it, behind all that have a time
LONGEST_WHAT = 300


class FollowUp(db.Model):  # type: ignore[name-defined]
    """One thing to do. Written by `crm.calls.follow_ups`.

    contact_id: of one that was made without a call. One of a call is about whomever that call is
    with, so it follows the call from contact to contact.
    due_on, due_minute: day and minute of the day in the zone of the agent's tenant; NO_TIME when
    only the day was given. They mean the clock on the wall, so a change of clocks moves nothing.
    what: in a line. Empty for a call's, whose note says it.
    by_outcome: the outcome alone made it; choosing another outcome takes it back.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "ix_follow_up_open",
            "agent_id",
            "due_on",
            "due_minute",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), index=True
    )
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    due_on: Mapped[date]
    due_minute: Mapped[int] = mapped_column(default=NO_TIME)
    what: Mapped[str] = mapped_column(String(LONGEST_WHAT), default="")
    by_outcome: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))

    call = relationship("Call")
    contact = relationship("Contact")

    def __repr__(self) -> str:
        return f"<FollowUp {self.id}>"
