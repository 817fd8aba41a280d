"""What is asked of the server: fixed requests, drawn from the very people in the database.

A name is asked for as often as it is had. `bench.measure` checks every answer before it times any.
"""

import random
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Engine, create_engine, select

from bench import EMPTY_PATH
from bench.people import SEED
from crm.models import Contact, PhoneNumber
from crm.phone_numbers import for_dialling

HOME = "TR"
SEARCHES = 200
POPS = 10_000
AT_ONCE = 500
TYPED_LETTERS = 3
TYPED_DIGITS = 5
FOUND = r'/contacts/\d|class="candidate"'  # a link to a contact, or a choice of several


@dataclass(frozen=True)
class Question:
    """GETs of one kind: paths with their queries, and a pattern that fits every right answer."""

    name: str
    paths: list[str]
    holds: str = ""


def all_of(database_url: str, size: int) -> list[Question]:
    """The four questions, the empty one first. The same contacts are drawn on every database."""
    engine = create_engine(database_url)
    rng = random.Random(SEED)
    people = _draw(engine, rng, size, SEARCHES)
    ringing = _draw(engine, rng, size, POPS)
    engine.dispose()
    return [
        Question("empty route", [EMPTY_PATH]),
        Question("screen pop", [_pop(rng, number) for _, number in ringing], FOUND),
        Question("two words", [_search(_half_typed(name)) for name, _ in people], FOUND),
        Question("last digits", [_search(number[-TYPED_DIGITS:]) for _, number in people], FOUND),
    ]


def _draw(engine: Engine, rng: random.Random, size: int, count: int) -> list[tuple[str, str]]:
    """Name and first number of so many contacts, each drawn once, from all over the table."""
    drawn = rng.sample(range(1, size + 1), min(count, size))
    found: dict[int, tuple[str, str]] = {}
    with engine.connect() as connection:
        for start in range(0, len(drawn), AT_ONCE):
            rows = select(Contact.id, Contact.name, PhoneNumber.normal_form)
            rows = rows.join(PhoneNumber, PhoneNumber.contact_id == Contact.id)
            rows = rows.where(PhoneNumber.position == 0)
            some = rows.where(Contact.id.in_(drawn[start : start + AT_ONCE]))
            found |= {row.id: (row.name, row.normal_form) for row in connection.execute(some)}
    return [found[contact_id] for contact_id in drawn]


def _half_typed(name: str) -> str:
    first, *_middle, last = name.split()
    return f"{first[:TYPED_LETTERS]} {last[:TYPED_LETTERS]}".lower()


def _pop(rng: random.Random, number: str) -> str:
    query = {
        "call": str(UUID(int=rng.getrandbits(128), version=4)),
        "number": for_dialling(number, "national", HOME),  # as the vendor writes it: 0532…, 0044…
        "activecallkey": f"{rng.getrandbits(64):016x}",
    }
    return f"/screen-pop?{urlencode(query)}"


def _search(words: str) -> str:
    return f"/contacts/rows?{urlencode({'q': words})}"
