"""How long data is kept, and who listened to which recording."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words


class RetentionKind(StrEnum):
    """Kinds of data that have a retention time of their own."""

    EVENTS = "events"
    CALLS = "calls"
    LISTENS = "listens"
    HISTORY = "history"  # of contacts, beside calls: notes, changes, follow-ups that are done


class RetentionTime(db.Model):  # type: ignore[name-defined]
    """How many days a kind of data is kept. No row: for ever."""

    __tablename__ = "retention_time"

    kind: Mapped[RetentionKind] = mapped_column(words(RetentionKind), primary_key=True)
    days: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    def __repr__(self) -> str:
        return f"<RetentionTime {self.kind} {self.days}>"


class Listen(db.Model):  # type: ignore[name-defined]
    """Somebody listened to a call's recording. The name stays when the agent is gone."""

    __tablename__ = "listen"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    agent_name: Mapped[str] = mapped_column(String(200))
    listened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    def __repr__(self) -> str:
        return f"<Listen {self.id}>"
