"""Figures over many calls, by day, hour, agent and queue. `crm.pages.reports` shows them.

What counts is defined in `crm.calls.counting`. The figures come from a summary of whole days, and
from the calls where these have changed since (`crm.calls.summary`). Days and hours are in each
tenant's zone. They are put together from quarter hours of UTC, because every zone's offset is a
multiple of one.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from crm.agents import names_apart
from crm.calls import summary
from crm.calls.counting import QUARTER
from crm.models import SummaryPart, Tenant, midnight

MOST_DAYS = 731  # two years, one of them with a 29 February
LONGEST_MONTH = 31
WEEK = 7
ONE_DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
Sums = dict[Any, list[Sequence[int]]]  # rows of sums in the order of Counts' fields


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
    in_time: int = 0  # of the answered, within the time that the tenant sets
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
    def service_level(self) -> float | None:
        """The share of inbound calls that was answered in time, 0 to 1; None without any."""
        return self.in_time / self.inbound if self.inbound else None

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
    before = period.before()
    totals_before: list[Sequence[int]] = []
    days: Sums = defaultdict(list)
    hours: Sums = defaultdict(list)
    agents: Sums = defaultdict(list)  # by (tenant's id, agent's id or name)
    queues: Sums = defaultdict(list)  # by (tenant's id, queue)
    shared = False
    for tenant in tenants:
        zone = ZoneInfo(tenant.timezone)
        begin, end = period.in_utc(zone)
        for since, until, offset in _constant_offsets(zone, begin, end):
            local_hour = partial(_local_hour, offset=offset)
            found = summary.read(SummaryPart.TIME, tenant.id, since, until, local_hour)
            for (number,), sums in found:
                day, hour = divmod(number, 24)
                days[EPOCH + timedelta(days=day)].append(sums)
                hours[hour].append(sums)
        who, name = attrgetter("agent_id"), attrgetter("name")
        found = summary.read(SummaryPart.AGENT, tenant.id, begin, end, who, name)
        for (agent, stranger), sums in found:
            agents[tenant.id, agent or stranger].append(sums)
        for (queue,), sums in summary.read(SummaryPart.QUEUE, tenant.id, begin, end, name):
            queues[tenant.id, queue].append(sums)
        shared |= any(summary.read(SummaryPart.SHARED, tenant.id, begin, end))
        of_before = summary.read(SummaryPart.TIME, tenant.id, *before.in_utc(zone))
        totals_before.extend(sums for _keys, sums in of_before)
    if agent_id is not None:
        agents = {key: sums for key, sums in agents.items() if key[1] == agent_id}
    known = names_apart(who for _tenant_id, who in agents if isinstance(who, str) and who)
    names: dict[Hashable, str] = {
        who: known[who] for _tenant_id, who in agents if isinstance(who, int)
    }
    return Report(
        total=_together(chain.from_iterable(days.values())),
        before=_together(totals_before),
        days=[(day, _together(days[day])) for day in period],
        hours=[(hour, _together(hours[hour])) for hour in range(24)],
        agents=_named(agents, tenants, names),
        queues=_named(queues, tenants, {}),
        shared=shared,
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


def _constant_offsets(
    zone: ZoneInfo, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, int]]:
    """Spans in which the clock is not changed, and how many quarter hours it is before UTC's."""

    def offset(moment: datetime) -> int:
        return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // QUARTER

    since, at = begin, begin
    while at < end:
        later = min(at + ONE_DAY, end)
        if offset(at) != offset(later):  # the quarter hour of the change
            later = at + timedelta(seconds=QUARTER)
            while offset(later) == offset(at):
                later += timedelta(seconds=QUARTER)
            yield since, later, offset(at)
            since = later
        at = later
    if since < end:
        yield since, end, offset(since)


def _local_hour(columns: Any, *, offset: int) -> ColumnElement[int]:
    """The number of hours since 1970 on a clock that is so many quarter hours before UTC's."""
    hour: ColumnElement[int] = (columns.quarter + offset) // 4
    return hour


def _together(rows: Iterable[Sequence[int]]) -> Counts:
    return Counts(*map(sum, zip(*rows, strict=True)))


def _named(sums: Sums, tenants: Iterable[Tenant], names: Mapping[Hashable, str]) -> list[Named]:
    """The busiest first; calls without a name last. A key without an entry in names is the name."""
    tenant_names = {tenant.id: tenant.name for tenant in tenants}
    named = [
        Named(names.get(key, key), tenant_names[tenant_id], _together(rows))
        for (tenant_id, key), rows in sums.items()
    ]
    return sorted(named, key=lambda one: (not one.name, -one.counts.calls, one.name, one.tenant))
