"""When invented calls happen: many in the morning, few at night and at weekends.

`long_history` spreads its calls with it: a share of the calls, 0 to 1, becomes a moment, and back.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
NIGHT, EDGE = 0.04, 0.3
WEEKEND = 0.3
SATURDAY = 5
BY_HOUR = (
    *[NIGHT] * 7,
    *(EDGE, 0.7, 1.0, 1.0, 0.9, 0.6, 0.8, 0.9, 0.8, 0.7, 0.5, EDGE, EDGE),
    *[NIGHT] * 4,
)


class OfficeHours:
    """The time between two aware moments, each hour weighed by how much goes on at the tenant."""

    def __init__(self, start: datetime, finish: datetime, zone: ZoneInfo) -> None:
        whole = range(int((finish - start) / HOUR) + 1)
        self._times = [start + hour * HOUR for hour in whole]
        if self._times[-1] < finish:
            self._times.append(finish)
        weights = [
            _weight(begin, zone) * ((end - begin) / HOUR) for begin, end in pairwise(self._times)
        ]
        self._sums = [0.0, *accumulate(weights)]

    def moment(self, share: float) -> datetime:
        """When that share of the calls has happened."""
        wanted = share * self._sums[-1]
        place = min(bisect_right(self._sums, wanted), len(self._sums) - 1) - 1
        part = (wanted - self._sums[place]) / (self._sums[place + 1] - self._sums[place])
        return self._times[place] + part * (self._times[place + 1] - self._times[place])

    def share(self, moment: datetime) -> float:
        """Which share of the calls has happened by then."""
        if moment <= self._times[0] or moment >= self._times[-1]:
            return float(moment >= self._times[-1])
        place = bisect_right(self._times, moment) - 1
        begin, end = self._times[place], self._times[place + 1]
        grown = self._sums[place + 1] - self._sums[place]
        return (self._sums[place] + (moment - begin) / (end - begin) * grown) / self._sums[-1]


def _weight(moment: datetime, zone: ZoneInfo) -> float:
    local = moment.astimezone(zone)
    return BY_HOUR[local.hour] * (WEEKEND if local.weekday() >= SATURDAY else 1.0)
