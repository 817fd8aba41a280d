"""How many calls of which kind a day has, and when its troubles come. Drawn from a fixed seed."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from random import Random

DAY = 10_000
SMALLEST = 200  # fewer webhooks might meet no fault of a kind
A_WHOLE_DAY = 1_000  # from here on three outages and five kills, below one of each
AT_DESKS_INBOUND, AT_DESKS_OUTBOUND, AWAY = 0.14, 0.09, 0.17  # the rest is past calls
OF_THE_SECOND_TENANT = 0.2


class Kind(Enum):
    """How a call goes. The first ten are at a desk, seen by an agent's browser."""

    ANSWERED = "answered"
    HELD = "answered and held"
    TRANSFERRED = "answered, handed on and answered again"
    TRANSFER_MISSED = "answered, handed on and given up"
    MASKED = "answered, number masked"
    GIVEN_UP = "given up while it rang"
    REJECTED = "rejected"
    DIALLED = "dialled and answered"
    BUSY = "dialled and busy"
    NOT_REACHED = "dialled and not answered"
    AWAY_ANSWERED = "answered by an agent without the CRM"
    ABANDONED = "abandoned in the queue"

    @property
    def is_dial(self) -> bool:
        """Whether the CRM dials it."""
        return self in (Kind.DIALLED, Kind.BUSY, Kind.NOT_REACHED)


INBOUND = (
    (Kind.ANSWERED, 58),
    (Kind.HELD, 6),
    (Kind.TRANSFERRED, 8),
    (Kind.TRANSFER_MISSED, 4),
    (Kind.MASKED, 9),
    (Kind.GIVEN_UP, 9),
    (Kind.REJECTED, 6),
)
OUTBOUND = ((Kind.DIALLED, 70), (Kind.BUSY, 15), (Kind.NOT_REACHED, 15))
ELSEWHERE = ((Kind.AWAY_ANSWERED, 60), (Kind.ABANDONED, 40))


@dataclass(frozen=True)
class Plan:
    """at_desks, elsewhere: what is to happen, by tenant, in order. past: calls that lie in the
    past and exist in the vendor's records alone, by tenant. outages, kills: how many.
    """

    calls: int
    at_desks: dict[str, list[Kind]]
    elsewhere: dict[str, list[Kind]]
    past: dict[str, int]
    outages: int
    kills: int

    @property
    def live(self) -> int:
        """Calls that happen while it runs."""
        return sum(map(len, [*self.at_desks.values(), *self.elsewhere.values()]))


def plan(calls: int) -> Plan:
    """The plan of a day of so many calls."""
    random = Random(1)
    at_desks: dict[str, list[Kind]] = {}
    elsewhere: dict[str, list[Kind]] = {}
    past: dict[str, int] = {}
    second = round(calls * OF_THE_SECOND_TENANT)
    for tenant, own in (("demo", calls - second), ("second", second)):
        inbound = _drawn(random, INBOUND, round(own * AT_DESKS_INBOUND))
        outbound = _drawn(random, OUTBOUND, round(own * AT_DESKS_OUTBOUND))
        at_desks[tenant] = random.sample(inbound + outbound, len(inbound + outbound))
        elsewhere[tenant] = _drawn(random, ELSEWHERE, round(own * AWAY))
        past[tenant] = own - len(at_desks[tenant]) - len(elsewhere[tenant])
    whole = calls >= A_WHOLE_DAY
    return Plan(calls, at_desks, elsewhere, past, 3 if whole else 1, 5 if whole else 1)


def in_words(day: Plan) -> str:
    """What will happen, in a line."""
    kinds = [
        kind for part in (day.at_desks, day.elsewhere) for own in part.values() for kind in own
    ]
    counts = Counter(kind.is_dial for kind in kinds)
    return (
        f"{day.calls:,} calls: {sum(map(len, day.at_desks.values())):,} at desks, of them "
        f"{counts[True]:,} dialled; {sum(map(len, day.elsewhere.values())):,} that no browser "
        f"sees; {sum(day.past.values()):,} that only the vendor's records tell."
    )


def _drawn(random: Random, kinds: tuple[tuple[Kind, int], ...], count: int) -> list[Kind]:
    return random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds], k=count)
