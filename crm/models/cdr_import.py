"""A reading of the vendor's call detail records between two times, with its checkpoint."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words


class ImportKind(StrEnum):
    """Why records are read: somebody asked; the last hours; the last two days, every night; the
    records of many calls are wanted at once.
    """

    ASKED_FOR = "asked_for"
    RECONCILIATION = "reconciliation"
    NIGHTLY = "nightly"
    CATCH_UP = "catch_up"


class ImportState(StrEnum):
    """RUNNING from the first moment; FAILED can go on where it stopped."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CdrImport(db.Model):  # type: ignore[name-defined]
    """One reading, and how far it is: after a crash it goes on with the page after the last.

    Times without a zone are local times of the tenant, as the vendor takes them; a range is
    `start_local` to `finish_local`, cut into slices. slice_start, slice_finish, cursor: where the
    next page is. page_digests: short digests of the slice's pages, to notice one that comes again.
    reached_local: the newest record read so far. failures: how often the next page was asked for in
    vain. restarts: how often the slice was begun again. passes: how often the slice was read to its
    end before; of this pass, pass_reached: the newest record, pass_new: how many were new, grew:
    the list has grown ahead of the place that was reached. records_late: how many came while it was
    read, and were found by reading a slice again.
    problems: reason -> how many records could not be read in full for it.
    lease_until: so long it belongs to the process that reads a page.
    """

    __tablename__ = "cdr_import"
    __table_args__ = (Index("ix_cdr_import_tenant_id_kind_id", "tenant_id", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[ImportKind] = mapped_column(words(ImportKind), default=ImportKind.ASKED_FOR)
    state: Mapped[ImportState] = mapped_column(words(ImportState), default=ImportState.RUNNING)
    start_local: Mapped[datetime] = mapped_column(DateTime)
    finish_local: Mapped[datetime] = mapped_column(DateTime)

    slice_start: Mapped[datetime] = mapped_column(DateTime)
    slice_finish: Mapped[datetime] = mapped_column(DateTime)
    cursor: Mapped[str | None] = mapped_column(Text)
    page_digests: Mapped[list[str]] = mapped_column(JSON, default=list)
    reached_local: Mapped[datetime | None] = mapped_column(DateTime)
    failures: Mapped[int] = mapped_column(default=0)
    restarts: Mapped[int] = mapped_column(default=0)
    pass_reached: Mapped[datetime | None] = mapped_column(DateTime)
    pass_new: Mapped[int] = mapped_column(default=0)
    grew: Mapped[bool] = mapped_column(default=False)
    passes: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    pages: Mapped[int] = mapped_column(default=0)
    records_read: Mapped[int] = mapped_column(default=0)
    records_new: Mapped[int] = mapped_column(default=0)
    records_changed: Mapped[int] = mapped_column(default=0)
    records_known: Mapped[int] = mapped_column(default=0)
    records_incomplete: Mapped[int] = mapped_column(default=0)
    records_late: Mapped[int] = mapped_column(default=0)
    without_contact: Mapped[int] = mapped_column(default=0)
    problems: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    last_error: Mapped[str] = mapped_column(String(1000), default="")

    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    tenant = relationship("Tenant")
    asked_by = relationship("Agent")

    def __repr__(self) -> str:
        return f"<CdrImport {self.id} {self.state}>"
