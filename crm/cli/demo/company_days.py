"""Draws the days of the demo's company: who calls whom, who answers, what is missed.

A day is drawn from its own date, so it is the same whenever it is asked for: the simulator is told
the calls anew at every start, and the CRM has them already. Missed callers are called back hours
later, so some always wait at the moment. Nothing here writes; `past_calls` does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from crm import phone_numbers
from crm.cli.demo import company, people
from crm.cli.demo.company import COMPANIES, Company, Habit
from crm.simulator.numbers import ANONYMOUS
from crm.simulator.told_calls import ToldCall

SATURDAY = 5
ONE_DAY, ONE_HOUR = timedelta(days=1), timedelta(hours=1)
APART = timedelta(minutes=5)  # a call that is planned keeps the others away


@dataclass(frozen=True)
class PastCall:
    """A call that is over, and what its agent chose and wrote."""

    told: ToldCall
    outcome: str = ""
    note: str = ""


@dataclass(frozen=True)
class Missed:
    """A call that nobody took, and when the caller is called back."""

    told: ToldCall
    called_back: datetime


def calls_between(name: str, start: datetime, until: datetime) -> list[PastCall]:
    """The tenant's calls that ended at `start` or later and before `until` (aware), by their start.

    Days follow each other without a gap: each call has ended in one span alone.
    """
    zone = ZoneInfo(COMPANIES[name].timezone)
    day, last = start.astimezone(zone).date(), until.astimezone(zone).date()
    found = []
    while day <= last:
        found += _Day(name, day).calls()
        day += ONE_DAY
    return [one for one in found if start <= one.told.ended < until]


class _Day:
    def __init__(self, name: str, day: date) -> None:
        self._name, self._day, self._company = name, day, COMPANIES[name]
        self._random = Random(f"{name} {day}")  # noqa: S311 - an invented past, not a secret
        self._free_at: dict[str, datetime] = {}

    def calls(self) -> list[PastCall]:
        """All of them, the earliest first."""
        planned = [PastCall(one.told) for one in self.missed()]
        if self._day.weekday() < SATURDAY:
            planned += self._calls_back()
        if self._name == "demo" and self._day.weekday() in company.ELIF_CALLS_ON:
            planned.append(self._elif())
        found = list(planned)
        for moment in self._moments():
            is_apart = all(
                one.told.ended + APART < moment or moment + APART * 3 < one.told.started
                for one in planned
                if one.told.agent
            )
            if is_apart and (habit := self._who_is_free(moment)) is not None:
                found.append(self._conversation(moment, habit))
        return sorted(found, key=lambda call: call.told.started)

    def missed(self) -> list[Missed]:
        """Who calls in vain: before nine, at lunch, shortly before six, and at the weekend."""
        random = Random(f"{self._name} {self._day} missed")  # noqa: S311 - as above
        today, next_one = self._day, _next_working_day(self._day)
        plan = [(hour, today, back) for hour, back in self._company.missed]
        plan += [(hour, next_one, back) for hour, back in self._company.missed_late]
        if today.weekday() >= SATURDAY:
            times = company.MISSED_AT_WEEKENDS[today.weekday()]
            plan = [(hour, next_one, back) for hour, back in times]
        return [
            Missed(
                ToldCall(
                    started=self._at(today, hour + random.uniform(0.05, 0.9)),
                    number=_number(random, self._company, company.KNOWN_SHARE, anonymous=0),
                    agent="",
                    inbound=True,
                    waited=random.randint(15, 110),
                    talked=None,
                    queue=_drawn(random, self._company.queues),
                    disposition="NOANSWER",
                ),
                called_back=self._at(day, back + random.uniform(0, 0.05)),
            )
            for hour, day, back in plan
        ]

    def _calls_back(self) -> Iterator[PastCall]:
        """Of those missed today and since the working day before."""
        day = self._day - ONE_DAY
        while day.weekday() >= SATURDAY:
            day -= ONE_DAY
        while day <= self._day:
            for one in _Day(self._name, day).missed():
                if one.called_back.date() == self._day:
                    there = [who for who in self._company.habits if _works(who, one.called_back)]
                    habit = self._random.choice(there)
                    yield self._told(one.called_back, habit, one.told.number, answered=True)
            day += ONE_DAY

    def _elif(self) -> PastCall:
        random = Random(f"{self._day} Elif")  # noqa: S311 - as above
        told = ToldCall(
            started=self._at(
                self._day, random.choice(company.ELIF_CALLS_AT) + random.uniform(0, 0.7)
            ),
            number=people.KNOWN,
            agent=self._company.habits[0].email,
            inbound=True,
            waited=random.randint(4, 20),
            talked=random.randint(70, 420),
            queue="Support",
        )
        calls_before = self._day.toordinal() // 7 * len(company.ELIF_CALLS_ON)
        calls_before += company.ELIF_CALLS_ON.index(self._day.weekday())
        outcome, note = company.ELIF_NOTES[calls_before % len(company.ELIF_NOTES)]
        return PastCall(told, outcome, note)

    def _moments(self) -> list[datetime]:
        if self._day.weekday() >= SATURDAY:
            return []
        usual, hours = self._company.calls_a_day, company.HOURS
        count = self._random.randint(usual - 3, usual + 3)
        drawn = self._random.choices(list(hours), list(hours.values()), k=count)
        return sorted(self._at(self._day, hour + self._random.random()) for hour in drawn)

    def _who_is_free(self, moment: datetime) -> Habit | None:
        there = [
            habit
            for habit in self._company.habits
            if _works(habit, moment) and self._free_at.get(habit.email, moment) <= moment
        ]
        return self._random.choices(there, [one.busy for one in there])[0] if there else None

    def _conversation(self, moment: datetime, habit: Habit) -> PastCall:
        random = self._random
        inbound = random.random() < habit.inbound
        anonymous = company.ANONYMOUS_SHARE if inbound else 0
        number = _number(random, self._company, company.KNOWN_SHARE, anonymous)
        queue = _drawn(random, self._company.queues) if inbound else ""
        answered = inbound or random.random() < company.TAKEN_BACK
        call = self._told(moment, habit, number, queue=queue, answered=answered)
        pause = timedelta(seconds=random.randint(20, 120))
        self._free_at[habit.email] = call.told.ended + pause
        return call

    def _told(
        self, moment: datetime, habit: Habit, number: str, *, queue: str = "", answered: bool
    ) -> PastCall:
        random, inbound = self._random, bool(queue)
        waited = 3 + min(random.expovariate(1 / 12), 80) if inbound else random.uniform(6, 28)
        talked = 8 + int(min(random.lognormvariate(0, 0.6) * habit.seconds, company.LONGEST_TALK))
        told = ToldCall(
            started=moment,
            number=number,
            agent=habit.email,
            inbound=inbound,
            waited=int(waited),
            talked=talked if answered else None,
            queue=queue,
            disposition="ANSWER" if answered else random.choice(("NOANSWER", "BUSY")),
        )
        if not answered or random.random() > company.WRITTEN_UP:
            return PastCall(told)
        outcome = _drawn(random, company.OUTCOMES.get(queue, company.OUTCOMES[""]))
        writes = random.random() < habit.notes
        return PastCall(told, outcome, random.choice(company.NOTES[outcome]) if writes else "")

    def _at(self, day: date, hour: float) -> datetime:
        zone = ZoneInfo(self._company.timezone)
        moment = datetime.combine(day, time(), zone) + hour * ONE_HOUR
        return moment.replace(microsecond=0)


def _works(habit: Habit, moment: datetime) -> bool:
    return habit.comes <= moment.hour < habit.goes and moment.hour != habit.lunch


def _next_working_day(day: date) -> date:
    day += ONE_DAY
    while day.weekday() >= SATURDAY:
        day += ONE_DAY
    return day


def _number(random: Random, of: Company, known: float, anonymous: float) -> str:
    """A customer's, most often one who calls often; a stranger's; or none."""
    drawn = random.random()
    if drawn < known:
        customers = _customers(of.customers)
        return customers[int(len(customers) * random.random() ** 2)]
    if drawn < known + anonymous:
        return ANONYMOUS
    return random.choice(of.strangers).format(random.randrange(100))


@cache
def _customers(begin: tuple[str, ...]) -> list[str]:
    """The contacts' numbers, but for Elif's, who has days of her own, and the shared one."""
    numbers = (person.numbers[-1].raw for person in people.everybody())
    normal = (phone_numbers.normal_form(number, "TR") for number in numbers)
    others = (people.KNOWN, people.SHARED)
    return [one for one in normal if one and one.startswith(begin) and one not in others]


def _drawn(random: Random, shares: Sequence[tuple[str, float]]) -> str:
    names, weights = zip(*shares, strict=True)
    return str(random.choices(names, weights)[0])
