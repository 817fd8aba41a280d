"""A login: one browser in which an agent is logged in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now

ADDRESS_LENGTH = 45
BROWSER_LENGTH = 300


class Login(db.Model):  # type: ignore[name-defined]
    """The row is there for as long as the login lasts; without it the browser's cookie is nobody's.

    digest: of the random token in the cookie, so that nobody can log in with what lies here.
    ends_at: when it is over at the latest. address, browser: where it began, for its owner to
    recognise.
    """

    __tablename__ = "login"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), default="")
    browser: Mapped[str] = mapped_column(String(BROWSER_LENGTH), default="")

    def __repr__(self) -> str:
        return f"<Login {self.id} of agent {self.agent_id}>"
