"""Requests to the vendor's API, written down while an admin has switched the inspector on."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import UtcDateTime
from crm.models.tenant import KEY_LENGTH


class LoggedRequest(db.Model):  # type: ignore[name-defined]
    """One request and its answer, masked by `crm.telephony.masking` before they are written.

    key: what it was sent with, "app_token" or "session". call_key: the key or transaction id of the
    call that it is about, "" for none. status: of HTTP; None if no answer came. problem: the class
    of the client's error, "" for a success; reason: its sentence.
    """

    __tablename__ = "logged_request"
    __table_args__ = (
        Index("ix_logged_request_tenant_id_id", "tenant_id", "id"),
        Index("ix_logged_request_tenant_id_call_key", "tenant_id", "call_key"),
        {"sqlite_autoincrement": True},  # an open page names entries by their ids
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    function: Mapped[str] = mapped_column(String(50))
    key: Mapped[str] = mapped_column(String(10))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    call_key: Mapped[str] = mapped_column(String(KEY_LENGTH), default="")
    status: Mapped[int | None]
    milliseconds: Mapped[int]
    answer: Mapped[Any] = mapped_column(JSON, nullable=True)
    problem: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")

    def __repr__(self) -> str:
        return f"<LoggedRequest {self.id} {self.function}>"
