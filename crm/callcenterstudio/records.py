"""Reads the vendor's records, of one call or by dates (guide and wiki, ``reportsCDRLogs``).

`Client` has these functions; their parameters have the vendor's names. By dates there are 100
records a page and a cursor for the next; the last page has fewer.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal, TypedDict, Unpack

from .api import Api, listed
from .errors import BadAnswer
from .results import PAGE_SIZE, CdrPage, CdrRecord
from .values import Fields


class CdrFilters(TypedDict, total=False):
    """Filters of a search by dates; only the given ones are sent."""

    agent: str
    agent_username: str  # e-mail address
    queue: str
    sorting: Literal["asc", "desc"]  # by calldate; the vendor's default is desc
    untransferred: bool
    include_call_history: bool
    include_csat: bool
    include_call_tags: bool
    csat_only: bool


class Records:
    """The functions of `Client` that read records."""

    _api: Api

    def cdr_log(
        self,
        *,
        activecallkey: str | None = None,
        callkey: str | None = None,
        uniqueid: str | None = None,
    ) -> CdrRecord | None:
        """Return the first record of one call, None when there is none (yet). Give exactly one
        key, as for `cdr_logs_of_call`.
        """
        keys = {"activecallkey": activecallkey, "callkey": callkey, "uniqueid": uniqueid}
        return next(iter(self.cdr_logs_of_call(**keys)), None)

    def cdr_logs_of_call(self, **keys: str | None) -> tuple[CdrRecord, ...]:
        """Return the records of one call by its ``activecallkey``, ``callkey`` or ``uniqueid``.

        ``uniqueid`` is the ``transactionid`` of a click2call (vendor's wiki). By ``activecallkey``
        there is one at most (vendor's guide); it is not published whether a transferred call has
        one for each agent. Raises ValueError unless exactly one key is given.
        """
        given = {name: key for name, key in keys.items() if key}
        if len(given) != 1:
            raise ValueError(f"Give exactly one of {', '.join(keys)}.")
        return self._cdr_page(given).records

    def cdr_logs(
        self,
        startdate: datetime,
        finishdate: datetime,
        *,
        cursor: str | None = None,
        **filters: Unpack[CdrFilters],
    ) -> CdrPage:
        """Return up to 100 records between two naive times of the tenant's own zone.

        A page with fewer is the last. For the next one ask the same with its ``cursor`` (vendor's
        guide, section reportsCDRLogs). Raises ValueError for dates that cannot be sent.
        """
        if startdate.tzinfo or finishdate.tzinfo:
            raise ValueError("The API takes the tenant's local time: give naive datetimes.")
        if finishdate < startdate:
            raise ValueError("finishdate lies before startdate.")
        form = "%Y-%m-%d %H:%M:%S"
        params = {"startdate": f"{startdate:{form}}", "finishdate": f"{finishdate:{form}}"}
        for name, value in filters.items():
            params[name] = str(value).lower() if isinstance(value, bool) else str(value)
        if cursor:
            params["cursor"] = cursor
        return self._cdr_page(params)

    def cdr_pages(
        self,
        startdate: datetime,
        finishdate: datetime,
        *,
        cursor: str | None = None,
        **filters: Unpack[CdrFilters],
    ) -> Iterator[CdrPage]:
        """Yield page after page until the last; to go on later, start from a page's ``cursor``."""
        while True:
            page = self.cdr_logs(startdate, finishdate, cursor=cursor, **filters)
            yield page
            if page.is_last:
                return
            if not page.cursor or page.cursor == cursor:
                raise BadAnswer("Call Center Studio does not say where the next page begins.")
            cursor = page.cursor

    def _cdr_page(self, params: Mapping[str, str]) -> CdrPage:
        answer = self._api.read("reportsCDRLogs", params, payload="CallList")
        found = listed(answer, "CallList")
        return CdrPage(
            records=tuple(CdrRecord.parse(record) for record in found if isinstance(record, dict)),
            cursor=Fields(answer).text("cursor", longest=4000) or None,
            is_last=len(found) < PAGE_SIZE,
        )
