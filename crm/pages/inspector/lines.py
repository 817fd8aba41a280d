"""Lines of time: the calls that the filter asks for, each with its entries, and what has no call.

Messages, webhooks and records are the calls' events, which are kept anyway. Requests are joined to
a call by its keys; one without a key by its agent, while that agent has the call.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log1p
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from crm import calls
from crm.calls.apply import agents_by_studio_email
from crm.calls.effects import Effect, effects_of
from crm.calls.events import HANGUP_POST, VENDOR_KEYS, Event, emails_of, event_of
from crm.extensions import db
from crm.models import Call, CallCard, CallEvent, InboxEntry, LoggedRequest, Tally, Tenant
from crm.models.paging import Cursor, page_of
from crm.pages.inspector.blueprint import Asked
from crm.pages.inspector.entries import Entry, of_event, of_request, of_waiting, secrets_of
from crm.web.agent_names import names
from crm.web.incoming import LARGEST_ID
from crm.web.refused_webhooks import TOO_MANY, UNREADABLE, WRONG_SECRET

AT_ONCE = 20
MOST_LOOKED_AT = 300  # calls, for a filter that the database does not know
MOST_EVENTS = 60  # of a call; each is folded twice
MOST_LOOSE = 12
REFUSED = (WRONG_SECRET, UNREADABLE, TOO_MANY)
IS_NEWS = timedelta(days=1)
POST_COMES_WITHIN = timedelta(minutes=1)
LONGEST_CALL = timedelta(hours=4)
CLOCKS_DIFFER = timedelta(seconds=1)


@dataclass(frozen=True)
class Line:
    """A call with its entries, oldest first."""

    call: Call
    agent: str
    result: str
    entries: tuple[Entry, ...]

    @property
    def cursor(self) -> Cursor:
        """Its place in the list."""
        return self.call.cursor

    @property
    def failures(self) -> int:
        """How many entries are failures."""
        return sum(bool(entry.problem) for entry in self.entries)

    @property
    def began(self) -> datetime:
        """The time of its first entry."""
        return self.entries[0].at

    @property
    def dots(self) -> list[tuple[float, Entry]]:
        """Each entry's place on the line, 0 to 100. Long pauses are drawn shorter."""
        place, places = 0.0, [0.0]
        for before, after in zip(self.entries, self.entries[1:], strict=False):
            place += 0.2 + log1p((after.at - before.at).total_seconds())
            places.append(place)
        length = places[-1] or 1.0
        return [
            (round(2 + 96 * one / length, 1), entry)
            for one, entry in zip(places, self.entries, strict=True)
        ]


@dataclass(frozen=True)
class Found:
    """The page: lines of calls, newest first, and entries that are about no call."""

    lines: list[Line]
    loose: list[Entry]
    refused: list[Tally]  # webhooks of which nothing is kept, of all tenants
    looked_at: int  # calls


def find(asked: Asked, *, before: Cursor | None, limit: int, now: datetime) -> Found:
    """The lines that the filter asks for; reads the database."""
    lines: list[Line] = []
    looked_at = 0
    secrets = secrets_of(asked.tenant)
    while len(lines) < limit and looked_at < MOST_LOOKED_AT:
        rows = _calls(asked, before)
        for call, entries in _with_entries(rows, secrets, now):
            matching = [entry for entry in entries if _passes(entry, asked)]
            if matching and len(lines) < limit:
                lines.append(_line(call, entries))
        looked_at += len(rows)
        if len(rows) < AT_ONCE:
            break
        before = rows[-1].cursor
    refused = select(Tally).where(Tally.name.in_(REFUSED), Tally.last_at > now - IS_NEWS)
    return Found(
        lines=[_with_effects(line, asked.tenant) for line in lines],
        loose=[] if asked.call else _loose(asked, secrets),
        refused=list(db.session.scalars(refused)),
        looked_at=looked_at,
    )


def line_of(call: Call, tenant: Tenant, *, now: datetime) -> Line:
    """The line of one call, with all effects."""
    secrets = secrets_of(tenant)
    ((_same, entries),) = _with_entries([call], secrets, now)
    return _with_effects(_line(call, entries), tenant)


