"""Finding records for reportsCDRLogs: by key, by dates, page by page with a cursor.

Called by the API with the request's parameters. Vendor's wiki, "Report CDR Logs". That the list
goes on behind the last record of a page, whatever is added meanwhile, is a guess; the page faults
"repeated" and "growing" show a list that does not (`page_faults`).
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from itertools import islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crm.simulator.cdr import Place, Record
from crm.simulator.records import KEYS, Records
from crm.simulator.seed import Tenant

PAGE = 100


class BadSearchError(ValueError):
    """A parameter cannot be read. The vendor's own wording is not known."""


@dataclass(frozen=True)
class Cursor:
    """Where the page ended behind which to go on, and where that page began; None is the start."""

    after: Place | None
    before: Place | None


@dataclass(frozen=True)
class Page:
    """At most 100 records, and the places it lies between."""

    records: list[Record] = field(repr=False)
    cursor: Cursor

    def answer(self, random: Random) -> dict[str, Any]:
        """`{"CallList": […], "cursor": …}`; the cursor differs each time, as at the vendor."""
        return {
            "CallList": [record.data for record in self.records],
            "cursor": _write_cursor(self.cursor, random),
        }


def by_key(records: Records, tenant: Tenant, wanted: Mapping[str, str]) -> Page | None:
    """The record of the first key that is given, which overrides all else; None without one."""
    for name in KEYS:
        if wanted.get(name):
            return Page(records.find(tenant, name, wanted[name]), Cursor(None, None))
    return None


def by_dates(records: Records, tenant: Tenant, wanted: Mapping[str, str]) -> Page:
    """A page of the records between two dates. Raises BadSearchError."""
    start = _moment(wanted.get("startdate", ""), tenant, time.min)
    finish = _moment(wanted.get("finishdate", ""), tenant, time.max).replace(microsecond=999_999)
    came_from = read_cursor(wanted)
    after = came_from.after if came_from else None
    descending = wanted.get("sorting", "desc").lower() != "asc"
    found = records.between(tenant, start, finish, after=after, descending=descending)
    page = list(islice(_passing(found, wanted), PAGE))
    return Page(page, Cursor(after=page[-1].place if page else after, before=after))


def read_cursor(wanted: Mapping[str, str]) -> Cursor | None:
    """The cursor that was sent, None without one. Raises BadSearchError."""
    cursor = wanted.get("cursor", "")
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        after, before, _noise = json.loads(base64.urlsafe_b64decode(padded))
        return Cursor(_read_place(after), _read_place(before))
    except (ValueError, TypeError, LookupError, binascii.Error):
        raise BadSearchError("cursor is not one of ours.") from None


def with_cursor(wanted: Mapping[str, str], place: Place | None) -> dict[str, str]:
    """The same question, asked for the page behind another place."""
    cursor = Cursor(after=place, before=place)
    return dict(wanted) | {"cursor": _write_cursor(cursor, Random(0))}  # noqa: S311 - no secret


def _passing(records: Iterator[Record], wanted: Mapping[str, str]) -> Iterable[Record]:
    """The optional filters; those that the simulator has nothing for are accepted quietly."""
    if wanted.get("csat_only") == "true":
        return ()
    pairs = (("agent", "agent"), ("agent_username", "agentid"), ("queue", "queue"))
    asked = [(key, wanted[name]) for name, key in pairs if wanted.get(name)]
    return (one for one in records if all(one.data[key] == value for key, value in asked))


def _moment(text: str, tenant: Tenant, day_time: time) -> datetime:
    """A local time; in the hour that a clock change repeats, the earlier one (a guess)."""
    zone = ZoneInfo(tenant.timezone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadSearchError("startdate and finishdate are YYYY-MM-DD HH:MM:SS.") from None
    if len(text) == len("YYYY-MM-DD"):
        moment = datetime.combine(moment.date(), day_time)
    try:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise BadSearchError("This date is too far away.") from None


def _write_cursor(cursor: Cursor, random: Random) -> str:
    """The places, and a little noise so that no two cursors are alike."""
    places = [_written(cursor.after), _written(cursor.before)]
    text = json.dumps([*places, random.getrandbits(64)])
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _written(place: Place | None) -> list[str] | None:
    return None if place is None else [place[0].isoformat(), place[1]]


def _read_place(written: list[str] | None) -> Place | None:
    if written is None:
        return None
    return datetime.fromisoformat(written[0]).astimezone(UTC), str(written[1])
