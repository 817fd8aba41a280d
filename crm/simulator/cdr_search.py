"""Finding records for reportsCDRLogs: by key, by dates, page by page with a cursor.

Called by the API with the request's parameters. Vendor's wiki, "Report CDR Logs".
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crm.simulator.cdr import Record
from crm.simulator.seed import Tenant

PAGE = 100
KEYS = ("activecallkey", "callkey", "uniqueid")  # the first one given overrides all else
Place = tuple[str, str]


class BadSearchError(ValueError):
    """A parameter cannot be read. The vendor's own wording is not known."""


def search(
    records: Iterable[Record], tenant: Tenant, wanted: Mapping[str, str], random: Random
) -> dict[str, Any]:
    """The answer `{"CallList": […], "cursor": …}`: at most 100 records, and a cursor that comes
    with every answer and differs each time. Raises BadSearchError.
    """
    descending = wanted.get("sorting", "desc").lower() != "asc"
    found = sorted(_matching(records, tenant, wanted), key=_place, reverse=descending)
    start = _read_cursor(wanted.get("cursor", ""))
    if start is not None:
        found = [r for r in found if (_place(r) < start if descending else _place(r) > start)]
    page = found[:PAGE]
    last = _place(page[-1]) if page else start
    return {"CallList": [r.data for r in page], "cursor": _write_cursor(last, random)}


def _matching(
    records: Iterable[Record], tenant: Tenant, wanted: Mapping[str, str]
) -> Iterable[Record]:
    own = (record for record in records if record.tenant is tenant)
    for name in KEYS:
        if wanted.get(name):
            return [r for r in own if _key(r, name) == wanted[name]]
    return _by_date(own, tenant, wanted)


def _by_date(
    records: Iterable[Record], tenant: Tenant, wanted: Mapping[str, str]
) -> Iterable[Record]:
    start = _moment(wanted.get("startdate", ""), tenant, time.min)
    finish = _moment(wanted.get("finishdate", ""), tenant, time.max)
    for record in records:
        inside = start <= record.calldate.replace(microsecond=0) <= finish
        if inside and _passes(record.data, wanted):
            yield record


def _passes(data: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """The optional filters; those that the simulator has nothing for are accepted quietly."""
    pairs = (("agent", "agent"), ("agent_username", "agentid"), ("queue", "queue"))
    if any(wanted.get(name) not in (None, "", data[field]) for name, field in pairs):
        return False
    return wanted.get("csat_only") != "true"


def _key(record: Record, name: str) -> str:
    return record.activecallkey if name == "activecallkey" else str(record.data[name])


def _place(record: Record) -> Place:
    return f"{record.calldate:%Y-%m-%d %H:%M:%S.%f}", str(record.data["callkey"])


def _moment(text: str, tenant: Tenant, day_time: time) -> datetime:
    zone = ZoneInfo(tenant.timezone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadSearchError("startdate and finishdate are YYYY-MM-DD HH:MM:SS.") from None
    if len(text) == len("YYYY-MM-DD"):
        moment = datetime.combine(moment.date(), day_time)
    return moment.replace(tzinfo=zone)


def _write_cursor(place: Place | None, random: Random) -> str:
    """Where the page ended, and a little noise so that no two cursors are alike."""
    text = json.dumps([place, random.getrandbits(64)])
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read_cursor(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place, _noise = json.loads(base64.urlsafe_b64decode(padded))
        return None if place is None else (str(place[0]), str(place[1]))
    except (ValueError, TypeError, LookupError, binascii.Error):
        raise BadSearchError("cursor is not one of ours.") from None
