"""The hour that a clock change repeats: what the order of a page's records tells about it.

Pure; `crm.calls.batch` asks. Records come in the order of their start. Where their local times
fall back in the middle of the repeated hour, the clock was put back there: what stands before is
of the earlier hour, what stands behind of the later one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

# A step back by less may be two records that the vendor has in another order for once.
CLEAR_STEP = timedelta(minutes=10)


def starts_by_order(dates: Sequence[datetime | None], zone: ZoneInfo) -> list[datetime | None]:
    """For each local time the moment in UTC that the order gives it; None where it tells nothing.

    dates: in the order of the records, as the tenant's clock showed them.
    """
    told: list[datetime | None] = [None] * len(dates)
    repeated = [place for place, date in enumerate(dates) if date and is_repeated(date, zone)]
    steps = [
        behind for before, behind in pairwise(repeated) if _at(dates, before) > _at(dates, behind)
    ]
    if len(steps) != 1 or not _is_clear(dates, repeated, steps[0]):
        return told
    for place in repeated:
        local = _at(dates, place).replace(tzinfo=zone, fold=int(place >= steps[0]))
        told[place] = local.astimezone(UTC)
    return told


def is_repeated(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the tenant's clock shows this time twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def _is_clear(dates: Sequence[datetime | None], repeated: list[int], step: int) -> bool:
    before = repeated[repeated.index(step) - 1]
    return _at(dates, before) - _at(dates, step) >= CLEAR_STEP


def _at(dates: Sequence[datetime | None], place: int) -> datetime:
    date = dates[place]
    assert date is not None  # noqa: S101 - only places of dates are looked at
    return date
