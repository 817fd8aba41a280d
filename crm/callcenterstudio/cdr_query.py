"""The parameters of ``reportsCDRLogs``, checked before they are sent; the client calls it.

Names are the vendor's own (vendor's guide and wiki, section reportsCDRLogs), so that they can be
looked up there.
"""

from datetime import datetime
from typing import Literal, TypedDict


class CdrFilters(TypedDict, total=False):
    """What narrows a search by dates; leave out what shall not be sent."""

    agent: str
    agent_username: str  # e-mail address
    queue: str
    sorting: Literal["asc", "desc"]  # by calldate; the vendor's default is desc
    untransferred: bool
    include_call_history: bool
    include_csat: bool
    include_call_tags: bool
    csat_only: bool


def by_key(**keys: str | None) -> dict[str, str]:
    """Return the parameters for one call. Raises ValueError unless exactly one key is given."""
    given = {name: key for name, key in keys.items() if key}
    if len(given) != 1:
        raise ValueError(f"Give exactly one of {', '.join(keys)}.")
    return given


def by_dates(
    startdate: datetime, finishdate: datetime, cursor: str | None, filters: CdrFilters
) -> dict[str, str]:
    """Return the parameters for a page of calls. Raises ValueError for dates it cannot send."""
    if startdate.tzinfo or finishdate.tzinfo:
        raise ValueError("The API takes the tenant's local time: give naive datetimes.")
    if finishdate < startdate:
        raise ValueError("finishdate lies before startdate.")
    params = {"startdate": _written(startdate), "finishdate": _written(finishdate)}
    for name, value in filters.items():
        params[name] = str(value).lower() if isinstance(value, bool) else str(value)
    if cursor:
        params["cursor"] = cursor
    return params


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
