"""The client's results: frozen records with our words, typed and tolerant.

Made by the client; read by telephony and the CDR import. Times are naive and in the tenant's own
zone, as the vendor sends them, or aware if it sends an offset or seconds since 1970; durations are
whole seconds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from .values import Fields

PAGE_SIZE = 100  # most records in one answer (vendor's guide, section reportsCDRLogs)
_KEY = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LONGEST_URL = 2000
_LONGEST_WORDS = 20_000  # characters of a voicemail's text


@dataclass(frozen=True)
class Login:
    """A new telephony session. ``expires_in`` (seconds) is there only if the vendor says so."""

    session: str = field(repr=False)
    expires_in: int | None = None


@dataclass(frozen=True)
class ActiveCall:
    """A call of the agent that rings or is up (``getmyactivecalls``, seen in public clients)."""

    activecallkey: str
    callid: str
    callerid: str
    called_num: str
    queue: str
    inbound: bool | None
    status: str
    calldate: datetime | None
    talkdate: datetime | None
    raw: Mapping[str, Any] = field(repr=False, compare=False)
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Read one entry of ``MyActiveCalls``; never raises."""
        fields = Fields(raw)
        return cls(
            activecallkey=fields.text("key"),
            callid=fields.text("callid"),
            callerid=fields.text("callerid"),
            called_num=fields.text("called_num"),
            queue=fields.text("queue"),
            inbound=fields.flag("inbound"),
            status=fields.text("status"),
            calldate=fields.moment("calldate"),
            talkdate=fields.moment("talkdate"),
            raw=dict(raw),
            problems=fields.problems,
        )

    @property
    def other_party(self) -> str:
        """The number at the far end; "" when the direction is not known."""
        return _other_party(self.inbound, self.callerid, self.called_num)


@dataclass(frozen=True)
class CdrRecord:
    """One call from ``reportsCDRLogs``; field names are the vendor's.

    ``answered`` has three values (seen in a real answer): true; false for an inbound call that
    nobody took; None for an outbound call that was not reached. ``callerid`` of an outbound call is
    our own line. ``abandon``: the caller gave up in the queue (the name is seen in a real answer,
    the meaning inferred from it). ``transferred``: how often the call was transferred,
    ``voicemailtotext``: the text of a voicemail (names seen, meanings inferred). ``raw`` is the
    record as it came.
    """

    callkey: str
    callid: str
    uniqueid: str
    calldate: datetime | None
    queuedate: datetime | None
    talkdate: datetime | None
    hangupdate: datetime | None
    inbound: bool | None
    callerid: str
    called_num: str
    answered: bool | None
    abandon: bool | None
    status: str
    disposition: str
    hangupcause: str
    waitduration: int | None
    duration: int | None
    holdduration: int | None
    agent: str
    agentid: str
    queue: str
    recordingurl: str
    transferred: int | None
    voicemailtotext: str
    raw: Mapping[str, Any] = field(repr=False, compare=False)
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Read one record of ``CallList``; never raises. Unreadable fields are in ``problems``."""
        fields = Fields(raw)
        return cls(
            callkey=fields.text("callkey"),
            callid=fields.text("callid"),
            uniqueid=fields.text("uniqueid"),
            calldate=fields.moment("calldate"),
            queuedate=fields.moment("queuedate"),
            talkdate=fields.moment("talkdate"),
            hangupdate=fields.moment("hangupdate"),
            inbound=fields.flag("inbound"),
            callerid=fields.text("callerid"),
            called_num=fields.text("called_num"),
            answered=fields.flag("answered"),
            abandon=fields.flag("abandon"),
            status=fields.text("status"),
            disposition=fields.text("disposition"),
            hangupcause=fields.text("hangupcause"),
            waitduration=fields.seconds("waitduration"),
            duration=fields.seconds("duration"),
            holdduration=fields.seconds("holdduration"),
            agent=fields.text("agent"),
            agentid=fields.text("agentid"),
            queue=fields.text("queue"),
            recordingurl=fields.text("recordingurl", longest=_LONGEST_URL),
            transferred=fields.times("transferred"),
            voicemailtotext=fields.text("voicemailtotext", longest=_LONGEST_WORDS),
            raw=dict(raw),
            problems=fields.problems,
        )

    @property
    def activecallkey(self) -> str | None:
        """The softphone's key of this call, if the record contains it.

        It is the last part of the recording's address (inferred, not confirmed); a call that
        was never answered may have no recording, so no key.
        """
        try:
            parts = [part for part in urlsplit(self.recordingurl).path.split("/") if part]
        except ValueError:
            return None
        key = unquote(parts[-1]) if len(parts) > 1 else ""
        return key if _KEY.fullmatch(key) else None

    @property
    def other_party(self) -> str:
        """The customer's number: the caller when inbound, else the number that was called.

        "" when the direction is not known: better no match than our own line.
        """
        return _other_party(self.inbound, self.callerid, self.called_num)


@dataclass(frozen=True)
class CdrPage:
    """Up to 100 records, newest first unless asked otherwise, and the cursor of the next page.

    ``cursor`` comes with every page, also the last one: go on while ``is_last`` is false.
    """

    records: tuple[CdrRecord, ...]
    cursor: str | None = field(repr=False)
    is_last: bool


def _other_party(inbound: bool | None, callerid: str, called_num: str) -> str:
    if inbound is None:
        return ""
    return callerid if inbound else called_num
