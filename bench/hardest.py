"""The searches that a database finds hardest, asked by one agent on an idle server.

`bench.__main__` asks them at the largest size. The time is that of the whole request; that of the
empty route is part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.parse import urlencode

from bench import EMPTY_PATH
from bench.load import one_by_one
from bench.server import Server

TIMES = 40
AIM, AIM_FOR_DIGITS = 0.060, 0.003  # seconds of a request at most, by its p95

QUERIES = {
    "no match": "zzzqx",
    "one letter": "a",
    "two letters, both common": "e m",
    "four letters that few have together": "a b c d",
    "two common beginnings": "meh yıl",
    "one common, one that nobody has": "a zzzqx",
    "a common name and a letter": "m demir",
    "two whole names": "mehmet yılmaz",
    "one digit": "5",
    "two beginnings of numbers": "0532 1",
    "last digits": "57073",
    "last digits that nobody has": "0000099",
}


@dataclass(frozen=True)
class Hardest:
    """The times of one query's requests, in seconds."""

    name: str
    seconds: list[float]

    @property
    def p95(self) -> float:
        """Seconds within which 95 of 100 answers come."""
        return quantiles(self.seconds, n=20)[-1]

    def line(self) -> Sequence[str]:
        """A line of the table."""
        times = [f"{1000 * value:.1f} ms" for value in (median(self.seconds), self.p95)]
        if self.name not in QUERIES:
            return (self.name, "", *times, "")
        aim = AIM_FOR_DIGITS if self.name.startswith("last digits") else AIM
        verdict = f"{1000 * aim:.0f} ms: {'reached' if self.p95 <= aim else 'missed'}"
        return (self.name, QUERIES[self.name], *times, verdict)


def ask(server: Server) -> list[Hardest]:
    """Each query TIMES times, one request after the other, after three to warm up."""
    paths = {"empty route": EMPTY_PATH}
    paths |= {name: f"/contacts/rows?{urlencode({'q': query})}" for name, query in QUERIES.items()}
    found = []
    for name, path in paths.items():
        requests = [server.request(path)] * (TIMES + 3)
        seconds = [answer.seconds for answer in one_by_one(server.port, requests)]
        found.append(Hardest(name, seconds[3:]))
    return found
