"""The demo's company: its weeks are believable, whenever the demo is started."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from crm import phone_numbers
from crm.cli.demo import people
from crm.cli.demo.company import COMPANIES
from crm.cli.demo.company_days import PastCall, calls_between
from crm.simulator.seed import DEMO
from crm.simulator.told_calls import ToldCall, told_record

ISTANBUL = ZoneInfo("Europe/Istanbul")
FRIDAY_NOON = datetime(2026, 11, 27, 12, 0, tzinfo=ISTANBUL)
MONTH = timedelta(days=30)
KNOWN = {
    phone_numbers.normal_form(number.raw, "TR")
    for person in people.everybody()
    for number in person.numbers
}


def month_before(now: datetime, name: str = "demo") -> list[PastCall]:
    return calls_between(name, now - MONTH, now)


@pytest.mark.parametrize("name", COMPANIES)
def test_most_calls_are_of_contacts_and_most_are_answered(name: str) -> None:
    past = month_before(FRIDAY_NOON, name)
    known = sum(one.told.number in KNOWN for one in past) / len(past)
    answered = sum(one.told.talked is not None for one in past) / len(past)
    assert 0.65 < known < 0.85
    assert 0.65 < answered < 0.9


def test_the_month_before_is_like_this_one() -> None:
    now, before = month_before(FRIDAY_NOON), month_before(FRIDAY_NOON - MONTH)
    assert 0.75 < len(now) / len(before) < 1.33


def test_no_working_day_is_empty_and_weekends_are_quiet() -> None:
    a_day = Counter(one.told.started.date() for one in month_before(FRIDAY_NOON))
    for back in range(1, 30):
        day = FRIDAY_NOON.date() - timedelta(days=back)
        assert a_day[day] > 10 if day.weekday() < 5 else a_day[day] < 4, day


def test_the_customer_of_the_stories_calls_at_any_time_about_one_thing_after_another() -> None:
    hers = [one for one in month_before(FRIDAY_NOON) if one.told.number == people.KNOWN]
    assert len({one.told.started.time() for one in hers}) == len(hers) > 6
    assert len({one.told.talked for one in hers}) > 6
    assert all(one.note != after.note for one, after in pairwise(hers))


def test_nobody_talks_twice_at_once() -> None:
    free_at: dict[str, datetime] = {}
    for one in month_before(FRIDAY_NOON):
        told = one.told
        if told.agent:
            assert free_at.get(told.agent, told.started) <= told.started, told
            free_at[told.agent] = told.ended


@pytest.mark.parametrize("hour", [8, 10, 12, 14, 17, 20])
@pytest.mark.parametrize("day", [date(2026, 11, 26), date(2026, 11, 28), date(2026, 11, 30)])
def test_a_few_callers_wait_to_be_called_back_at_any_hour(day: date, hour: int) -> None:
    now = datetime(day.year, day.month, day.day, hour, 30, tzinfo=ISTANBUL)
    waiting: dict[str, ToldCall] = {}
    for one in month_before(now):
        if one.told.inbound and one.told.talked is None:
            waiting[one.told.number] = one.told
        elif one.told.talked is not None:
            waiting.pop(one.told.number, None)
    assert 1 <= len(waiting) <= 8
    assert all(now - told.started < timedelta(days=4) for told in waiting.values())


def test_the_days_between_two_starts_are_those_of_one_start() -> None:
    start, between = FRIDAY_NOON - MONTH, FRIDAY_NOON - timedelta(days=3, hours=1)
    in_two = calls_between("demo", start, between) + calls_between("demo", between, FRIDAY_NOON)
    assert in_two == calls_between("demo", start, FRIDAY_NOON)


def test_the_simulator_makes_the_same_record_of_a_call_that_it_is_told() -> None:
    told = month_before(FRIDAY_NOON)[-1].told
    again = ToldCall.of_json(told.as_json())
    first, second = (told_record(DEMO, one, "http://simulator") for one in (told, again))
    assert first.data == second.data
    assert first.available == told.ended < FRIDAY_NOON.astimezone(UTC)
