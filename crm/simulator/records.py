"""All records there are: those of calls that ended here, and long histories made when asked for.

The switchboard owns one `Records` and holds its lock around every use. `cdr_search` reads pages
from it, the console the newest, the recordings one by its key.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from crm.simulator.cdr import Place, Record
from crm.simulator.long_history import LongHistory
from crm.simulator.seed import Tenant

RECORDS_KEPT = 50_000
KEYS = ("activecallkey", "callkey", "uniqueid")
EVER = datetime.min.replace(tzinfo=UTC)


class Records:
    """Records by key, and by tenant in the order of their time. clock: aware times."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._order: dict[str, list[Place]] = {}
        self._by_place: dict[Place, Record] = {}
        self._by_key: dict[tuple[str, str, str], list[Record]] = {}
        self._histories: dict[str, dict[int, LongHistory]] = {}

    def keep(self, record: Record) -> None:
        """Add the record of an ended call; past RECORDS_KEPT the tenant's oldest one goes."""
        order = self._order.setdefault(record.tenant.name, [])
        insort(order, record.place)
        self._by_place[record.place] = record
        for key in _keys(record):
            self._by_key.setdefault(key, []).append(record)
        if len(order) > RECORDS_KEPT:
            self._forget(order.pop(0))

    def add_history(self, history: LongHistory) -> None:
        """Add invented calls; the same history twice is one."""
        own = self._histories.setdefault(history.tenant.name, {})
        own[history.number] = history

    def count(self) -> int:
        """How many there are, those that cannot be read yet included."""
        histories = (history for own in self._histories.values() for history in own.values())
        return len(self._by_place) + sum(map(len, histories))

    def find(
        self, tenant: Tenant, name: str, key: str, *, unreadable_too: bool = False
    ) -> list[Record]:
        """The readable records with that key. name: one of KEYS."""
        found = list(self._by_key.get((tenant.name, name, key), ()))
        for history in self._histories.get(tenant.name, {}).values():
            if (record := history.find(name, key)) is not None:
                found.append(record)
        return [record for record in found if unreadable_too or self._is_readable(record)]

    def between(
        self,
        tenant: Tenant,
        start: datetime,
        finish: datetime,
        *,
        after: Place | None = None,
        descending: bool = False,
    ) -> Iterator[Record]:
        """The readable records from `start` to `finish`, both included, oldest first unless
        descending; `after`: those that come behind that place.
        """
        found = self._walk(tenant, start, finish, after, descending)
        return (record for record in found if self._is_readable(record))

    def everything(self, tenant: Tenant, after: Place | None) -> Iterator[Record]:
        """All records of a tenant, oldest first, those that cannot be read yet included."""
        last = datetime.max.replace(tzinfo=UTC)
        return self._walk(tenant, EVER, last, after, descending=False)

    def newest(self, count: int) -> list[Record]:
        """The newest readable records of all tenants, newest first."""
        by_tenant = (islice(self._newest_of(name), count) for name in self._names())
        merged = heapq.merge(*by_tenant, key=_place_of, reverse=True)
        return list(islice(merged, count))

    def _walk(
        self,
        tenant: Tenant,
        start: datetime,
        finish: datetime,
        after: Place | None,
        descending: bool,
    ) -> Iterator[Record]:
        low, high = (start, ""), (finish, "\uffff")
        if after is not None:
            low, high = (low, min(high, after)) if descending else (max(low, after), high)
        histories = self._histories.get(tenant.name, {}).values()
        sources: list[Iterable[Record]] = [self._live(tenant, low, high, descending)]
        sources += [history.between(low, high, descending) for history in histories]
        merged = heapq.merge(*sources, key=_place_of, reverse=descending)
        return (record for record in merged if record.place != after)

    def _live(self, tenant: Tenant, low: Place, high: Place, descending: bool) -> Iterator[Record]:
        order = self._order.get(tenant.name, [])
        first, last = bisect_left(order, low), bisect_right(order, high)
        places = range(last - 1, first - 1, -1) if descending else range(first, last)
        return (self._by_place[order[place]] for place in places)

    def _newest_of(self, name: str) -> Iterator[Record]:
        order = self._order.get(name, [])
        live = (self._by_place[place] for place in reversed(order))
        histories = (history.newest_first() for history in self._histories.get(name, {}).values())
        merged = heapq.merge(live, *histories, key=_place_of, reverse=True)
        return (record for record in merged if self._is_readable(record))

    def _names(self) -> set[str]:
        return {*self._order, *self._histories}

    def _is_readable(self, record: Record) -> bool:
        return record.available <= self._clock()

    def _forget(self, place: Place) -> None:
        record = self._by_place.pop(place)
        for key in _keys(record):
            self._by_key[key].remove(record)
            if not self._by_key[key]:
                del self._by_key[key]


def _keys(record: Record) -> list[tuple[str, str, str]]:
    name, data = record.tenant.name, record.data
    values = (record.activecallkey, str(data["callkey"]), str(data["uniqueid"]))
    return [(name, kind, value) for kind, value in zip(KEYS, values, strict=True)]


def _place_of(record: Record) -> Place:
    return record.place
