"""A year's report and the badge of missed calls at a million calls, and what the marks cost.

`bench.__main__` runs it. The calls of a hundred agents and ten queues lie in a year. The same
report is counted from the calls - in a transaction that marks every day as changed and is rolled
back - and read from the summary, in turn. So is a page of calls inserted with the triggers and
without them.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from statistics import median, quantiles
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bench.databases import SECRET_KEY
from bench.load import one_by_one
from bench.report import spread, table
from bench.server import serve
from crm.calls import missed, reports, summary
from crm.calls.reports import Period
from crm.extensions import db
from crm.factory import create_app
from crm.models import (
    Agent,
    Call,
    CallLeg,
    CallState,
    CallSummary,
    ChangedDay,
    Direction,
    Role,
    Tenant,
    utc_now,
)
from crm.settings import Settings

AGENTS, QUEUES, CALLERS, DAYS = 100, 10, 100_000, 365
AIM = 0.150  # seconds
BATCH = 10_000
PAGE, PAGES = 100, 50  # of an import
ASKED = 20  # times in a round
BADGES = 50
TRIGGERS = ("insert", "update", "delete")


@dataclass
class YearRun:
    """Seconds of each report, badge and page of calls."""

    database: str
    calls: int
    summarised: float = 0  # seconds to make the whole summary
    rows: int = 0  # of the summary
    read: list[float] = field(default_factory=list)
    counted: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    badge: list[float] = field(default_factory=list)
    badge_of_none: list[float] = field(default_factory=list)
    marked: list[float] = field(default_factory=list)
    unmarked: list[float] = field(default_factory=list)


def measure(database: str, url: str, calls: int, rounds: int) -> YearRun:
    """Fill the database with calls, summarise them, and ask in turn."""
    run = YearRun(database, calls)
    app = create_app(Settings(secret_key=SECRET_KEY, database_url=url))
    today = utc_now().date()
    period = Period(today - timedelta(days=DAYS - 1), today)
    with app.app_context():
        print(f"{database}, reports: adding {calls:,} calls …", flush=True)
        _add(calls, period)
        print(f"{database}, reports: summarising them …", flush=True)
        run.summarised = _seconds(lambda: [*summary.summarise()])
        run.rows = db.session.scalar(select(func.count()).select_from(CallSummary)) or 0
        print(f"{database}, reports: {rounds} rounds …", flush=True)
        gc.freeze()  # as the server does
        for _round in range(rounds):
            _ask(run, period)
        db.session.execute(delete(ChangedDay))
        db.session.commit()
    with serve(url) as server:
        asked = server.request(f"/reports?from={period.first}&to={period.last}")
        list(one_by_one(server.port, [asked] * 4))
        run.served = [answer.seconds for answer in one_by_one(server.port, [asked] * ASKED)]
    with app.app_context():
        db.engine.dispose()
    return run


def tables(run: YearRun) -> str:
    """What was measured, as Markdown."""
    verdict = "reached" if _p95(run.read) <= AIM else "missed"
    ratios = [counted / median(run.read) for counted in run.counted]
    rows = [
        ("counted from the calls", *_times(run.counted), ""),
        ("read from the summary", *_times(run.read), f"{1000 * AIM:.0f} ms: {verdict}"),
        ("the page, by HTTP", *_times(run.served), ""),
        ("badge, a hundred callers wait", *_times(run.badge), ""),
        ("badge, none waits", *_times(run.badge_of_none), ""),
    ]
    cost = [one / other for one, other in zip(run.marked, run.unmarked, strict=True)]
    told = (
        f"{run.calls:,} calls of {AGENTS} agents in {QUEUES} queues; the summary has {run.rows:,} "
        f"rows and was made in {run.summarised:.0f} s. Counting takes {spread(ratios)} times as "
        f"long. A page of {PAGE} calls inserted with the marks took {1000 * median(run.marked):.2f}"
        f" ms, without them {1000 * median(run.unmarked):.2f}: {spread(cost)} times."
    )
    head = ("A year's report", "median", "p95", "Aim, p95")
    return "\n\n".join([f"### Reports, {run.database}", table(head, rows), told])


def _add(count: int, period: Period) -> None:
    tenant = db.session.scalars(select(Tenant)).one()
    for place in range(AGENTS):
        email = f"agent{place}@reports.example"
        person = {"email": email, "name": f"Agent {place}", "studio_email": email}
        db.session.add(Agent(**person, password_hash="-", role=Role.AGENT, tenant_id=tenant.id))
    db.session.flush()
    ids = list(db.session.scalars(select(Agent.id)))
    calls = _calls(tenant.id, ids, period, count)
    while batch := list(islice(calls, BATCH)):
        db.session.execute(insert(Call), batch)
        db.session.commit()
    several = db.session.execute(select(Call.id, Call.started_at).where(Call.leg_count > 0)).all()
    legs = [
        {
            "call_id": call_id,
            "tenant_id": tenant.id,
            "place": place,
            "agent_id": ids[(call_id + place) % len(ids)],
            "started_at": started_at,
            "answered": bool(place),
            "talk_seconds": 60 * place,
        }
        for call_id, started_at in several
        for place in range(2)
    ]
    if legs:
        db.session.execute(insert(CallLeg), legs)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _calls(
    tenant_id: int, agent_ids: list[int], period: Period, count: int
) -> Iterator[dict[str, Any]]:
    """In order of time, in office hours; one of six is missed, one of fifty had two agents."""
    chance = random.Random(7)
    first = datetime.combine(period.first, datetime.min.time(), UTC)
    for place in range(count):
        day, of_day = divmod(place * period.length, count)
        at = first + timedelta(days=day, hours=6, seconds=of_day / count * 11 * 3600)
        answered = chance.random() > 1 / 6
        yield _a_call(tenant_id, at) | {
            "agent_id": chance.choice(agent_ids) if answered else None,
            "direction": chance.choice((Direction.INBOUND, Direction.INBOUND, Direction.OUTBOUND)),
            "normal_form": f"+90532{chance.randrange(CALLERS):07}",
            "queue": f"Queue {chance.randrange(QUEUES)}",
            "answered": answered,
            "wait_seconds": chance.randrange(60),
            "talk_seconds": chance.randrange(600) if answered else None,
            "abandoned": None if answered else chance.random() < 0.3,
            "leg_count": 2 if place % 50 == 0 else 0,
        }


def _a_call(tenant_id: int, at: datetime) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "direction": Direction.OUTBOUND,
        "state": CallState.ENDED,
        "state_since": at,
        "started_at": at,
        "number": "as it came",
        "sources": {},
        "notes": [],
        "created_at": at,
        "updated_at": at,
    }


def _ask(run: YearRun, period: Period) -> None:
    """One round. Today has changed, as it always has."""
    tenants = list(db.session.scalars(select(Tenant)))
    tenant_ids = [tenant.id for tenant in tenants]
    newest = select(func.max(Call.id)).scalar_subquery()
    db.session.execute(update(Call).where(Call.id == newest).values(queue="changed"))
    db.session.commit()
    summary.mark_all_changed()
    run.counted.append(_seconds(lambda: reports.report(tenants, period)))
    db.session.rollback()
    for _time in range(ASKED):
        run.read.append(_seconds(lambda: reports.report(tenants, period)))
    now = utc_now()
    for to, called_back in ((run.badge, False), (run.badge_of_none, True)):
        if called_back:  # each of them, tomorrow
            lately = Call.started_at > now - missed.COUNTS_FOR
            numbers = select(Call.normal_form).where(*missed.IS_MISSED, lately).distinct()
            talk = _a_call(tenant_ids[0], now + timedelta(days=1)) | {"answered": True}
            talks = [talk | {"normal_form": number} for number in db.session.scalars(numbers)]
            db.session.execute(insert(Call), talks)
        for _time in range(BADGES):
            to.append(_seconds(lambda: missed.count_waiting(tenant_ids, now=now)))
    if missed.count_waiting(tenant_ids, now=now):
        raise SystemExit("Somebody still waits, though all were called back.")
    db.session.rollback()
    _pages_of_calls(tenant_ids[0], period.first, triggers=True)  # the file grows once
    for to, triggers in ((run.marked, True), (run.unmarked, False)):
        to.append(_pages_of_calls(tenant_ids[0], period.first, triggers=triggers))


def _pages_of_calls(tenant_id: int, day: date, *, triggers: bool) -> float:
    """Seconds that a page of calls takes, rolled back with the change of the triggers."""
    agent_ids = list(db.session.scalars(select(Agent.id)))
    rows = list(_calls(tenant_id, agent_ids, Period(day, day), PAGE * PAGES))
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if not triggers:
        for event in TRIGGERS:
            on = "" if db.engine.dialect.name == "sqlite" else " ON call"
            connection.exec_driver_sql(f"DROP TRIGGER call_changed_{event}{on}")
    pages = [rows[start : start + PAGE] for start in range(0, len(rows), PAGE)]
    # RETURNING, as an import needs the ids: one statement a page.
    statement = insert(Call).returning(Call.id)
    took = _seconds(lambda: [connection.execute(statement, page).all() for page in pages])
    db.session.rollback()
    return took / PAGES


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _times(seconds: list[float]) -> tuple[str, str]:
    return f"{1000 * median(seconds):.1f} ms", f"{1000 * _p95(seconds):.1f} ms"


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
