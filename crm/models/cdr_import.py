"""An import of the vendor's call detail records between two times, with its checkpoint.

`crm.telephony.import_runs` begins one, `crm.telephony.record_import` reads it and compares its
`Checkpoint`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words

LONGEST_CALL = timedelta(hours=4)
# After the start of its call: a record is there when the call has ended, with an hour to spare.
RECORD_COMES_WITHIN = LONGEST_CALL + timedelta(hours=1)


class ImportKind(StrEnum):
    """Why records are read."""

    ASKED_FOR = "asked_for"  # by a person
    RECONCILIATION = "reconciliation"  # the last hours, every few minutes
    NIGHTLY = "nightly"  # the last two days, every night
    CATCH_UP = "catch_up"  # the records of many calls are wanted at once


class ImportState(StrEnum):
    """RUNNING from the first moment; FAILED can go on where it stopped."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CdrImport(db.Model):  # type: ignore[name-defined]
    """One import, and its checkpoint: after a crash it goes on with the page after the last.

    Times without a zone are local times of the tenant, as the vendor takes them.
    """

    __tablename__ = "cdr_import"
    __table_args__ = (Index("ix_cdr_import_tenant_id_kind_id", "tenant_id", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[ImportKind] = mapped_column(words(ImportKind), default=ImportKind.ASKED_FOR)
    state: Mapped[ImportState] = mapped_column(words(ImportState), default=ImportState.RUNNING)
    # The range, both ends included. It is cut into slices, a day each.
    start_local: Mapped[datetime] = mapped_column(DateTime)
    finish_local: Mapped[datetime] = mapped_column(DateTime)

    # The next page: the slice that is being read, and the vendor's cursor in it.
    slice_start: Mapped[datetime] = mapped_column(DateTime)
    slice_finish: Mapped[datetime] = mapped_column(DateTime)
    cursor: Mapped[str | None] = mapped_column(Text)
    # Short digests of the slice's pages, to notice a page that comes again.
    page_digests: Mapped[list[str]] = mapped_column(JSON, default=list)
    # The start of the newest record so far.
    reached_local: Mapped[datetime | None] = mapped_column(DateTime)
    # How often in a row the next page could not be had.
    failures: Mapped[int] = mapped_column(default=0)
    # How often in a row the slice was begun again without a new record.
    restarts: Mapped[int] = mapped_column(default=0)
    # How often the slice was read to its end before. Of this pass: the start of the newest record,
    # how many records were new, whether records were added ahead of the cursor.
    passes: Mapped[int] = mapped_column(default=0)
    pass_reached: Mapped[datetime | None] = mapped_column(DateTime)
    pass_new: Mapped[int] = mapped_column(default=0)
    grew: Mapped[bool] = mapped_column(default=False)
    # Until then the import belongs to the process that reads its next page.
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    pages: Mapped[int] = mapped_column(default=0)
    records_read: Mapped[int] = mapped_column(default=0)
    records_new: Mapped[int] = mapped_column(default=0)
    # They told more of a call that was on record.
    records_changed: Mapped[int] = mapped_column(default=0)
    records_known: Mapped[int] = mapped_column(default=0)
    # They could not be read in full. problems: reason -> number of records.
    records_incomplete: Mapped[int] = mapped_column(default=0)
    problems: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Of the new ones: they came while the import ran, and were found by reading a slice again.
    records_late: Mapped[int] = mapped_column(default=0)
    without_contact: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(1000), default="")

    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    tenant = relationship("Tenant")
    asked_by = relationship("Agent")

    @property
    def progress(self) -> float:
        """How much of its range has been read, 0 to 1."""
        if self.state is ImportState.DONE:
            return 1.0
        reached = self.reached_local or self.slice_start
        reached = max(self.slice_start, min(reached, self.slice_finish))
        whole = self.finish_local - self.start_local + timedelta(seconds=1)
        return min(1.0, max(0.0, (reached - self.start_local) / whole))

    @property
    def may_miss_calls(self) -> bool:
        """Whether calls of the range may have ended, or may still end, after they were read past.

        Their records come later than the import.
        """
        if self.state is not ImportState.DONE or self.finished_at is None:
            return False
        read_until = self.finished_at.astimezone(ZoneInfo(self.tenant.timezone))
        return self.finish_local >= read_until.replace(tzinfo=None) - RECORD_COMES_WITHIN

    def __repr__(self) -> str:
        return f"<CdrImport {self.id} {self.state}>"


class Checkpoint(NamedTuple):
    """Where the next page begins, as it stood when this process took the import."""

    tenant_id: int
    slice_start: datetime
    slice_finish: datetime
    cursor: str | None
    pages: int
    restarts: int
    digests: tuple[str, ...]

    @classmethod
    def of(cls, run: CdrImport) -> Self:
        """The checkpoint in an import's row."""
        slice_ = run.slice_start, run.slice_finish
        digests = tuple(run.page_digests)
        return cls(run.tenant_id, *slice_, run.cursor, run.pages, run.restarts, digests)

    def is_current(self, run: CdrImport) -> bool:
        """Whether the import still runs and no other process has moved it on."""
        return run.state is ImportState.RUNNING and Checkpoint.of(run) == self
