"""What can be wrong with a page of reportsCDRLogs by dates, each a switch that counts down.

`api` asks here for every page. What happened is counted in the switchboard's `faults`, so that a
test can prove that it did.
"""

import time
from collections.abc import Mapping
from typing import Any

from crm.simulator import cdr_search
from crm.simulator.cdr import record_of
from crm.simulator.cdr_search import BadSearchError, Page
from crm.simulator.invented_calls import call_that_just_ended
from crm.simulator.odd_records import with_odd_ones
from crm.simulator.seed import Tenant
from crm.simulator.switchboard import Switchboard
from crm.simulator.switches import PAGES

# These need a page before; on a first page they wait for the next one.
NEED_A_CURSOR = frozenset({"pages_repeated", "pages_refused", "pages_growing"})
GROWS_BY = 3


class BrokenPageError(Exception):
    """The page is not answered; `answers` names what comes instead, as the switch api_answers."""

    def __init__(self, answers: str) -> None:
        super().__init__(answers)
        self.answers = answers


def page_of(board: Switchboard, tenant: Tenant, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The page, or what a fault makes of it. Raises BadSearchError and BrokenPageError."""
    with board.changed:
        fault = _next_fault(board, has_cursor=bool(wanted.get("cursor")))
    if fault in ("500", "html"):
        raise BrokenPageError(fault)
    if fault == "refused":
        raise BadSearchError("cursor has expired.")
    if fault == "slow":
        time.sleep(board.switches.pages_slow_seconds)
    with board.changed:
        answer = _page(board, tenant, wanted, fault).answer(board.random)
    if fault == "odd":
        answer["CallList"] = with_odd_ones(answer["CallList"])
    return answer


def _next_fault(board: Switchboard, *, has_cursor: bool) -> str:
    for name in PAGES:
        left = getattr(board.switches, name)
        if left and (has_cursor or name not in NEED_A_CURSOR):
            setattr(board.switches, name, left - 1)
            board.faults[name] += 1
            return name.removeprefix("pages_")
    return ""


def _page(board: Switchboard, tenant: Tenant, wanted: Mapping[str, str], fault: str) -> Page:
    if fault not in ("repeated", "growing"):
        return cdr_search.by_dates(board.records, tenant, wanted)
    cursor = cdr_search.read_cursor(wanted)
    before = cursor.before if cursor else None
    page_before = cdr_search.by_dates(board.records, tenant, cdr_search.with_cursor(wanted, before))
    if fault == "repeated":
        return page_before
    for _ in range(GROWS_BY):
        call = call_that_just_ended(board.random, tenant, board.clock())
        board.keep(record_of(call, available=board.clock(), recordings_at=board.recordings_at))
    # A list that is paged by its length: what came on top has moved all else down.
    places = [record.place for record in page_before.records]
    moved = places[-GROWS_BY - 1] if len(places) > GROWS_BY else before
    return cdr_search.by_dates(board.records, tenant, cdr_search.with_cursor(wanted, moved))
