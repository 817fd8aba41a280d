"""How many wrong passwords were tried lately, so that all processes count together."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime


class PasswordTries(db.Model):  # type: ignore[name-defined]
    """The tries of one kind - from one address, at one e-mail - that are not forgotten yet.

    key: digest of what they have in common. forgotten_at: when all of them are forgotten; the row
    goes then. Each try moves it by a fixed time, so it tells how many there were.
    """

    __tablename__ = "password_tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    forgotten_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    def __repr__(self) -> str:
        return f"<PasswordTries until {self.forgotten_at}>"
