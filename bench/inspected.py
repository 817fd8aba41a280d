"""The pop and the hangup post with the inspector off and on, in turn on one server.

`bench.__main__` runs it. Neither writes anything for the inspector, so both ratios should be one.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from sqlalchemy import create_engine, update

from bench.load import one_by_one
from bench.people import SEED
from bench.questions import Question
from bench.report import spread, table
from bench.server import Server
from bench.webhooks import hangup_post, secret_of
from crm.models import Tenant, utc_now

CONTACTS = 10_000
TURNS = 10  # of each in a round
AT_ONCE = 20
AIM = 1.1  # times the median with the inspector off, at most
POP, POST = "screen pop", "hangup post"


@dataclass
class InspectedRun:
    """Medians of each round in seconds, by what was asked: (off, on)."""

    database: str
    rounds: dict[str, list[tuple[float, float]]] = field(default_factory=dict)


def measure(server: Server, url: str, database: str, pops: Question, rounds: int) -> InspectedRun:
    """So many rounds. Off and on take turns after a few requests, so that noise hits both alike."""
    secret, rng = secret_of(url), random.Random(SEED)
    asked = {
        POP: [server.request(path) for path in pops.paths[: TURNS * AT_ONCE]],
        POST: [hangup_post(server.port, secret, rng) for _ in range(TURNS * AT_ONCE)],
    }
    for requests in asked.values():
        list(one_by_one(server.port, requests))
    run = InspectedRun(database, {name: [] for name in asked})
    engine = create_engine(url)
    for _round in range(rounds):
        took: dict[tuple[str, bool], list[float]] = defaultdict(list)
        for turn in range(2 * TURNS):
            on = turn % 4 in (1, 2)  # off, on, on, off
            with engine.begin() as connection:
                until = utc_now() + timedelta(hours=1) if on else None
                connection.execute(update(Tenant.__table__).values(inspected_until=until))
            for name, requests in asked.items():
                some = requests[turn // 2 * AT_ONCE :][:AT_ONCE]
                took[name, on] += [answer.seconds for answer in one_by_one(server.port, some)]
        for name, pairs in run.rounds.items():
            pairs.append((median(took[name, False]), median(took[name, True])))
    engine.dispose()
    return run


def tables(run: InspectedRun) -> str:
    """What was measured, as Markdown."""
    rows = []
    for name, pairs in run.rounds.items():
        ratios = [on / off for off, on in pairs]
        verdict = "reached" if median(ratios) <= AIM else "missed"
        off, on = (median(column) for column in zip(*pairs, strict=True))
        told = (f"{1000 * off:.2f} ms", f"{1000 * on:.2f} ms", spread(ratios))
        rows.append((name, *told, f"at most {AIM:.2f}: {verdict}"))
    head = ("", "Off: median", "On: median", "On against off (range)", "Aim")
    words = f"{len(run.rounds[POP])} rounds of {TURNS * AT_ONCE} requests each, one at a time."
    return "\n\n".join([f"### The inspector, {run.database}", table(head, rows), words])
