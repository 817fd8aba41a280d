"""The events of a call as people may see them: without numbers that are withheld.

A withheld number is also in other fields than the one it was read from, and in other forms. So in
the events of a masked call everything that looks like a number, or holds its last digits, is
hidden. In text that people wrote nothing is hidden, because that would confirm a guess. Recordings'
addresses are hidden from everybody and long keys from agents: with them a recording could be
fetched from Call Center Studio without the CRM.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from crm.models import Call, CallEvent, EventSource
from crm.phone_numbers import digits
from crm.web.current_agent import CurrentAgent

HIDDEN = "•••"
TELLING_DIGITS = 7  # the last digits of a number are the same in every form
BEGINNING_OF_KEY = 8
LONGEST_SHOWN = 20_000  # characters of one event

_LIKE_A_NUMBER = re.compile(r"(?!\d{4}-\d\d-\d\d)[+(]?\d[\d\s()./-]{5,22}")
_KEY = re.compile(r"[A-Za-z0-9_-]{40,}")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_SECRETS = re.compile(r"token|session|secret|password|hangup_url", re.IGNORECASE)

# A browser event's kind is the vendor's messageType, which is shown as it is.
KINDS = {
    "dial": lazy_gettext("Dialled"),
    "failed": lazy_gettext("Dial refused"),
    "not_taken": lazy_gettext("Dial not taken"),
    "active_call": lazy_gettext("In the list of active calls"),
    "gone": lazy_gettext("No longer in the list of active calls"),
    "hangup": lazy_gettext("Post at the end"),
    "cdr": lazy_gettext("Call detail record"),
    "notification": lazy_gettext("Notification"),
    "hold": lazy_gettext("Put on hold"),
    "unhold": lazy_gettext("Taken off hold"),
    "done": lazy_gettext("Done"),
    "note": lazy_gettext("Note"),
    "outcome": lazy_gettext("Outcome"),
    "contact": lazy_gettext("Contact chosen"),
    "missed_done": lazy_gettext("Missed call taken care of"),
    "missed_undone": lazy_gettext("Put back among the missed calls"),
}
FROM = {
    "dial": lazy_gettext("from the CRM"),
    "browser": lazy_gettext("from the softphone"),
    "agent": lazy_gettext("by the agent"),
    "notification": lazy_gettext("from Call Center Studio's IVR"),
}


@dataclass(frozen=True)
class EventLine:
    """One event for people."""

    event: CallEvent
    text: str  # its payload as JSON, without hidden values

    @property
    def source(self) -> str:
        """The source, in words."""
        return str(FROM.get(self.event.source.value, _("from Call Center Studio")))

    @property
    def kind(self) -> str:
        """The kind of report, in words."""
        return str(KINDS.get(self.event.kind, self.event.kind))


def events_for(call: Call, events: list[CallEvent], agent: CurrentAgent) -> list[EventLine]:
    """The events of a call, in their order, as this agent may see them."""
    told, written = Veil(call, agent), Veil(call, agent, written=True)
    lines = []
    for event in events:
        veil = written if event.source is EventSource.AGENT else told
        text = json.dumps(veil.over(event.payload), ensure_ascii=False, indent=2)
        if (more := len(text) - LONGEST_SHOWN) > 0:
            cut = _("… (cut here, %(more)s characters more are kept)", more=more)
            text = f"{text[:LONGEST_SHOWN]}{cut}"
        lines.append(EventLine(event, text))
    return lines


class Veil:
    """Hides what this agent must not see in a call's events. written: by people of this CRM."""

    def __init__(self, call: Call, agent: CurrentAgent, *, written: bool = False) -> None:
        self._is_masked = call.caller_kind == "masked" and not written
        self._end = digits(call.normal_form or "")[-TELLING_DIGITS:]
        self._line = digits(call.line)
        self._shows_keys = agent.is_admin

    def over(self, value: Any, name: str = "") -> Any:
        """The value, with everything that must not be seen replaced."""
        if isinstance(value, Mapping):
            return {
                self.over(key): self.over(inner, str(key)) for key, inner in value.items()
            }  # a step of the IVR may send the number as a name
        if isinstance(value, list | tuple):
            return [self.over(inner, name) for inner in value]
        if value is None or isinstance(value, bool):
            return value
        text = self._text(str(value), name)
        return value if text == str(value) else text

    def _text(self, text: str, name: str) -> str:
        if _SECRETS.search(name) or self._tells_number(text, name):
            return HIDDEN
        if _ADDRESS.match(text):
            return str(_("(an address at Call Center Studio)"))
        if not self._shows_keys and _KEY.fullmatch(text):
            return f"{text[:BEGINNING_OF_KEY]}…"
        return text

    def _tells_number(self, text: str, name: str) -> bool:
        """Our own line is no secret; a moment and a count are no numbers. A number that a page sent
        is hidden whether right or wrong: somebody may have sent a guess.
        """
        if not self._is_masked:
            return False
        found = digits(text)
        if found == self._line:
            return False
        if name == "number" and len(found) >= TELLING_DIGITS:
            return True
        if self._end and self._end in found:
            return True
        return _LIKE_A_NUMBER.fullmatch(text.strip()) is not None
