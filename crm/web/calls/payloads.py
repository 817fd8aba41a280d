"""What came about a call, as people may see it: its events, without numbers that are withheld.

A withheld number stands in other fields than the one it was read from, and in other forms; so in
the events of a masked call everything that looks like a number, or holds its last digits, is
hidden. Recordings' addresses are hidden from everybody and long keys from agents: with them a
recording could be fetched from Call Center Studio without the CRM.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from crm.models import Call, CallEvent
from crm.phone_numbers import digits
from crm.web.call_lines import SOURCES
from crm.web.current_agent import CurrentAgent

HIDDEN = "•••"
TELLING_DIGITS = 7  # the last digits of a number, the same in each way of writing it
BEGINNING_OF_KEY = 8

_LIKE_A_NUMBER = re.compile(r"(?!\d{4}-\d\d-\d\d)[+(]?\d[\d\s()./-]{5,22}")
_KEY = re.compile(r"[A-Za-z0-9_-]{40,}")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_SECRETS = re.compile(r"token|session|secret|password|hangup_url", re.IGNORECASE)

KINDS = {
    "dial": lazy_gettext("dialled"),
    "failed": lazy_gettext("refused"),
    "not_taken": lazy_gettext("not taken by the softphone"),
    "active_call": lazy_gettext("in the list of active calls"),
    "gone": lazy_gettext("no more in the list of active calls"),
    "hangup": lazy_gettext("end of the dial"),
    "cdr": lazy_gettext("record"),
    "notification": lazy_gettext("notification"),
    "hold": lazy_gettext("put on hold"),
    "unhold": lazy_gettext("taken off hold"),
    "done": lazy_gettext("done"),
    "note": lazy_gettext("note"),
    "outcome": lazy_gettext("outcome"),
    "contact": lazy_gettext("contact chosen"),
    "missed_done": lazy_gettext("missed call worked off"),
}


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """One event for people. repeats: how often it was told again. text: what came, as JSON."""

    id: int
    source: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    repeats: int
    text: str


def events_for(call: Call, events: list[CallEvent], agent: CurrentAgent) -> list[EventLine]:
    """The events of a call, in their order, as this agent may see them."""
    veil = _Veil(call, agent)
    return [
        EventLine(
            id=event.id,
            source=str(SOURCES.get(event.source.value, event.source.value)),
            kind=str(KINDS.get(event.kind, event.kind)),
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            repeats=event.repeats,
            text=json.dumps(veil.over(event.payload), ensure_ascii=False, indent=2),
        )
        for event in events
    ]


class _Veil:
    """Hides what this agent must not see in what came about a call."""

    def __init__(self, call: Call, agent: CurrentAgent) -> None:
        self._is_masked = call.caller_kind == "masked"
        self._end = digits(call.normal_form or "")[-TELLING_DIGITS:]
        self._line = digits(call.line)
        self._shows_keys = agent.is_admin

    def over(self, value: Any, name: str = "") -> Any:
        """The same with what must not be seen replaced."""
        if isinstance(value, Mapping):
            return {key: self.over(inner, str(key)) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.over(inner, name) for inner in value]
        if value is None or isinstance(value, bool):
            return value
        return self._text(str(value), name) if self._hides(str(value), name) else value

    def _hides(self, text: str, name: str) -> bool:
        return self._text(text, name) != text

    def _text(self, text: str, name: str) -> str:
        if _SECRETS.search(name) or self._tells_number(text):
            return HIDDEN
        if _ADDRESS.match(text):
            return str(_("(an address at Call Center Studio)"))
        if not self._shows_keys and _KEY.fullmatch(text):
            return f"{text[:BEGINNING_OF_KEY]}…"
        return text

    def _tells_number(self, text: str) -> bool:
        """Our own line is no secret; a moment and a count are no numbers."""
        if not self._is_masked:
            return False
        found = digits(text)
        if self._end and self._end in found:
            return True
        is_number = _LIKE_A_NUMBER.fullmatch(text.strip()) is not None
        return is_number and found != self._line
