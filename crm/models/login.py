"""Logins, and the wrong passwords that were tried. See `crm.logins` and `crm.password_tries`."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now

ADDRESS_LENGTH = 45
BROWSER_LENGTH = 300


class Login(db.Model):  # type: ignore[name-defined]
    """One browser in which an agent is logged in. The cookie counts while the row exists."""

    __tablename__ = "login"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Of the random token in the cookie: nobody can log in with what is stored here.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)  # at the latest
    # Whether the agent's softphone is in this browser; False: another browser has taken it.
    has_softphone: Mapped[bool | None]
    # When the page with the softphone was closed, until a browser has it again.
    softphone_left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Where it began, so that the agent recognises it.
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), default="")
    browser: Mapped[str] = mapped_column(String(BROWSER_LENGTH), default="")

    def __repr__(self) -> str:
        return f"<Login {self.id} of agent {self.agent_id}>"


class PasswordTries(db.Model):  # type: ignore[name-defined]
    """Recent wrong passwords of one kind, such as all from one address."""

    __tablename__ = "password_tries"

    # Digest of what the tries have in common.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    # When all of them are forgotten; the row is deleted then. Each try moves it on by a fixed time,
    # so it also tells how many there were.
    forgotten_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    def __repr__(self) -> str:
        return f"<PasswordTries until {self.forgotten_at}>"
