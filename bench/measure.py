"""Rounds of load on servers that run side by side, so that noise hits all of them alike.

A round asks every server every question for about a second each; a figure is compared only with
one taken right beside it, and the middle of all rounds is what is told.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median, quantiles

from flask_compress.compat import compression

from bench import processes
from bench.load import Load, one_by_one, saturate
from bench.questions import Question
from bench.server import Server

CONNECTIONS = 16
ZSTD = b"\x28\xb5\x2f\xfd"  # how a compressed answer begins
CORES = os.cpu_count() or 1
WARM_UP_SECONDS = 1.0
ALONE = 200


@dataclass(frozen=True)
class Sample:
    """One question to one server for some seconds.

    server_cpu: processor seconds of its workers; busy: of everything on this machine.
    """

    load: Load
    server_cpu: float
    busy: float

    @property
    def cpu_milliseconds(self) -> float:
        """What one request costs the server's processors."""
        return 1000 * self.server_cpu / self.load.requests

    @property
    def client_share(self) -> float:
        """What part of the machine's processors the client took."""
        return self.load.client_cpu / (self.load.seconds * CORES)

    @property
    def elsewhere_share(self) -> float:
        """What part went to neither client nor workers: system, database server, other work."""
        rest = self.busy - self.server_cpu - self.load.client_cpu
        return max(0.0, rest) / (self.load.seconds * CORES)


@dataclass
class Series:
    """All rounds of one question on one server, and its answers one at a time.

    alone: seconds of each of the fixed requests, asked one after the other. beside: for each
    sample the one of the empty route that was taken right before or after it.
    """

    question: Question
    requests: list[bytes]
    alone: list[float]
    answer_bytes: float
    samples: list[Sample] = field(default_factory=list)
    beside: list[Sample] = field(default_factory=list)
    asked: int = 0

    @property
    def rate(self) -> float:
        """Requests a second, the middle of all rounds."""
        return median(sample.load.rate for sample in self.samples)

    @property
    def alone_median(self) -> float:
        """Seconds of the middle answer to a single agent."""
        return median(self.alone)

    @property
    def alone_p95(self) -> float:
        """Seconds within which 95 of 100 answers to a single agent come."""
        return quantiles(self.alone, n=20)[-1]

    def of_empty(self) -> list[float]:
        """The rate as a share of the empty route's, each stretch with the one beside it."""
        pairs = zip(self.samples, self.beside, strict=True)
        return [mine.load.rate / empty.load.rate for mine, empty in pairs]

    def of_empty_by_cpu(self) -> float:
        """The same by processor time, which other work on the machine troubles less."""
        pairs = zip(self.samples, self.beside, strict=True)
        return median(empty.cpu_milliseconds / mine.cpu_milliseconds for mine, empty in pairs)

    def against(self, other: "Series") -> list[float]:
        """The ratios of the rates, stretch by stretch."""
        pairs = zip(self.samples, other.samples, strict=True)
        return [mine.load.rate / theirs.load.rate for mine, theirs in pairs]


class WrongAnswerError(RuntimeError):
    """An answer does not hold what was asked for; its time would mean nothing."""


def prepare(server: Server, question: Question) -> Series:
    """Ask the first 200 requests one by one, check the answers, and warm the server up."""
    requests = [server.request(path) for path in question.paths]
    sizes, seconds = [], []
    answers = one_by_one(server.port, requests[:ALONE])
    for path, answer in zip(question.paths, answers, strict=False):
        if not re.search(question.holds.encode(), plain(answer.body)):
            raise WrongAnswerError(f"{path} found nothing")
        sizes.append(len(answer.body))
        seconds.append(answer.seconds)
    saturate(server.port, requests, connections=CONNECTIONS, seconds=WARM_UP_SECONDS)
    # Once more, now that caches are warm: the first time pays for them.
    timed = [answer.seconds for answer in one_by_one(server.port, _repeated(requests, ALONE))]
    return Series(question, requests, timed, sum(sizes) / len(sizes))


def plain(body: bytes) -> bytes:
    """An answer as it was before it was compressed; the server sends short ones as they are."""
    return bytes(compression.zstd.decompress(body)) if body.startswith(ZSTD) else body


def rounds(groups: list[tuple[Server, list[Series]]], count: int, seconds: float) -> None:
    """Fill the series with so many samples each; every other round goes backwards.

    Every question stands beside the empty route, and beside the same question at the other size:
    empty, pop; pop, empty; empty, two words …
    """
    questions = len(groups[0][1])
    for number in range(count):
        for place in range(1, questions):
            turn = list(_neighbours(groups, place))
            for server, series in turn if number % 2 == 0 else reversed(turn):
                series.samples.append(_sample(server, series, seconds))
            for _server, (empty, *others) in groups:
                others[place - 1].beside.append(empty.samples[-1])


def _neighbours(
    groups: list[tuple[Server, list[Series]]], place: int
) -> Iterator[tuple[Server, Series]]:
    for number, (server, all_series) in enumerate(groups):
        pair = (all_series[0], all_series[place])
        for series in pair if number % 2 == 0 else reversed(pair):
            yield server, series


def _sample(server: Server, series: Series, seconds: float) -> Sample:
    used, busy = server.cpu_seconds(), processes.busy_seconds()
    load = saturate(
        server.port,
        series.requests,
        connections=CONNECTIONS,
        seconds=seconds,
        start=series.asked,
    )
    series.asked += load.requests
    return Sample(load, server.cpu_seconds() - used, processes.busy_seconds() - busy)


def _repeated(requests: list[bytes], count: int) -> list[bytes]:
    return (requests * (count // len(requests) + 1))[:count]
