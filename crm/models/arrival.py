"""What the vendor sent to a webhook and nobody has read yet; and how often strangers knocked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words
from crm.models.call import EventSource


class Arrival(db.Model):  # type: ignore[name-defined]
    """A hangup post or a notification as it came. The worker folds it into its call and deletes it.

    So the vendor is answered after one short write, however busy the rows of calls are.
    attempts, next_try_at, last_error: of one that could not be folded; it is kept and tried again.
    """

    __tablename__ = "arrival"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    source: Mapped[EventSource] = mapped_column(words(EventSource))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(500), default="")

    def __repr__(self) -> str:
        return f"<Arrival {self.id} {self.source}>"


class Tally(db.Model):  # type: ignore[name-defined]
    """A named count of things of which nothing else is kept."""

    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    def __repr__(self) -> str:
        return f"<Tally {self.name} {self.count}>"
