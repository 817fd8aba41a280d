"""The webhook inbox: requests that the worker has not folded yet. See `crm.telephony.inbox`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words
from crm.models.call import EventSource


class InboxEntry(db.Model):  # type: ignore[name-defined]
    """A hangup post or a notification as it came. The worker folds it into its call and deletes it.

    So the vendor gets its answer after one short write, however busy the calls' rows are.
    """

    __tablename__ = "webhook_inbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    source: Mapped[EventSource] = mapped_column(words(EventSource))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    # One that could not be folded is tried again.
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(500), default="")

    def __repr__(self) -> str:
        return f"<InboxEntry {self.id} {self.source}>"
