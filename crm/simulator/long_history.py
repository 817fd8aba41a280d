"""A history of any size: each call is made anew from the seed whenever it is asked for.

Two hundred thousand records take no memory that way, and a page of a hundred a few milliseconds.
`POST /console/api/history` adds one; `records` mixes it with the calls that ended here. A call's
number in the history stands in its keys, so that it is found by any of them.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from crm.simulator.cdr import Place, Record, record_of
from crm.simulator.invented_calls import Drawn, draw, invented_call
from crm.simulator.office_hours import OfficeHours
from crm.simulator.seed import Tenant

MARK = b"j\x0fs~simulator-"
KEY_KINDS = {"activecallkey": b"lhc", "callkey": b"lhr"}
JITTER = 0.9  # of the distance between two calls, so that their order is that of their numbers


class LongHistory:
    """`calls` invented calls of a tenant between two aware times, oldest first.

    The same arguments give the same calls, keys too. recordings_at: as in `record_of`.
    """

    def __init__(
        self,
        tenant: Tenant,
        *,
        calls: int,
        start: datetime,
        finish: datetime,
        seed: int,
        recordings_at: str | None,
    ) -> None:
        named = f"{tenant.name} {calls} {start.timestamp()} {finish.timestamp()} {seed}"
        self.tenant = tenant
        self.number = int.from_bytes(hashlib.sha256(named.encode()).digest()[:4], "big")
        self._calls = calls
        self._recordings_at = recordings_at
        self._hours = OfficeHours(start, finish, ZoneInfo(tenant.timezone))

    def __len__(self) -> int:
        return self._calls

    def __getitem__(self, place: int) -> Record:
        """The record of the call with that number, from 0. It can be read when the call is over."""
        random = self._random(place)
        started = self._hours.moment((place + JITTER * random.random()) / self._calls)
        drawn: Drawn = draw(random, self.tenant)
        call = invented_call(
            self.tenant,
            drawn,
            started=started,
            activecallkey=self._key("activecallkey", place, random),
            callkey=self._key("callkey", place, random),
            serial=f"{started.timestamp():.0f}.{self.number}{place:07d}",
        )
        assert call.ended is not None  # noqa: S101 - an invented call is over
        return record_of(call, available=call.ended, recordings_at=self._recordings_at)

    def __iter__(self) -> Iterator[Record]:
        return (self[place] for place in range(self._calls))

    def find(self, name: str, key: str) -> Record | None:
        """The call with that activecallkey, callkey or uniqueid."""
        place = self._place_in_serial(key) if name == "uniqueid" else self._place_in_key(key)
        if place is None or not 0 <= place < self._calls:
            return None
        record = self[place]
        known = record.activecallkey if name == "activecallkey" else record.data[name]
        return record if known == key else None

    def between(self, low: Place, high: Place, descending: bool) -> Iterator[Record]:
        """The records from one place in the vendor's list to another, both included."""
        first, last = self._index(low[0]), self._index(high[0])
        places = range(last, first - 1, -1) if descending else range(first, last + 1)
        records = (self[place] for place in places)
        return (record for record in records if low <= record.place <= high)

    def newest_first(self) -> Iterator[Record]:
        """All records, the newest one first."""
        return (self[place] for place in range(self._calls - 1, -1, -1))

    def _index(self, moment: datetime) -> int:
        """The number of a call at most one away from that moment."""
        near = int(self._hours.share(moment) * self._calls)
        return min(max(near, 0), self._calls - 1)

    def _random(self, place: int) -> Random:
        return Random(self.number << 32 | place)  # noqa: S311 - invented history, not a secret

    def _key(self, name: str, place: int, random: Random) -> str:
        where = self.number.to_bytes(4, "big") + place.to_bytes(4, "big")
        raw = MARK + KEY_KINDS[name] + where + random.randbytes(32)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def _place_in_key(self, key: str) -> int | None:
        try:
            raw = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        except (ValueError, binascii.Error):
            return None
        where = raw[len(MARK) + 3 :][:8]
        is_mine = where[:4] == self.number.to_bytes(4, "big")
        return int.from_bytes(where[4:], "big") if is_mine else None

    def _place_in_serial(self, serial: str) -> int | None:
        _, _, number = serial.partition(f".{self.number}")
        return int(number) if number.isascii() and number.isdigit() else None
