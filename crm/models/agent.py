"""An agent: a person who logs in to the CRM, to talk to customers or to run it (admin)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words


class Role(StrEnum):
    """An agent works with contacts and calls; an admin may do everything."""

    AGENT = "agent"
    ADMIN = "admin"


class Agent(db.Model):  # type: ignore[name-defined]
    """One person."""

    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(words(Role), default=Role.AGENT)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), index=True)
    studio_email: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str | None] = mapped_column(String(10))
    pop_opens_contact: Mapped[bool] = mapped_column(default=True)
    ring_sound: Mapped[bool] = mapped_column(default=False)  # the CRM's own, beside the softphone's
    active: Mapped[bool] = mapped_column(default=True)
    # Until then a dial of this agent is under way, and no second one is sent (the dial lock).
    dialling_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    tenant = relationship("Tenant", back_populates="agents")

    def __repr__(self) -> str:
        return f"<Agent {self.email}>"

    @property
    def is_admin(self) -> bool:
        """Whether this person may change settings."""
        return self.role is Role.ADMIN
