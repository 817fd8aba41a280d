"""What is wrong with a record of the vendor's, in words, and which of its dates are believed.

Pure. A record is imported as far as it can be read, whatever this finds: `crm.calls.readings`
asks for the row, `crm.calls.batch` counts.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from crm.callcenterstudio.results import CdrRecord

AHEAD_AT_MOST = timedelta(days=1)  # clocks differ, and zones may be set wrong; a day is no clock
NOTHING = (None, "None", "null")
DATES = ("calldate", "queuedate", "talkdate", "hangupdate")

NO_KEY = "the record has no key that names its call"
END_BEFORE_START = "hangupdate lies before calldate"


@lru_cache(maxsize=64)
def latest_believed(received_at: datetime, zone: ZoneInfo) -> datetime:
    """The last time that a record which came at this moment can tell, in the tenant's zone."""
    return received_at.astimezone(zone) + AHEAD_AT_MOST


def problems_of(record: CdrRecord, *, latest: datetime) -> tuple[str, ...]:
    """What could not be read, a few words each; () for a sound record."""
    found = [f"{name} cannot be read" for name in record.problems]
    found += [f"{name} is missing" for name in _missing(record)]
    found += [f"{name} lies in the future" for name in _ahead(record, latest)]
    start, end = (_in_zone(date, latest) for date in (record.calldate, record.hangupdate))
    if start and end and end < start:
        found.append(END_BEFORE_START)
    return tuple(found)


def without_future(record: CdrRecord, *, latest: datetime) -> CdrRecord:
    """The record without the dates that cannot be: a call of the year 2099 has not been yet."""
    ahead = _ahead(record, latest)
    if not ahead:
        return record
    dates: dict[str, Any] = {
        name: None if name in ahead else getattr(record, name) for name in DATES
    }
    return replace(record, **dates)


def _missing(record: CdrRecord) -> list[str]:
    """What every record seen so far had. A caller who hides the number has "" or a word there."""
    told = record.problems
    wanted = ("callkey", "calldate", "inbound")
    missing = [name for name in wanted if getattr(record, name) in (None, "")]
    if record.inbound is not None:
        number = "callerid" if record.inbound else "called_num"
        missing += [number] * (record.raw.get(number) in NOTHING)
    return [name for name in missing if name not in told]


def _ahead(record: CdrRecord, latest: datetime) -> list[str]:
    dates = [(name, _in_zone(getattr(record, name), latest)) for name in DATES]
    return [name for name, date in dates if date is not None and date > latest]


def _in_zone(date: datetime | None, latest: datetime) -> datetime | None:
    """A local time in the zone of `latest`; one that was told with its offset as it is."""
    return date if date is None or date.tzinfo else date.replace(tzinfo=latest.tzinfo)
