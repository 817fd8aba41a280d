"""What the address of the call log asks for: the filter, and what of it could not be understood.

Every field stands in the address, so that it can be kept, sent to somebody, and found again by
Back. A value that means nothing is left out, and said.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from crm import contacts
from crm.calls import OUTCOMES, CallFilter, Result
from crm.models import Agent, Contact, Direction, Tenant
from crm.pages.calls.choices import people, tenants
from crm.web.current_agent import CurrentAgent
from crm.web.incoming import row_id

LABELS = {
    "mine": lazy_gettext("Mine"),
    "direction": lazy_gettext("Direction"),
    "result": lazy_gettext("Result"),
    "queue": lazy_gettext("Queue"),
    "agent": lazy_gettext("Agent"),
    "who": lazy_gettext("Who"),
    "contact": lazy_gettext("Contact"),
    "from": lazy_gettext("From"),
    "to": lazy_gettext("To"),
    "disposition": lazy_gettext("Disposition"),
    "outcome": lazy_gettext("Outcome"),
    "tenant": lazy_gettext("Tenant"),
}
LONGEST = {"queue": 200, "disposition": 50, "outcome": 50, "who": 200}
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
SHOWN_OF_NONSENSE = 40

Word = TypeVar("Word", bound=StrEnum)
Row = TypeVar("Row", Agent, Tenant)
Value = TypeVar("Value")


@dataclass
class Asked:
    """The filter; `fields`: what is set, as the address says it; `problems`: sentences for people.

    contact: whose calls, when the address names a contact.
    """

    wanted: CallFilter = field(default_factory=CallFilter)
    fields: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    contact: Contact | None = None

    def address(self, path: str) -> str:
        """`path` with what is set."""
        return f"{path}?{urlencode(self.fields)}" if self.fields else path


def read(args: Mapping[str, str], agent: CurrentAgent) -> Asked:
    """What an agent asks for. Days are days of the agent's tenant."""
    address = _Address(args)
    asked = Asked(fields=address.fields, problems=address.problems)
    tenant = address.row("tenant", lambda: tenants(agent))
    asked.contact = address.contact()
    chosen = address.row("agent", lambda: people(agent))
    since, until = address.days(ZoneInfo(agent.timezone))
    asked.wanted = CallFilter(
        tenant_ids=_tenant_ids(agent, tenant),
        agent_id=agent.id if address.flag("mine") else chosen and chosen.id,
        contact_id=asked.contact and asked.contact.id,
        direction=address.word("direction", Direction),
        result=address.word("result", Result),
        since=since,
        until=until,
        queue=address.text("queue"),
        disposition=address.text("disposition"),
        outcome=address.one_of("outcome", [code for code, _label in OUTCOMES]),
        who=address.text("who"),
        region=agent.region,
    )
    return asked


def _tenant_ids(agent: CurrentAgent, chosen: Tenant | None) -> tuple[int, ...] | None:
    if chosen is not None:
        return (chosen.id,)
    return None if agent.is_admin else (agent.tenant_id,)


class _Address:
    """Reads one field after the other; what is good goes into `fields`, the rest is a problem."""

    def __init__(self, args: Mapping[str, str]) -> None:
        self._args = args
        self.fields: dict[str, str] = {}
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        return self._read(name, str) or ""

    def flag(self, name: str) -> bool:
        return self.one_of(name, ["1"]) == "1"

    def one_of(self, name: str, words: list[str]) -> str:
        return self._read(name, lambda text: words[words.index(text)]) or ""

    def word(self, name: str, words: type[Word]) -> Word | None:
        return self._read(name, words)

    def row(self, name: str, rows: Callable[[], list[Row]]) -> Row | None:
        return self._read(name, lambda text: {str(row.id): row for row in rows()}[text])

    def contact(self) -> Contact | None:
        return self._read("contact", _contact)

    def days(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From the beginning of the first day to the end of the last, UTC."""
        first, last = self._read("from", _day), self._read("to", _day)
        if first and last and last < first:
            self.problems.append(_("The last day lies before the first, so both were left out."))
            self.fields.pop("from")
            self.fields.pop("to")
            return None, None
        since = _midnight(first, zone) if first else None
        return since, _midnight(last + timedelta(days=1), zone) if last else None

    def _read(self, name: str, reader: Callable[[str], Value]) -> Value | None:
        text = self._args.get(name, "").strip()
        if not text:
            return None
        try:
            if len(text) > LONGEST.get(name, SHOWN_OF_NONSENSE):
                raise ValueError(name)
            value = reader(text)
        except (ValueError, LookupError):
            self._complain(name, text)
            return None
        self.fields[name] = text
        return value

    def _complain(self, name: str, text: str) -> None:
        shown = text if len(text) <= SHOWN_OF_NONSENSE else f"{text[:SHOWN_OF_NONSENSE]}…"
        sentence = _(
            "“%(text)s” fits nothing under “%(field)s”, so it was left out.",
            text=shown,
            field=LABELS[name],
        )
        self.problems.append(sentence)


def _contact(text: str) -> Contact:
    found = contacts.get(row_id(text))
    if found is None:
        raise LookupError(text)
    return found


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text or not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(text)
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
