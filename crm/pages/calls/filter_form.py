"""Reads the filter from the call log's address, and makes the choices of the form.

Every field is in the address, so that it can be saved, sent to somebody, and restored by Back. A
value without a meaning is left out, and the page says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _

from crm import calls
from crm.calls import CallFilter, Result
from crm.contacts import directory
from crm.contacts.directory import PopContact
from crm.models import Agent, Direction, Tenant, midnight
from crm.web import clock, seen_calls
from crm.web.agent_names import names
from crm.web.call_words import DISPOSITIONS
from crm.web.current_agent import CurrentAgent
from crm.web.incoming import day_of, row_id
from crm.web.outcome_names import outcome_names

LABELS = {
    "mine": lazy_gettext("Mine"),
    "direction": lazy_gettext("Direction"),
    "result": lazy_gettext("Result"),
    "queue": lazy_gettext("Queue"),
    "agent": lazy_gettext("Agent"),
    "who": lazy_gettext("Who"),
    "contact": lazy_gettext("Contact"),
    "day": lazy_gettext("Day"),
    "from": lazy_gettext("From"),
    "to": lazy_gettext("To"),
    "disposition": lazy_gettext("Disposition"),
    "outcome": lazy_gettext("Outcome"),
    "tenant": lazy_gettext("Tenant"),
}
DIRECTIONS = [("inbound", lazy_gettext("Inbound")), ("outbound", lazy_gettext("Outbound"))]
RESULTS = [
    ("answered", lazy_gettext("Answered")),
    ("missed", lazy_gettext("Missed")),
    ("abandoned", lazy_gettext("Gave up waiting")),
]
DAYS = [("today", lazy_gettext("Today")), ("yesterday", lazy_gettext("Yesterday"))]
LONGEST = {"queue": 200, "disposition": 50, "outcome": 50, "who": 200}
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
SHOWN_OF_NONSENSE = 40

Word = TypeVar("Word", bound=StrEnum)
Row = TypeVar("Row", Agent, Tenant)
Value = TypeVar("Value")
Choice = tuple[str, object]  # the value in the address, and the words for it


@dataclass
class Asked:
    """The filter, and the address that asks for it."""

    wanted: CallFilter = field(default_factory=CallFilter)
    fields: dict[str, str] = field(default_factory=dict)  # the set values, as in the address
    said: list[str] = field(default_factory=list)  # what is set, in words for people
    problems: list[str] = field(default_factory=list)  # sentences for people
    contact: PopContact | None = None  # the contact in the address

    def address(self, url: str) -> str:
        """`url` with what is set."""
        return f"{url}?{urlencode(self.fields)}" if self.fields else url


def read(args: Mapping[str, str], agent: CurrentAgent) -> Asked:
    """Read an agent's filter. Days are days of the agent's tenant."""
    address = _Address(args)
    asked = Asked(fields=address.fields, problems=address.problems)
    tenant = address.row("tenant", seen_calls.tenants)
    asked.contact = address.contact()
    chosen = address.row("agent", seen_calls.people)
    zone = ZoneInfo(agent.timezone)
    since, until = address.day(zone) or address.days(zone)
    asked.wanted = CallFilter(
        tenant_ids=(tenant.id,) if tenant else agent.seen_tenants,
        agent_id=agent.id if address.flag("mine") else chosen and chosen.id,
        contact_id=asked.contact.id if asked.contact else None,
        direction=address.word("direction", Direction),
        result=address.word("result", Result),
        since=since,
        until=until,
        queue=address.text("queue"),
        disposition=address.text("disposition"),
        outcome=address.one_of("outcome", [*_outcomes()]),
        who=address.text("who"),
        region=agent.region,
    )
    asked.said = _said(asked.fields, tenant, chosen)
    return asked


def _said(fields: Mapping[str, str], tenant: Tenant | None, agent: Agent | None) -> list[str]:
    """What is set, in words and in the order of the form: "Mine", "Missed", "from 1 Nov 2026"."""
    fixed = {"mine": {"1": LABELS["mine"]}, "day": dict(DAYS), "direction": dict(DIRECTIONS)}
    fixed |= {"result": dict(RESULTS), "outcome": _outcomes()}
    words = {name: fixed[name][value] for name, value in fields.items() if name in fixed}
    for name, value in fields.items():
        match name:
            case "tenant":
                words[name] = tenant.name if tenant else value
            case "agent":
                words[name] = names().of(agent.id) if agent else value
            case "who":
                words[name] = _("“%(text)s”", text=value)
            case "from":
                words[name] = _("from %(day)s", day=_day_in_words(value))
            case "to":
                words[name] = _("to %(day)s", day=_day_in_words(value))
            case "disposition":
                words[name] = str(DISPOSITIONS.get(value, value))
            case "queue":
                words[name] = value
    return [str(words[name]) for name in LABELS if name in words]


def _outcomes() -> dict[str, str]:
    return outcome_names().to_filter_by([tenant.id for tenant in seen_calls.tenants()])


def _day_in_words(text: str) -> str:
    return str(format_date(day_of(text, FIRST_DAY, LAST_DAY), "d MMM y"))


@dataclass(frozen=True)
class Choices:
    """The choices of each field. A value that is set and not among them is added."""

    days: list[Choice]
    directions: list[Choice]
    results: list[Choice]
    queues: list[Choice]
    agents: list[Choice]
    dispositions: list[Choice]
    outcomes: list[Choice]
    tenants: list[Choice]


def choices(fields: Mapping[str, str]) -> Choices:
    """The choices of the current agent; `fields` are the values that are set."""
    mine = seen_calls.tenants()
    shown = [tenant.id for tenant in mine if str(tenant.id) == fields.get("tenant")]

    def with_chosen(offered: Mapping[str, object], name: str) -> list[Choice]:
        chosen = fields.get(name)
        return [*({**offered, chosen: offered.get(chosen, chosen)} if chosen else offered).items()]

    of_tenants = shown or [tenant.id for tenant in mine]
    queues, told = calls.queues(of_tenants), set(calls.dispositions(of_tenants))
    known = [word for word in DISPOSITIONS if word in told]
    dispositions = {
        word: DISPOSITIONS.get(word, word) for word in (*known, *sorted(told.difference(known)))
    }
    return Choices(
        days=[*DAYS],
        directions=[*DIRECTIONS],
        results=[*RESULTS],
        queues=with_chosen(dict(zip(queues, queues, strict=True)), "queue"),
        agents=[(str(one.id), names().of(one.id)) for one in seen_calls.people()],
        dispositions=with_chosen(dispositions, "disposition"),
        outcomes=[*outcome_names().to_filter_by(of_tenants).items()],
        tenants=[(str(tenant.id), tenant.name) for tenant in mine] if len(mine) > 1 else [],
    )


class _Address:
    """Reads field by field; valid values go into `fields`, the others into `problems`."""

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

    def contact(self) -> PopContact | None:
        def found(text: str) -> PopContact:
            contact = directory.get(row_id(text))
            if contact is None:
                raise LookupError(text)
            return contact

        return self._read("contact", found)

    def day(self, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Today or yesterday as they are now, so that a saved address is as good tomorrow."""
        chosen = self.one_of("day", [code for code, _label in DAYS])
        if not chosen:
            return None
        today = clock.now().astimezone(zone).date()
        first = today if chosen == "today" else today - timedelta(days=1)
        return midnight(first, zone), midnight(first + timedelta(days=1), zone)

    def days(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From the beginning of the first day to the end of the last, UTC."""
        first = self._read("from", lambda text: day_of(text, FIRST_DAY, LAST_DAY))
        last = self._read("to", lambda text: day_of(text, FIRST_DAY, LAST_DAY))
        if first and last and last < first:
            self.problems.append(_("The last day lies before the first, so both were left out."))
            self.fields.pop("from")
            self.fields.pop("to")
            return None, None
        since = midnight(first, zone) if first else None
        return since, midnight(last + timedelta(days=1), zone) if last else None

    def _read(self, name: str, reader: Callable[[str], Value]) -> Value | None:
        text = self._args.get(name, "").strip()
        if not text:
            return None
        try:
            if len(text) > LONGEST.get(name, SHOWN_OF_NONSENSE):
                raise ValueError(name)
            value = reader(text)
        except (ValueError, LookupError):
            shown = text if len(text) <= SHOWN_OF_NONSENSE else f"{text[:SHOWN_OF_NONSENSE]}…"
            sentence = _(
                "“%(text)s” is not a choice under “%(field)s”, so it was left out.",
                text=shown,
                field=LABELS[name],
            )
            self.problems.append(sentence)
            return None
        self.fields[name] = text
        return value
