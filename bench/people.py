"""Invented contacts, the same ones for the same seed: names skewed as in life, numbers even.

`bench.build` writes them to a database. Nobody is ever dialled: the numbers are random digits.
"""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from bench import names

SEED = 20_251_122
RARE_NAMES = 20_000
ABROAD = 0.35
SECOND_NUMBER = 0.25
WITHOUT_COMPANY = 0.3
SHARED_NUMBER = 0.01
HAS_CALLED = 0.3
LAST_DAY = datetime(2025, 11, 1, tzinfo=UTC)
YEAR_OF_MINUTES = 365 * 24 * 60

# Calling code, first digits, digits that follow, share.
NUMBERS_AT_HOME = (
    ("90", ("530", "532", "535", "542", "544", "552", "555", "505"), 7, 0.8),
    ("90", ("212", "216", "232", "312"), 7, 0.2),
)
NUMBERS_ABROAD = (
    ("44", ("74", "75", "77", "78", "79"), 8, 0.3),
    ("49", ("151", "160", "170"), 8, 0.3),
    ("33", ("6", "7"), 8, 0.2),
    ("1", ("202", "415", "646"), 7, 0.2),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """One contact. numbers: E.164 and label each."""

    name: str
    company: str
    email: str
    notes: str
    calls_count: int
    last_call_at: datetime
    numbers: list[tuple[str, str]] = field(default_factory=list)


class Skewed:
    """Draws from a list so that the word at place n comes up about 1 / (n + `ease`) as often."""

    def __init__(self, rng: random.Random, words: list[str], ease: float) -> None:
        self._rng = rng
        self._words = words
        self._weights = list(accumulate(1 / (place + ease) for place in range(len(words))))

    def draw(self) -> str:
        """One word."""
        return self._rng.choices(self._words, cum_weights=self._weights)[0]


class Crowd:
    """Where people come from: one generator of random numbers, the same for the same seed."""

    def __init__(self, seed: int = SEED) -> None:
        self._rng = rng = random.Random(seed)
        rare = names.long_tail(rng, RARE_NAMES)
        half = len(rare) // 2
        self._first_home = Skewed(rng, names.FIRST_TURKISH, 4)
        self._first_abroad = Skewed(rng, names.FIRST_ABROAD, 8)
        self._last_home = Skewed(rng, names.LAST_TURKISH + rare[:half], 10)
        self._last_abroad = Skewed(rng, names.LAST_ABROAD + rare[half:], 15)
        self._company = Skewed(rng, names.COMPANY_WORDS + rare[::4], 10)
        self._trade = Skewed(rng, names.COMPANY_TRADES, 6)
        self._switchboard: tuple[str, str] | None = None

    def people(self, count: int) -> Iterator[Person]:
        """So many people, one after the other."""
        for _ in range(count):
            yield self._person()

    def _person(self) -> Person:
        rng = self._rng
        abroad = rng.random() < ABROAD
        first = (self._first_abroad if abroad else self._first_home).draw()
        last = (self._last_abroad if abroad else self._last_home).draw()
        company = self._company_name()
        return Person(
            name=f"{first} {last}",
            company=company,
            email=f"{_plain(first)}.{_plain(last)}@{_plain(company) or 'home'}.example",
            notes="Prefers to be called in the afternoon." if rng.random() < SECOND_NUMBER else "",
            calls_count=rng.randint(1, 40) if rng.random() < HAS_CALLED else 0,
            last_call_at=LAST_DAY - timedelta(minutes=rng.randrange(YEAR_OF_MINUTES)),
            numbers=self._numbers(abroad),
        )

    def _company_name(self) -> str:
        if self._rng.random() < WITHOUT_COMPANY:
            return ""
        return f"{self._company.draw()} {self._trade.draw()}"

    def _numbers(self, abroad: bool) -> list[tuple[str, str]]:
        rng = self._rng
        numbers = [(self._number(abroad), names.LABELS[0])]
        if rng.random() < SECOND_NUMBER:
            numbers.append((self._number(abroad), names.LABELS[1]))
        if self._switchboard is None or rng.random() < SHARED_NUMBER / 2:
            self._switchboard = (self._number(abroad), names.LABELS[1])
        if rng.random() < SHARED_NUMBER:
            numbers.append(self._switchboard)
        return list(dict(numbers).items())  # each number once

    def _number(self, abroad: bool) -> str:
        rng = self._rng
        plans = NUMBERS_ABROAD if abroad else NUMBERS_AT_HOME
        code, starts, digits, _share = rng.choices(plans, [plan[3] for plan in plans])[0]
        return f"+{code}{rng.choice(starts)}{rng.randrange(10**digits):0{digits}}"


def _plain(text: str) -> str:
    """Letters as they stand in an address: small, without marks and spaces."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("ı", "i"))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalnum())
