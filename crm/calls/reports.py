"""Figures over many calls, by day, hour, agent and queue. `crm.pages.reports` shows them.

A call counts when it is over. Left out are dials that the softphone or the vendor did not take, and
inbound calls while no source says whether they were answered. Days and hours are in each tenant's
zone. The database counts by quarter hours of UTC, because every zone's offset is a multiple of one.
They are made local here, the same way on SQLite and PostgreSQL.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Select, case, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from crm.agents import names_apart
from crm.extensions import db
from crm.models import Call, CallLeg, CallState, Direction, Tenant, midnight

MOST_DAYS = 731  # two years, one of them with a 29 February
LONGEST_MONTH = 31
WEEK = 7
ONE_DAY = timedelta(days=1)
QUARTER = 15 * 60  # seconds
Sums = dict[Any, list[Sequence[int | None]]]  # rows of sums in the order of Counts' fields


@dataclass(frozen=True)
class Period:
    """Whole days, including the first and the last."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        """Every day, in order."""
        return (self.first + timedelta(days=number) for number in range(self.length))

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def in_utc(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its start and the moment after its end, from midnight to midnight in a tenant's zone."""
        return midnight(self.first, zone), midnight(self.last + ONE_DAY, zone)

    def before(self) -> "Period":
        """The period to compare with: the same days of the previous week or month.

        Other periods than one from a Monday within a week, or from the first of a month within it,
        are compared with as many days before them.
        """
        in_month = self.last.month == self.first.month and self.length <= LONGEST_MONTH
        if self.first.day == 1 and in_month:
            first = (self.first - ONE_DAY).replace(day=1)
            days = monthrange(first.year, first.month)[1]
            is_whole_month = (self.last + ONE_DAY).day == 1
            last = days if is_whole_month else min(self.last.day, days)
            return Period(first, first.replace(day=last))
        in_week = self.first.weekday() == 0 and self.length <= WEEK
        back = timedelta(days=WEEK if in_week else self.length)
        return Period(self.first - back, self.last - back)


@dataclass(frozen=True)
class Counts:
    """The sums over calls."""

    answered: int = 0  # inbound
    missed: int = 0
    abandoned: int = 0  # of the missed
    outbound: int = 0
    reached: int = 0  # of the outbound
    waited: int = 0  # inbound calls with a known waiting time, answered or not
    wait_seconds: int = 0  # their sum
    talk_seconds: int = 0  # of all calls, both ways

    @property
    def inbound(self) -> int:
        """Calls that came in."""
        return self.answered + self.missed

    @property
    def calls(self) -> int:
        """All calls, both ways."""
        return self.inbound + self.outbound

    @property
    def answered_share(self) -> float | None:
        """The share of inbound calls that was answered, 0 to 1; None without any."""
        return self.answered / self.inbound if self.inbound else None

    @property
    def average_wait(self) -> float | None:
        """Mean seconds that an inbound caller waited, whether answered or not."""
        return self.wait_seconds / self.waited if self.waited else None

    @property
    def average_talk(self) -> float | None:
        """Mean seconds of a call that was answered, both ways."""
        talks = self.answered + self.reached
        return self.talk_seconds / talks if talks else None


@dataclass(frozen=True)
class Named:
    """An agent's or a queue's figures. name: "" for calls without one.

    A call that several agents had counts for each of them, with that agent's times. In a queue, and
    in all other figures, it is one call.
    """

    name: str
    tenant: str
    counts: Counts


@dataclass(frozen=True)
class Report:
    """All figures of a period."""

    total: Counts
    before: Counts  # of the period to compare with
    days: list[tuple[date, Counts]]
    hours: list[tuple[int, Counts]]
    agents: list[Named]
    queues: list[Named]
    shared: bool = False  # several agents had one of the calls, which counts for each of them


def report(tenants: Collection[Tenant], period: Period, *, agent_id: int | None = None) -> Report:
    """Count the calls of some tenants. agent_id: the only one among the agents' figures."""
    days, hours = _by_time(tenants, period)
    agents, queues = _by_name(tenants, period)
    if agent_id is not None:
        agents = {key: sums for key, sums in agents.items() if key[1] == agent_id}
    known = names_apart(who for _tenant_id, who in agents if isinstance(who, str) and who)
    names: dict[Hashable, str] = {
        who: known[who] for _tenant_id, who in agents if isinstance(who, int)
    }
    before = period.before()
    of_several = [
        select(Call.id).where(*_that_count(tenant, period), Call.leg_count > 0).limit(1)
        for tenant in tenants
    ]
    return Report(
        total=_together(chain.from_iterable(days.values())),
        before=_together(db.session.execute(_counted(tenant, before)).one() for tenant in tenants),
        days=[(day, _together(days[day])) for day in period],
        hours=[(hour, _together(hours[hour])) for hour in range(24)],
        agents=_named(agents, tenants, names),
        queues=_named(queues, tenants, {}),
        shared=any(db.session.scalar(one) is not None for one in of_several),
    )


def last_30_days(today: date) -> Period:
    """Today and the 29 days before."""
    return Period(today - timedelta(days=29), today)


def this_week(today: date) -> Period:
    """From Monday to today."""
    return Period(today - timedelta(days=today.weekday()), today)