def call_about(request: LoggedRequest) -> Call | None:
    """The call that a request is about, wherever its line is; None for a login, say."""
    theirs = select(Call).where(Call.tenant_id == request.tenant_id)
    if request.call_key:
        same = [getattr(Call, name) == request.call_key for name in VENDOR_KEYS]
        return db.session.scalar(theirs.where(or_(*same)).limit(1))
    if request.agent_id is None:
        return None
    rang = select(CallCard.call_id).where(CallCard.agent_id == request.agent_id)
    had_it = or_(Call.agent_id == request.agent_id, Call.id.in_(rang))
    not_over = and_(Call.ended_at.is_(None), Call.started_at > request.at - LONGEST_CALL)
    at_that_time = or_(Call.ended_at > request.at - CLOCKS_DIFFER, not_over)
    begun = Call.started_at < request.at + CLOCKS_DIFFER
    newest = theirs.where(had_it, begun, at_that_time).order_by(Call.started_at.desc())
    return db.session.scalar(newest.limit(1))


def events_of(call: Call) -> list[CallEvent]:
    """A call's events in the order in which they came."""
    of_call = select(CallEvent).where(CallEvent.call_id == call.id).order_by(CallEvent.id)
    return list(db.session.scalars(of_call.limit(MOST_EVENTS)))


def _line(call: Call, entries: list[Entry]) -> Line:
    return Line(call, names().of_call(call), calls.result_of(call), tuple(entries))


def _calls(asked: Asked, before: Cursor | None) -> list[Call]:
    wanted: list[ColumnElement[bool]] = [Call.tenant_id == asked.tenant.id]
    if asked.call:
        text = asked.call.removeprefix("#")
        same = [getattr(Call, name) == asked.call for name in VENDOR_KEYS]
        if text.isascii() and text.isdigit() and int(text[:11]) <= LARGEST_ID:
            found = calls.find(int(text[:11]))
            same.append(Call.id == (found.id if found else 0))
        wanted.append(or_(*same))
    if asked.agent_id is not None:
        rang = select(CallCard.call_id).where(CallCard.agent_id == asked.agent_id)
        wanted.append(or_(Call.agent_id == asked.agent_id, Call.id.in_(rang)))
    newest = select(Call).where(*wanted).options(joinedload(Call.agent))
    statement = page_of(newest, (Call.started_at, Call.id), before, AT_ONCE)
    return list(db.session.scalars(statement))


def _with_entries(
    rows: Sequence[Call], secrets: tuple[str, ...], now: datetime
) -> Iterator[tuple[Call, list[Entry]]]:
    if not rows:
        return
    ids = [call.id for call in rows]
    events: dict[int, list[Entry]] = {}
    statement = select(CallEvent).where(CallEvent.call_id.in_(ids)).order_by(CallEvent.id)
    for event in db.session.scalars(statement):
        mine = events.setdefault(event.call_id or 0, [])
        if len(mine) < MOST_EVENTS:
            mine.append(of_event(event, secrets))
    cards = select(CallCard.call_id, CallCard.agent_id).where(CallCard.call_id.in_(ids))
    had_it: dict[int, set[int]] = {}
    for call_id, agent_id in db.session.execute(cards):
        had_it.setdefault(call_id, set()).add(agent_id)
    requests = _requests(rows)
    for call in rows:
        agents = had_it.get(call.id, set()) | {call.agent_id}
        about_it = [of_request(one) for one in requests if _is_about(one, call, agents, now)]
        entries = [*events.get(call.id, []), *about_it]
        if call.ended_at is not None:
            entries = [_late_after(entry, call.ended_at) for entry in entries]
            if now - call.ended_at > POST_COMES_WITHIN:
                entries = _with_missing_post(entries)
        yield call, sorted(entries, key=lambda one: (one.at, one.kind, one.number))


def _late_after(entry: Entry, ended_at: datetime) -> Entry:
    """A webhook tells no time of its own that could be compared: it is due when the call ends."""
    if entry.lane != "webhook":
        return entry
    return replace(entry, late=max(entry.late, round((entry.at - ended_at).total_seconds())))


