"""Turns the vendor's times, which are local and without an offset, into UTC.

A clock change at the end of summer time (DST) repeats an hour. The earlier reading is taken, unless
other times of the same call decide, or the order of a page's records (`starts_by_order`). Pure;
`sources` and `record_page` call it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

CLOSE = timedelta(minutes=10)  # two clocks may differ by this much
# A smaller step back may be two records that the vendor has sorted differently.
CLEAR_STEP = timedelta(minutes=10)


class Moment(NamedTuple):
    """A time in UTC; `uncertain` when it lies in a repeated hour and nothing decided."""

    at: datetime
    uncertain: bool = False


@dataclass(frozen=True)
class TenantClock:
    """Reads a tenant's local times. known: UTC times of the same call from other sources."""

    zone: ZoneInfo
    known: tuple[datetime, ...] = ()

    def read(
        self, local: datetime | None, *, near: Iterable[datetime | None] = ()
    ) -> Moment | None:
        """Turn a local time to UTC; `near` are times that it should be close to.

        A time that came with an offset is certain.
        """
        if local is None:
            return None
        if local.tzinfo is not None:
            return Moment(local.astimezone(UTC))
        earlier, later = _in_utc(self.zone, local)
        if later <= earlier:  # not repeated; in the hour that a clock change leaves out, the former
            return Moment(earlier)
        hints = [hint for hint in (*self.known, *near) if hint is not None]
        if any(abs(hint - earlier) <= CLOSE for hint in hints):
            return Moment(earlier)
        if any(abs(hint - later) <= CLOSE for hint in hints):
            return Moment(later)
        return Moment(earlier, uncertain=True)


def plus(moment: Moment | None, seconds: int | None) -> Moment | None:
    """A moment some seconds later, as uncertain as it was; None when either is not known."""
    if moment is None or seconds is None:
        return None
    return Moment(moment.at + timedelta(seconds=seconds), moment.uncertain)


def in_local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A time as the tenant's clock shows it, also for a time that came with an offset."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def starts_by_order(dates: Sequence[datetime | None], zone: ZoneInfo) -> list[datetime | None]:
    """For each local time the UTC moment that the order decides; None if it decides nothing.

    dates: of a page's records, in the order of their start. If they fall back in the middle of the
    repeated hour, the clock was put back there: the records before it are of the earlier hour,
    those after it of the later one.
    """
    by_order: list[datetime | None] = [None] * len(dates)
    repeated = [
        (index, date) for index, date in enumerate(dates) if date and _is_repeated(date, zone)
    ]
    steps = [
        (index, before - after)
        for (_, before), (index, after) in pairwise(repeated)
        if after < before
    ]
    if len(steps) != 1 or steps[0][1] < CLEAR_STEP:
        return by_order
    for index, date in repeated:
        local = date.replace(tzinfo=zone, fold=int(index >= steps[0][0]))
        by_order[index] = local.astimezone(UTC)
    return by_order


def _is_repeated(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the tenant's clock shows this time twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


@lru_cache(maxsize=1024)
def _in_utc(zone: ZoneInfo, local: datetime) -> tuple[datetime, datetime]:
    """A local time in UTC, read as the earlier and as the later of two. Cached, because a record is
    read several times and repeats its times.
    """
    first = local.replace(tzinfo=zone).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return first, second
