"""Named counts; `crm.web.refused_webhooks` and `crm.retention` write them, settings show them."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now


class Tally(db.Model):  # type: ignore[name-defined]
    """A named count of things that are not stored themselves."""

    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    def __repr__(self) -> str:
        return f"<Tally {self.name} {self.count}>"
