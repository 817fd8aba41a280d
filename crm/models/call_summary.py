"""What reports read in place of calls: a summary of each day, and the days with changed calls.

`crm.calls.summary` reads and makes them. Database triggers (migration 0020) write `changed_day`
with every change of a call or a leg that reports count, so no writer can forget it.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import words


class SummaryPart(StrEnum):
    """What a row summarises."""

    TIME = "time"  # all calls of a quarter hour
    QUEUE = "queue"  # all calls of a queue
    AGENT = "agent"  # an agent's calls, and legs of calls that several agents had
    SHARED = "shared"  # all calls that several agents had


class CallSummary(db.Model):  # type: ignore[name-defined]
    """Sums over the calls that began on one day of UTC. The columns are those of `Counts`.

    quarter: the number of quarter hours since 1970, of a TIME row. agent_id: 0 without one.
    name: the queue, or an agent whom the CRM does not know.
    """

    __tablename__ = "call_summary"
    __table_args__ = ({"sqlite_with_rowid": False},)

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    part: Mapped[SummaryPart] = mapped_column(words(SummaryPart), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(254), primary_key=True)

    answered: Mapped[int]
    in_time: Mapped[int]
    missed: Mapped[int]
    abandoned: Mapped[int]
    outbound: Mapped[int]
    reached: Mapped[int]
    waited: Mapped[int]
    wait_seconds: Mapped[int] = mapped_column(BigInteger)
    talk_seconds: Mapped[int] = mapped_column(BigInteger)


class ChangedDay(db.Model):  # type: ignore[name-defined]
    """A day of UTC whose calls have changed since its summary was made.

    A day may have many rows: writers on PostgreSQL would wait for each other at a shared one.
    """

    __tablename__ = "changed_day"
    __table_args__ = (Index("ix_changed_day_tenant_id_day", "tenant_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]  # no foreign key, whose check would lock the tenant's row
    day: Mapped[date]
