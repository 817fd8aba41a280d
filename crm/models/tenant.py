"""A tenant: one customer account at Call Center Studio."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm import secret_box
from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words

KEY_LENGTH = 255


class DialFormat(StrEnum):
    """How the tenant wants numbers in click2call."""

    NATIONAL = "national"
    E164 = "e164"


class SoftphoneTenant(StrEnum):
    """What the softphone page expects as `tenant`: the whole host, or the bare name."""

    HOST = "host"
    NAME = "name"


class Tenant(db.Model):  # type: ignore[name-defined]
    """One tenant."""

    __tablename__ = "tenant"
    __table_args__ = (UniqueConstraint("hook_secret_digest", name="uq_tenant_hook_secret"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(63), unique=True)
    host: Mapped[str] = mapped_column(String(255))
    api_url: Mapped[str] = mapped_column(String(500))
    softphone_url: Mapped[str] = mapped_column(String(500))
    softphone_tenant: Mapped[SoftphoneTenant] = mapped_column(
        words(SoftphoneTenant), default=SoftphoneTenant.HOST
    )
    # The softphone page may navigate the CRM's window.
    softphone_unsandboxed: Mapped[bool] = mapped_column(default=False)
    # Encrypted.
    app_token_sealed: Mapped[str | None] = mapped_column(String(1000))
    app_token_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    timezone: Mapped[str] = mapped_column(String(63), default="Europe/Istanbul")
    region: Mapped[str] = mapped_column(String(2), default="TR")
    dial_format: Mapped[DialFormat] = mapped_column(words(DialFormat), default=DialFormat.NATIONAL)
    # Meaning -> the parameter's name in the requests of the tenant's IVR step.
    notification_map: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Recent CDRs are read every few minutes.
    reconcile: Mapped[bool] = mapped_column(default=True)
    # The secret in the webhooks' addresses. Requests find the tenant by the digest, which works
    # even when the secret cannot be decrypted any more.
    hook_secret_digest: Mapped[str] = mapped_column(String(KEY_LENGTH))
    hook_secret_sealed: Mapped[str] = mapped_column(String(1000))
    # When the vendor's API was last asked with the app token, and what was wrong; "" for nothing.
    last_answer_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_answer_problem: Mapped[str] = mapped_column(String(500), default="")
    # How long a card waits for its agent after the call; None for as long as it takes.
    wrap_up_seconds: Mapped[int | None]
    # The service level counts calls that were answered within so many seconds.
    answer_within_seconds: Mapped[int] = mapped_column(default=20)
    # Until when the inspector writes down the tenant's requests; None or past: it is off.
    inspected_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    agents = relationship("Agent", back_populates="tenant", order_by="Agent.name")

    @property
    def hook_secret(self) -> str:
        """The decrypted secret; "" when it was stored with another SECRET_KEY."""
        try:
            return secret_box.unseal(self.hook_secret_sealed, keys=_secret_keys())
        except secret_box.SecretLostError:
            return ""

    @hook_secret.setter
    def hook_secret(self, secret: str) -> None:
        self.hook_secret_digest = secret_box.digest(secret)
        self.hook_secret_sealed = secret_box.seal(secret, key=_secret_keys()[0])

    def __repr__(self) -> str:
        return f"<Tenant {self.name}>"


def _secret_keys() -> tuple[str, ...]:
    keys: tuple[str, ...] = current_app.extensions["settings"].secret_keys
    return keys
