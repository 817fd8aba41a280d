"""Cuts the time that an import covers into slices: a refused cursor costs at most one of them.

Pure. `crm.telephony.cdr_import.runs` and `crm.telephony.cdr_import.reading` use it. All times are
local times of the tenant without a zone, whole seconds.
"""

from datetime import datetime, timedelta

LONGEST = timedelta(days=1)
# A record is there when its call has ended: four hours at most, and one for good measure.
LONGEST_CALL = timedelta(hours=5)
SECOND = timedelta(seconds=1)


def first(start: datetime, finish: datetime) -> tuple[datetime, datetime]:
    """The first slice of a range, both ends included: a day at most, and none crosses midnight."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0) + LONGEST
    return start, min(finish, midnight - SECOND)


def after(slice_finish: datetime, finish: datetime) -> tuple[datetime, datetime] | None:
    """The slice that follows the one that ends at `slice_finish`, None when the range is done."""
    start = slice_finish + SECOND
    return None if start > finish else first(start, finish)


def to_ask_for(slice_start: datetime, slice_finish: datetime) -> tuple[datetime, datetime]:
    """Start and finish as the vendor is asked: a second more than the slice at its end.

    Nobody published whether `finishdate` itself belongs to the answer. A record that two slices
    get is known the second time.
    """
    return slice_start, slice_finish + SECOND


def done(start: datetime, finish: datetime, reached: datetime) -> float:
    """Which part of the range lies before `reached`, 0 to 1."""
    whole = (finish - start + SECOND).total_seconds()
    return min(1.0, max(0.0, (reached - start).total_seconds() / whole))
