"""Webhooks: a hangup post against an empty one, and a minute of 200 a second on real processes.

`bench.__main__` runs it. The calls are the simulator's own, so what ends up on record can be
compared with what really happened.
"""

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from sqlalchemy import Engine, create_engine, func, select

from bench import EMPTY_PATH, EMPTY_POST_PATH, commands, measure, schedule
from bench.databases import SECRET_KEY
from bench.load import one_by_one, saturate
from bench.measure import ALONE, CONNECTIONS, WARM_UP_SECONDS, Series
from bench.people import SEED
from bench.questions import Question
from bench.schedule import Due
from bench.server import Server
from bench.webhook_truth import Compared, compare
from crm import secret_box
from crm.models import Call, InboxEntry, Tenant, inbox_file
from crm.simulator.seed import DEMO

HANGUP_POST = "hangup post"
RATE = 200  # requests a second
DOUBLED, OUT_OF_ORDER = 0.1, 0.1
LATE_SECONDS = (1.0, 10.0)
CALLS_FOR_RATE = 20_000
FOLDED_WITHIN = 900.0  # seconds; a worker that needs longer has failed
# What is told is how far it has come by then: records without a call's key are asked for one by
# one, and the worker asks a vendor five times a second at most (crm/telephony/pace.py).
COMPLETE_WITHIN = 60.0
LOOKS_EVERY = 0.5


@dataclass(frozen=True)
class Flood:
    """What a flood showed. took: seconds each request took. folded: seconds after its end until
    all webhooks were read. completed: seconds from then until all calls were complete, or
    COMPLETE_WITHIN; complete: how many were, when all were read and at the end.
    """

    requests: int
    calls: int
    seconds: float
    took: list[float]
    folded: float
    completed: float
    complete: tuple[int, int]
    compared: Compared


def rates(server: Server, database_url: str, rounds: int, seconds: float) -> list[Series]:
    """The empty post, the hangup post, and the empty page that wants a login, in turn."""
    secret = secret_of(database_url)
    rng = random.Random(SEED)
    posts = [hangup_post(server.port, secret, rng) for _ in _calls()]
    all_series = [
        _prepared(server, "empty post", [_post(server.port, EMPTY_POST_PATH, _form(rng))]),
        _prepared(server, HANGUP_POST, posts),
        measure.prepare(server, Question("empty route, logged in", [EMPTY_PATH])),
    ]
    measure.rounds([(server, all_series)], rounds, seconds)
    time.sleep(1)  # the last posts were sent and not waited for
    return all_series


