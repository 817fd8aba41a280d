"""Invented call records, as JSON a page as the vendor sends them, and a client that serves them.

The import's bench reads them. A record is made from its place alone, so a page can be made again
and none needs to be kept.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm.callcenterstudio import CdrPage, CdrRecord
from crm.models import Tenant

PAGE = 100
CONTACTS = 2_000
FIRST = datetime(2026, 3, 2, 0, 0, 0)
SECONDS_BETWEEN = 4
AGENTS = [f"agent{place}@bench.example" for place in range(20)]
QUEUES = ["Support", "Sales", "Accounts", ""]


def contact_number(place: int) -> str:
    """The normal form of a contact's number: no subscriber of Turkey has numbers like these."""
    return f"+90532000{place:04d}"


def page_of_json(page: int, size: int) -> bytes:
    """One page of `size` records in all, in order of their start; empty behind the last."""
    places = range(page * PAGE, min(size, (page + 1) * PAGE))
    answer = {"CallList": [_record(place) for place in places], "cursor": f"after-{page}"}
    return json.dumps(answer).encode()


def last_day(size: int) -> datetime:
    """A local time behind the last of so many records."""
    return FIRST + timedelta(seconds=SECONDS_BETWEEN * size + 1)


class PageClient:
    """What an import needs of a client: pages, read from what `page_of` gives for a number."""

    def __init__(self, page_of: Callable[[int], bytes], first_day: datetime = FIRST) -> None:
        self._page_of = page_of
        self._first_day = first_day

    def __call__(self, _tenant: Tenant) -> "PageClient":
        return self

    def cdr_logs(
        self,
        startdate: datetime,
        finishdate: datetime,  # noqa: ARG002
        *,
        cursor: str | None,
        sorting: str,  # noqa: ARG002
    ) -> CdrPage:
        """The page behind the cursor. All days are one to it: only the first slice has records."""
        if startdate.date() != self._first_day.date():
            return CdrPage(records=(), cursor=None, is_last=True)
        page = int(cursor.removeprefix("after-")) + 1 if cursor else 0
        answer = json.loads(self._page_of(page))
        records = tuple(CdrRecord.parse(record) for record in answer["CallList"])
        return CdrPage(records, answer["cursor"], is_last=len(records) < PAGE)


def _record(place: int) -> dict[str, Any]:
    random = Random(place)
    started = FIRST + timedelta(seconds=SECONDS_BETWEEN * place)
    inbound, answered = random.random() < 0.7, random.random() < 0.8
    wait, talk = random.randrange(60), random.randrange(600)
    known = random.random() < 0.2
    number = f"0532000{random.randrange(CONTACTS):04d}" if known else f"0542{place:07d}"
    line = "908500000010"
    agent = random.randrange(len(AGENTS))
    key = f"ag9zfmJlbmNoLWludmVudGVkQWN0aXZlQ2FsbBi{place:028d}{random.getrandbits(96):024x}"
    over = wait + (talk if answered else 0)
    return {
        "callkey": f"ag9zfmJlbmNoLWludmVudGVkQ2FsbEhpc3Rvcnkk{place:028d}{place * 7919:024d}",
        "callid": f"ast-1-{1_700_000_000 + place}.{place % 1000}",
        "uniqueid": f"{random.getrandbits(128):032x}",
        "calldate": f"{started:%Y-%m-%d %H:%M:%S}",
        "queuedate": f"{started:%Y-%m-%d %H:%M:%S}" if inbound else None,
        "talkdate": f"{started + timedelta(seconds=wait):%Y-%m-%d %H:%M:%S}" if answered else None,
        "hangupdate": f"{started + timedelta(seconds=over):%Y-%m-%d %H:%M:%S}",
        "inbound": inbound,
        "callerid": number if inbound else line,
        "called_num": line if inbound else number,
        "answered": answered if inbound or answered else None,
        "queued": inbound,
        "assigned": answered,
        "abandon": inbound and not answered,
        "status": "hangup",
        "disposition": "ANSWER" if answered else "NOANSWER",
        "hangupcause": "16",
        "waitduration": wait,
        "duration": talk if answered else None,
        "hold": None,
        "holdduration": None,
        "transferred": 0,
        "voicemailtotext": "",
        "agent": f"Agent {agent}",
        "agentid": AGENTS[agent],
        "queue": random.choice(QUEUES) if inbound else "",
        "queuekey": "ag9zfmJlbmNoLWludmVudGVkUXVldWUYQw",
        "initialqueue": "",
        "campaign_name": "",
        "campaignqueuekey": None,
        "click2call": False,
        "attendant_overflow": False,
        "flag_csat": False,
        "csat_answers": None,
        "sourcetenant": "bench.example",
        "channel": f"SIP/428384-{place:08x}",
        "recordingurl": f"https://bench.example/recordings/{key}" if answered else "",
    }
