"""An outcome that a tenant's agents choose from when they wrap up a call."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime

LONGEST_NAME = 50


class Outcome(db.Model):  # type: ignore[name-defined]
    """One line of a tenant's own list, written by `crm.calls.outcomes`.

    A tenant without rows has the usual list. code: what calls and their events store; it never
    changes. name: "" for a usual one under its usual name, which is then in each reader's language.
    retired_at: since when it is not offered any more; calls that have it keep it.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index("ix_outcome_tenant_id_position", "tenant_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    code: Mapped[str] = mapped_column(String(LONGEST_NAME))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    position: Mapped[int]
    makes_follow_up: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return f"<Outcome {self.code} of tenant {self.tenant_id}>"
