"""Days that a report covers: a period, the one it is compared with, and when it is in UTC."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_DAYS = 731  # two years, one of them with a 29 February
WEEK = 7
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Whole days, the first and the last among them."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        """Every day, in order."""
        return (self.first + timedelta(days=number) for number in range(self.length))

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def in_utc(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its beginning and the moment after its end, midnight to midnight in a tenant's zone."""
        return _midnight(self.first, zone), _midnight(self.last + ONE_DAY, zone)

    def before(self) -> "Period":
        """What it is compared with: the same days of the week or the month before.

        A period that is neither part of a week from its Monday on, nor of a month from its first
        day on, is compared with as many days before it.
        """
        if self.first.day == 1 and self.last.month == self.first.month and self.length <= 31:  # noqa: PLR2004
            return self._in_month_before()
        is_in_week = self.first.weekday() == 0 and self.length <= WEEK
        back = timedelta(days=WEEK if is_in_week else self.length)
        return Period(self.first - back, self.last - back)

    def _in_month_before(self) -> "Period":
        first = (self.first - ONE_DAY).replace(day=1)
        days = monthrange(first.year, first.month)[1]
        is_whole_month = (self.last + ONE_DAY).day == 1
        return Period(
            first, first.replace(day=days if is_whole_month else min(self.last.day, days))
        )


def last_30_days(today: date) -> Period:
    """Today and the 29 days before."""
    return Period(today - timedelta(days=29), today)


def this_week(today: date) -> Period:
    """From Monday to today."""
    return Period(today - timedelta(days=today.weekday()), today)


def last_week(today: date) -> Period:
    """Monday to Sunday."""
    monday = this_week(today).first - timedelta(days=WEEK)
    return Period(monday, monday + timedelta(days=WEEK - 1))


def this_month(today: date) -> Period:
    """From the first to today."""
    return Period(today.replace(day=1), today)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Also where the clock leaves midnight out: then this is the moment of the change.
    return datetime.combine(day, time(), zone).astimezone(UTC)