def _with_missing_post(entries: list[Entry]) -> list[Entry]:
    """The entries of an ended call; a dial whose hangup post did not come says so."""
    if any(entry.name == HANGUP_POST for entry in entries):
        return entries
    missing = _(
        "The call has ended, and its hangup post has not come. Can Call Center Studio reach "
        "PUBLIC_URL, and is the webhook's secret still the one that was sent?"
    )
    return [
        replace(entry, problem=missing)
        if entry.name == "click2call" and not entry.problem and "hangup_url" in entry.sent
        else entry
        for entry in entries
    ]


def _requests(rows: Sequence[Call]) -> list[LoggedRequest]:
    """Requests that may be about one of these calls of a tenant."""
    keys = [key for call in rows for name in VENDOR_KEYS if (key := getattr(call, name))]
    first = min(call.started_at for call in rows) - CLOCKS_DIFFER
    about = or_(
        LoggedRequest.call_key.in_(keys),
        and_(
            LoggedRequest.call_key == "",
            LoggedRequest.agent_id.is_not(None),
            LoggedRequest.at >= first,
        ),
    )
    mine = select(LoggedRequest).where(LoggedRequest.tenant_id == rows[0].tenant_id, about)
    return list(db.session.scalars(mine.order_by(LoggedRequest.id)))


def _is_about(request: LoggedRequest, call: Call, agents: set[int | None], now: datetime) -> bool:
    if request.call_key:
        return request.call_key in (call.activecallkey, call.callkey, call.transaction_id)
    if request.agent_id is None or request.agent_id not in agents:
        return False
    ended = call.ended_at or min(now, call.started_at + LONGEST_CALL)
    return call.started_at - CLOCKS_DIFFER <= request.at <= ended + CLOCKS_DIFFER


def _passes(entry: Entry, asked: Asked) -> bool:
    is_named = not asked.name or entry.name == asked.name
    return is_named and (bool(entry.problem) or not asked.failures)


def _with_effects(line: Line, tenant: Tenant) -> Line:
    rows = events_of(line.call)
    if not rows:
        return line
    events = [event_of(row) for row in rows]
    effects = dict(zip((row.id for row in rows), effects_in(events, tenant), strict=True))
    entries = (
        replace(entry, effect=effects.get(entry.number)) if entry.kind == "event" else entry
        for entry in line.entries
    )
    return replace(line, entries=tuple(entries))


def effects_in(events: Sequence[Event], tenant: Tenant) -> list[Effect]:
    """The effects of a call's events, in their order; reads the tenant's agents alone."""
    emails = {email for event in events for email in emails_of(event)}
    return effects_of(
        events,
        zone=ZoneInfo(tenant.timezone),
        region=tenant.region,
        agent_ids=agents_by_studio_email(tenant.id, emails),
    )


def _loose(asked: Asked, secrets: tuple[str, ...]) -> list[Entry]:
    """The newest entries about no call: logins, records by dates, webhooks that were not read."""
    tenant = asked.tenant
    waiting = select(InboxEntry).where(InboxEntry.tenant_id == tenant.id, InboxEntry.attempts > 0)
    nobodys = select(CallEvent).where(CallEvent.tenant_id == tenant.id, CallEvent.call_id.is_(None))
    requests = select(LoggedRequest).where(
        LoggedRequest.tenant_id == tenant.id, LoggedRequest.call_key == ""
    )
    if asked.failures:
        requests = requests.where(LoggedRequest.problem != "")
    if asked.agent_id is not None:
        requests = requests.where(LoggedRequest.agent_id == asked.agent_id)

    def newest(statement: Select[Any], table: Any) -> Iterable[Any]:
        return db.session.scalars(statement.order_by(table.id.desc()).limit(MOST_LOOSE))

    in_force = dict(tenant.notification_map or {})
    found = [of_waiting(row, in_force, secrets) for row in newest(waiting, InboxEntry)]
    found += [of_event(row, secrets) for row in newest(nobodys, CallEvent)]
    found += [of_request(row) for row in newest(requests, LoggedRequest) if call_about(row) is None]
    found = [entry for entry in found if _passes(entry, asked)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:MOST_LOOSE]