def last_week(today: date) -> Period:
    """Monday to Sunday."""
    monday = this_week(today).first - timedelta(days=WEEK)
    return Period(monday, monday + timedelta(days=WEEK - 1))


def this_month(today: date) -> Period:
    """From the first to today."""
    return Period(today.replace(day=1), today)


class quarter_hour(GenericFunction[int]):  # noqa: N801 - it reads as a function of SQL
    """The number of quarter hours since 1970 of a time column."""

    type = Integer()
    inherit_cache = True


@compiles(quarter_hour, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    # Cut to the second as text: strftime itself rounds 20:59:59.9999 up, into the next day.
    second = f"substr({compiler.process(element.clauses, **options)}, 1, 19)"
    return f"CAST(strftime('%s', {second}) AS INTEGER) / {QUARTER}"


@compiles(quarter_hour, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(floor(extract(epoch FROM {moment}) / {QUARTER}) AS INTEGER)"


def _by_time(tenants: Iterable[Tenant], period: Period) -> tuple[Sums, Sums]:
    days: Sums = defaultdict(list)
    hours: Sums = defaultdict(list)
    quarter = quarter_hour(Call.started_at)
    for tenant in tenants:
        zone = ZoneInfo(tenant.timezone)
        counted = _counted(tenant, period, quarter.label("quarter")).group_by("quarter")
        for number, *sums in db.session.execute(counted):
            local = datetime.fromtimestamp(number * QUARTER, zone)
            days[local.date()].append(sums)
            hours[local.hour].append(sums)
    return days, hours


def _by_name(tenants: Iterable[Tenant], period: Period) -> tuple[Sums, Sums]:
    """Sums by (tenant's id, agent's id or name) and by (tenant's id, queue), from one query."""
    agents: Sums = defaultdict(list)
    queues: Sums = defaultdict(list)
    for tenant in tenants:
        in_legs = (Call.leg_count > 0).label("in_legs")
        names = (Call.agent_id, _STRANGER.label("stranger"), Call.queue, in_legs)
        counted = _counted(tenant, period, *names)
        counted = counted.group_by(Call.agent_id, "stranger", Call.queue, "in_legs")
        for agent_id, stranger, queue, is_in_legs, *sums in db.session.execute(counted):
            if not is_in_legs:
                agents[tenant.id, agent_id or stranger].append(sums)
            queues[tenant.id, queue].append(sums)
        # For calls that several agents had, each agent's own part.
        by_leg = (CallLeg.agent_id, _STRANGER_OF_LEG.label("stranger"))
        legs = select(*by_leg, *_sums(CallLeg)).join(Call, Call.id == CallLeg.call_id)
        known = or_(_OUTBOUND, CallLeg.answered.is_not(None))
        legs = legs.where(*_that_count(tenant, period), known)
        legs = legs.group_by(CallLeg.agent_id, "stranger")
        for agent_id, stranger, *sums in db.session.execute(legs):
            agents[tenant.id, agent_id or stranger].append(sums)
    return agents, queues


# An agent from the vendor with an address that no agent here has.
_STRANGER = case((Call.agent_id.is_(None), Call.agent_name), else_="")
_STRANGER_OF_LEG = case((CallLeg.agent_id.is_(None), CallLeg.agent_name), else_="")
_INBOUND = Call.direction == Direction.INBOUND
_OUTBOUND = Call.direction == Direction.OUTBOUND


def _sums(of: type[Call] | type[CallLeg]) -> tuple[ColumnElement[Any], ...]:
    """The sums over calls or legs, in the order of the fields of Counts."""
    missed = _INBOUND & of.answered.is_(False)
    return (
        func.count().filter(_INBOUND & of.answered.is_(True)),
        func.count().filter(missed),
        func.count().filter(missed & of.abandoned.is_(True)),
        func.count().filter(_OUTBOUND),
        func.count().filter(_OUTBOUND & of.answered.is_(True)),
        func.count(of.wait_seconds).filter(_INBOUND),
        func.sum(of.wait_seconds).filter(_INBOUND),
        func.sum(of.talk_seconds),
    )


def _counted(tenant: Tenant, period: Period, *by: Any) -> Select[Any]:
    return select(*by, *_sums(Call)).where(*_that_count(tenant, period))


def _that_count(tenant: Tenant, period: Period) -> tuple[ColumnElement[bool], ...]:
    begin, end = period.in_utc(ZoneInfo(tenant.timezone))
    return (
        Call.tenant_id == tenant.id,
        Call.started_at >= begin,
        Call.started_at < end,
        Call.state == CallState.ENDED,
        or_(_OUTBOUND, _INBOUND & Call.answered.is_not(None)),
        Call.dial_problem == "",
    )


def _together(rows: Iterable[Sequence[int | None]]) -> Counts:
    columns = zip(*rows, strict=True)
    return Counts(*(int(sum(filter(None, column))) for column in columns))


def _named(sums: Sums, tenants: Iterable[Tenant], names: Mapping[Hashable, str]) -> list[Named]:
    """The busiest first; calls without a name last. A key without an entry in names is the name."""
    tenant_names = {tenant.id: tenant.name for tenant in tenants}
    named = [
        Named(names.get(key, key), tenant_names[tenant_id], _together(rows))
        for (tenant_id, key), rows in sums.items()
    ]
    return sorted(named, key=lambda one: (not one.name, -one.counts.calls, one.name, one.tenant))