def flood(server: Server, database_url: str, seconds: int) -> Flood:
    """200 requests a second while the vendor's API is down. Then it is back, and the worker reads
    what was told and asks for the records.
    """
    with commands.simulator() as vendor, pointed_at(vendor, database_url):
        records = invent(vendor, calls=round(RATE * seconds / (1 + DOUBLED)))
        due = _schedule(server.port, secret_of(database_url), records)
        _switch(vendor, api_answers="dropped")
        engine = create_engine(database_url)
        with commands.worker(database_url):
            started = time.perf_counter()
            took = schedule.send(server.port, due)
            ended = time.perf_counter()
            slowest = sorted(took)[-max(1, len(took) // 100)]
            print(f"… answered, 99 of 100 within {slowest:.2f} s; now the worker …", flush=True)
            _switch(vendor, api_answers="json")
            folded = _until(lambda: _unread(engine) == 0, FOLDED_WITHIN)
            if _unread(engine):
                raise SystemExit(f"After {folded:.0f} seconds there are webhooks to be read.")
            first = _complete(engine, records)
            print(f"… all read; {first:,} of {len(records):,} calls complete …", flush=True)
            completed = _until(lambda: _complete(engine, records) == len(records), COMPLETE_WITHIN)
        compared = compare(engine, records)
        engine.dispose()
        complete = (first, len(records) - compared.waiting - compared.lost)
    return Flood(
        requests=len(due),
        calls=len(records),
        seconds=ended - started,
        took=took,
        folded=folded,
        completed=completed,
        complete=complete,
        compared=compared,
    )


def _prepared(server: Server, name: str, posts: list[bytes]) -> Series:
    list(one_by_one(server.port, posts[:ALONE]))
    saturate(server.port, posts, connections=CONNECTIONS, seconds=WARM_UP_SECONDS)
    again = (posts * ALONE)[:ALONE]
    answers = list(one_by_one(server.port, again))
    size = sum(len(answer.body) for answer in answers) / len(answers)
    return Series(Question(name, []), posts, [answer.seconds for answer in answers], size)


def hangup_post(port: int, secret: str, rng: random.Random) -> bytes:
    """A hangup post of a call that nobody knows of."""
    return _post(port, f"/webhooks/hangup/{secret}", _form(rng))


def _calls() -> range:
    return range(CALLS_FOR_RATE)


def _form(rng: random.Random) -> dict[str, str]:
    """A hangup post of a call that nobody knows of."""
    return {
        "call_id": f"{rng.getrandbits(400):0100x}",
        "caller_id": DEMO.line,
        "called_num": f"0532{rng.randrange(10**7):07d}",
        "call_date": "2026-03-10 12:00:00",
        "transaction_id": f"{rng.getrandbits(128):032x}",
        "agent_username": DEMO.agents[0].email,
        "duration": str(rng.randrange(600)),
        "disposition": "ANSWER",
        "tenant": DEMO.name,
    }


def _post(port: int, path: str, form: dict[str, str]) -> bytes:
    body = urlencode(form)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: localhost:{port}",
        "Connection: keep-alive",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


def _get(port: int, path: str, query: dict[str, str]) -> bytes:
    head = f"GET {path}?{urlencode(query)} HTTP/1.1\r\nHost: localhost:{port}\r\n"
    return f"{head}Connection: keep-alive\r\n\r\n".encode()


def secret_of(database_url: str) -> str:
    """What stands in the addresses of the bench's webhooks."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        sealed = connection.execute(select(Tenant.__table__.c.hook_secret_sealed)).scalar_one()
    engine.dispose()
    return secret_box.unseal(sealed, keys=(SECRET_KEY,))


@contextmanager
def pointed_at(vendor: str, database_url: str) -> Iterator[None]:
    """The tenant's vendor is the simulator. Set after the login, which asks nobody so."""
    engine = create_engine(database_url)
    values = {
        "api_url": f"{vendor}/api/",
        "timezone": DEMO.timezone,
        "reconcile": False,  # each call is to be completed for its own webhook's sake
        "app_token_sealed": secret_box.seal(DEMO.app_token, key=SECRET_KEY),
    }
    with engine.begin() as connection:
        connection.execute(Tenant.__table__.update().values(values))
        connection.execute(InboxEntry.__table__.delete())  # those of `rates`
    if engine.dialect.name == "sqlite" and _inbox_of(engine).exists():
        with closing(sqlite3.connect(_inbox_of(engine))) as file, file:
            file.execute("DELETE FROM webhook_inbox")
    engine.dispose()
    yield


def invent(vendor: str, calls: int) -> list[Any]:
    """So many calls of yesterday and the simulator's own list of them."""
    now = datetime.now(UTC)
    yesterday = now.replace(hour=0, minute=0).timestamp() - 86_400
    wish = {"tenant": DEMO.name, "calls": calls, "seed": SEED}
    wish |= {"from": datetime.fromtimestamp(yesterday, UTC).isoformat(), "to": now.isoformat()}
    requests.post(f"{vendor}/console/api/history", json=wish, timeout=60).raise_for_status()
    records: list[Any] = []
    after = ""
    while after is not None:
        query = {"tenant": DEMO.name, "after": after}
        page = requests.get(f"{vendor}/console/api/records", query, timeout=60).json()
        records, after = records + page["records"], page["next"]
    # A call that was handed on has two records and one row: `tests/soak` compares those.
    times = Counter(told["activecallkey"] for told in records)
    whole = [told for told in records if times[told["activecallkey"]] == 1]
    return random.Random(SEED).sample(whole, min(calls, len(whole)))


def _schedule(port: int, secret: str, records: list[Any]) -> list[Due]:
    """Each call's webhook, a tenth of them twice and a tenth late, 200 a second."""
    rng = random.Random(SEED)
    sent = [_webhook(port, secret, told) for told in records]
    sent += rng.sample(sent, round(len(sent) * DOUBLED))
    rng.shuffle(sent)
    due = []
    for place, request in enumerate(sent):
        late = rng.uniform(*LATE_SECONDS) if rng.random() < OUT_OF_ORDER else 0.0
        due.append(Due(place / RATE + late, request))
    return due


def _webhook(port: int, secret: str, told: Any) -> bytes:
    """An inbound call's notification, an outbound one's hangup post."""
    record, key = told["record"], told["activecallkey"]
    if record["inbound"]:
        query = {"CallID": key, "MobilePhoneNumber": record["callerid"], "queue": record["queue"]}
        agent = record["agentid"] if record["answered"] else ""
        return _get(port, f"/webhooks/notification/{secret}", query | {"AgentID": agent})
    form = {
        "call_id": key,
        "caller_id": record["callerid"],
        "called_num": record["called_num"],
        "call_date": record["calldate"],
        "transaction_id": told["uniqueid"],
        "agent_username": record["agentid"],
        "duration": str(record["duration"] or 0),
        "disposition": record["disposition"],
        "tenant": DEMO.name,
    }
    return _post(port, f"/webhooks/hangup/{secret}", form)


def _switch(vendor: str, **switches: object) -> None:
    answer = requests.post(f"{vendor}/console/api/switches", json=switches, timeout=10)
    answer.raise_for_status()


def _until(reached: Any, within: float) -> float:
    """Seconds until it is so, or until `within` is over."""
    started = time.perf_counter()
    while not reached() and time.perf_counter() - started < within:
        time.sleep(LOOKS_EVERY)
    return time.perf_counter() - started


def _count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _unread(engine: Engine) -> int:
    """What the worker has not folded yet; on SQLite part of it lies in a file of its own."""
    unread = _count(engine, InboxEntry)
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(_inbox_of(engine))) as file:
            unread += file.execute("SELECT count(*) FROM webhook_inbox").fetchone()[0]
    return unread


def _inbox_of(engine: Engine) -> Path:
    return Path(f"{engine.url.database}{inbox_file.SUFFIX}")


def _complete(engine: Engine, records: list[Any]) -> int:
    """How many of the calls that were told of have their record."""
    calls = Call.__table__
    with engine.connect() as connection:
        found = connection.execute(select(calls.c.activecallkey).where(calls.c.complete))
        return len(set(found.scalars()) & {told["activecallkey"] for told in records})
