"""Numbers of the day's callers, from ranges that are given to nobody."""

from random import Random

KNOWN = 200


def known_numbers(random: Random) -> list[str]:
    """The numbers that contacts have, each another one."""
    return [f"+90532000{number:04d}" for number in random.sample(range(10_000), KNOWN)]


def some_number(random: Random) -> str:
    """A caller's number: mostly Turkish, now and then from abroad, seldom withheld."""
    drawn = random.random()
    if drawn < 0.03:
        return "anonymous"
    if drawn < 0.12:
        return f"+447700900{random.randrange(1000):03d}"
    if drawn < 0.2:
        return f"+493023125{random.randrange(1000):03d}"
    return f"+90{random.choice((532, 533, 542))}000{random.randrange(10_000):04d}"


def to_dial(random: Random) -> str:
    """A number that an agent dials; nobody dials a withheld one."""
    number = some_number(random)
    return number if number.startswith("+") else "+447700900118"
