"""Background work: one row is one thing to do. The queue only wakes it; the row is the memory."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words
from crm.models.paging import Cursor


class WorkState(StrEnum):
    """WAITING until `next_try_at`, then DONE, or GIVEN_UP after the last attempt."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


class Work(db.Model):  # type: ignore[name-defined]
    """One piece of work, written in the transaction of the event that asks for it.

    kind and subject name it: asking for the same thing twice is one row.
    taken_at: when a worker took it; None while nobody is at it.
    """

    __tablename__ = "work"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index("ix_work_state_next_try_at", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(255))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[WorkState] = mapped_column(words(WorkState), default=WorkState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    @property
    def cursor(self) -> Cursor:
        """What the next page of a list of work begins behind."""
        return Cursor(self.next_try_at, self.id)

    def __repr__(self) -> str:
        return f"<Work {self.id} {self.kind} {self.state}>"
