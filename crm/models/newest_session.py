"""The newest telephony session of each agent, shared by all processes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime


class NewestSession(db.Model):  # type: ignore[name-defined]
    """What an agent's last login at Call Center Studio led to, and who makes the next one.

    `crm.telephony.session_store` reads and writes it. `crm.logins` and `crm.tenants` delete it.
    """

    __tablename__ = "newest_session"

    agent_id: Mapped[int] = mapped_column(
        ForeignKey("agent.id"), primary_key=True, autoincrement=False
    )
    # A session: its key, sealed as app tokens are, and what it is bound to.
    key_sealed: Mapped[str | None] = mapped_column(String(1000))
    made_for: Mapped[str | None] = mapped_column(String(32))
    # Or why the login failed: the error's class, and its text for the agent.
    failure: Mapped[str | None] = mapped_column(String(40))
    failure_text: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Held by the process that logs in at this moment.
    ticket: Mapped[str | None] = mapped_column(String(16))
    ticket_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
