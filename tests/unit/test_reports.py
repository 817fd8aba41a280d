"""Figures over many calls: what counts, whose day it is, and what a period is compared with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from crm.calls import reports
from crm.calls.reports import Counts, Period, Report
from crm.extensions import db
from crm.models import Agent, Call, CallState, Direction, Tenant
from crm.models.call import NOT_TAKEN
from tests.unit.calls_world import World, make_world

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def world(app: Flask) -> World:
    """Ayşe's and Mehmet's tenant in Istanbul, beside another with a call of its own."""
    return make_world()


def add(tenant: Tenant, at: datetime = NOON, **facts: Any) -> None:
    """An answered inbound call that is over, ten seconds waited and a minute talked."""
    usual: dict[str, Any] = {
        "direction": Direction.INBOUND,
        "state": CallState.ENDED,
        "answered": True,
        "wait_seconds": 10,
        "talk_seconds": 60,
    }
    db.session.add(Call(tenant_id=tenant.id, started_at=at, **(usual | facts)))
    db.session.commit()


def of(tenant: Tenant, period: Period = MARCH, **options: Any) -> Report:
    return reports.report([tenant], period, **options)


def days_with_calls(report: Report) -> dict[date, int]:
    return {day: counts.calls for day, counts in report.days if counts.calls}


def hours_with_calls(report: Report) -> dict[int, int]:
    return {hour: counts.calls for hour, counts in report.hours if counts.calls}


@pytest.mark.both_databases
def test_calls_add_up_by_direction_and_by_how_they_went(world: World) -> None:
    out: dict[str, Any] = {"direction": Direction.OUTBOUND, "wait_seconds": None}
    unanswered: dict[str, Any] = {"answered": False, "talk_seconds": None}
    add(world.tenant)
    add(world.tenant, wait_seconds=40, **unanswered)
    add(world.tenant, wait_seconds=None, abandoned=True, **unanswered)
    add(world.tenant, **out)
    add(world.tenant, **out | unanswered | {"answered": None})
    total = of(world.tenant).total
    assert total == Counts(
        answered=1,
        in_time=1,
        missed=2,
        abandoned=1,
        outbound=2,
        reached=1,
        waited=2,
        wait_seconds=50,
        talk_seconds=120,
    )
    assert (total.calls, total.inbound) == (5, 3)
    assert total.answered_share == pytest.approx(1 / 3)
    assert total.service_level == pytest.approx(1 / 3)
    assert (total.average_wait, total.average_talk) == (25, 60)


@pytest.mark.both_databases
def test_only_calls_that_are_over_and_came_about_count(world: World) -> None:
    add(world.tenant, state=CallState.TALKING)
    add(world.tenant, state=CallState.RINGING, answered=None)
    add(world.tenant, direction=Direction.OUTBOUND, dial_problem=NOT_TAKEN)
    add(world.tenant, direction=None)
    report = of(world.tenant)
    assert report.total == Counts()
    assert (report.agents, report.queues) == ([], [])


def test_without_calls_there_is_no_share_and_no_mean(world: World) -> None:
    counts = of(world.tenant).total
    assert (counts.answered_share, counts.average_wait, counts.average_talk) == (None, None, None)


@pytest.mark.both_databases
def test_a_day_begins_at_the_tenants_midnight(world: World) -> None:
    midnight = datetime(2026, 3, 9, 21, tzinfo=UTC)  # 00:00 on the tenth in Istanbul
    add(world.tenant, midnight - timedelta(microseconds=1))
    add(world.tenant, midnight)
    report = of(world.tenant)
    assert days_with_calls(report) == {date(2026, 3, 9): 1, date(2026, 3, 10): 1}
    assert hours_with_calls(report) == {23: 1, 0: 1}
    ninth = of(world.tenant, Period(date(2026, 3, 9), date(2026, 3, 9)))
    tenth = of(world.tenant, Period(date(2026, 3, 10), date(2026, 3, 10)))
    assert (ninth.total.calls, tenth.total.calls) == (1, 1)
    assert [queue.counts.calls for queue in tenth.queues] == [1]
    assert tenth.before.calls == 1


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("day", "hours", "at_two"), [(date(2026, 3, 29), 23, 0), (date(2026, 10, 25), 25, 2)]
)
def test_a_day_on_which_the_clock_changes_has_all_its_calls(
    world: World, day: date, hours: int, at_two: int
) -> None:
    world.tenant.timezone = "Europe/Berlin"
    around = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=12)
    for number in range(48):
        add(world.tenant, around + timedelta(hours=number, minutes=30))
    report = of(world.tenant, Period(day, day))
    assert days_with_calls(report) == {day: hours}
    assert hours_with_calls(report).get(2, 0) == at_two


@pytest.mark.both_databases
def test_a_zone_may_be_quarters_of_an_hour_away(world: World) -> None:
    world.tenant.timezone = "Asia/Kathmandu"  # UTC+5:45
    add(world.tenant, datetime(2026, 3, 10, 18, 14, 59, tzinfo=UTC))
    add(world.tenant, datetime(2026, 3, 10, 18, 15, tzinfo=UTC))
    report = of(world.tenant)
    assert days_with_calls(report) == {date(2026, 3, 10): 1, date(2026, 3, 11): 1}
    assert hours_with_calls(report) == {23: 1, 0: 1}


@pytest.mark.both_databases
def test_several_tenants_have_each_their_own_days_and_queues(world: World) -> None:
    other = db.session.query(Tenant).filter_by(name="second").one()
    other.timezone = "America/New_York"
    at = datetime(2026, 3, 10, 2, tzinfo=UTC)  # the tenth in Istanbul, still the ninth in New York
    add(world.tenant, at, queue="Support")
    add(other, at, queue="Support")
    report = reports.report([world.tenant, other], MARCH)
    assert days_with_calls(report) == {date(2026, 3, 9): 1, date(2026, 3, 10): 1}
    named = [(queue.name, queue.tenant, queue.counts.calls) for queue in report.queues]
    assert named == [("Support", "demo", 1), ("Support", "second", 1)]
    assert of(world.tenant).total.calls == 1


@pytest.mark.both_databases
def test_agents_stand_by_name_the_busiest_first_and_nobody_last(world: World) -> None:
    add(world.tenant, agent_id=world.mehmet.id, agent_name="as the vendor writes it")
    add(world.tenant, agent_id=world.ayse.id)
    add(world.tenant, agent_id=world.ayse.id, agent_name="another spelling")
    add(world.tenant, agent_name="Somebody Else")
    for _ in range(4):
        add(world.tenant, answered=False)
    named = [(agent.name, agent.counts.calls) for agent in of(world.tenant).agents]
    assert named == [("Ayse", 2), ("Mehmet", 1), ("Somebody Else", 1), ("", 4)]


def test_two_agents_of_one_name_are_two(world: World) -> None:
    db.session.get_one(Agent, world.mehmet.id).name = "Ayse"
    for agent in (world.ayse, world.mehmet):
        add(world.tenant, agent_id=agent.id)
    apart = ["Ayse (ayse@demo.example)", "Ayse (mehmet@demo.example)"]
    assert [agent.name for agent in of(world.tenant).agents] == apart


def test_an_agents_own_report_has_the_tenants_totals_and_nobody_elses_figures(
    world: World,
) -> None:
    add(world.tenant, agent_id=world.mehmet.id)
    add(world.tenant, agent_id=world.ayse.id)
    report = of(world.tenant, agent_id=world.ayse.id)
    assert [agent.name for agent in report.agents] == ["Ayse"]
    assert report.total.calls == 2


def test_every_day_and_hour_has_a_line_also_without_calls(world: World) -> None:
    report = of(world.tenant)
    assert [day for day, _counts in report.days] == list(MARCH)
    assert [hour for hour, _counts in report.hours] == list(range(24))


@pytest.mark.parametrize(
    ("first", "last", "before_first", "before_last"),
    [
        ("2026-03-10", "2026-03-12", "2026-03-07", "2026-03-09"),  # any days: as many before
        ("2026-03-09", "2026-03-11", "2026-03-02", "2026-03-04"),  # Monday to Wednesday
        ("2026-03-09", "2026-03-15", "2026-03-02", "2026-03-08"),  # a week
        ("2026-03-09", "2026-03-16", "2026-03-01", "2026-03-08"),  # longer than a week
        ("2026-03-01", "2026-03-15", "2026-02-01", "2026-02-15"),  # half a month
        ("2026-03-01", "2026-03-30", "2026-02-01", "2026-02-28"),  # more days than February has
        ("2026-02-01", "2026-02-28", "2026-01-01", "2026-01-31"),  # a whole month
        ("2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31"),  # a year
    ],
)
def test_a_period_is_compared_with_the_same_days_before(
    first: str, last: str, before_first: str, before_last: str
) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    expected = Period(date.fromisoformat(before_first), date.fromisoformat(before_last))
    assert period.before() == expected


def test_the_quick_choices() -> None:
    wednesday = date(2026, 3, 11)
    assert reports.this_week(wednesday) == Period(date(2026, 3, 9), wednesday)
    assert reports.last_week(wednesday) == Period(date(2026, 3, 2), date(2026, 3, 8))
    assert reports.this_month(wednesday) == Period(date(2026, 3, 1), wednesday)
    assert reports.last_30_days(wednesday).length == 30
