"""The course of a run: two machines' processes behind nginx, logins, an idle and a busy stretch.

In the busy one a CRM process is killed and comes back, and the other one is restarted.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty
from ssl import create_default_context
from statistics import median
from typing import LiteralString

import psycopg

from bench import processes
from crm import password_tries
from crm.extensions import db
from crm.factory import create_app
from crm.settings import Settings
from crm.simulator.seed import Tenant
from tests.cluster.costs import Costs, Reading, connections_to
from tests.cluster.desk import KeptBrowser, PollingDesk
from tests.cluster.machines import Cluster
from tests.cluster.times import Times
from tests.soak import company, databases, truth
from tests.soak.compare import Verdict, compare
from tests.soak.crm import Crm
from tests.soak.tally import Tally

# All at once would meet the limit of tries from one address, which counts before it checks.
LOGINS_AT_ONCE = 8
AWAY = 3.0  # seconds until the killed process is started again
QUIET_WITHIN = 180.0
LOGGED_IN_WITHIN = 300.0  # of all together; whoever is late stays away, and the run says so
COUNTS = 100
KILLED_AT, RESTARTED_AT = 0.3, 0.65  # of the busy stretch


@dataclass(frozen=True)
class Wish:
    """agents; idle and busy: seconds; every: seconds between two calls of an agent."""

    agents: int
    idle: float
    busy: float
    every: float


@dataclass(frozen=True)
class Stretch:
    """Requests and processor seconds of some seconds."""

    seconds: float
    requests: int
    cpu: dict[str, float]
    busy: float


@dataclass(frozen=True)
class Result:
    """All that a run showed."""

    wish: Wish
    times: Times
    tally: Tally
    verdict: Verdict
    dialled: list[str]  # the transaction of each dial that the vendor took
    idle: Stretch
    busy: Stretch
    logins: dict[str, int]
    login_cpu: float  # of the CRM's processes, seconds for one login
    memory: dict[str, int]
    connections: dict[str, int]
    count_of_a_try: float  # seconds, in the database
    crm_processes: int
    client_cpu: float
    log: str


def live(wish: Wish, folder: Path) -> Result:
    """One run on PostgreSQL."""
    with databases.fresh("postgresql", folder) as database_url:
        cluster = Cluster(folder, database_url, wish.agents)
        tenants = company.with_desks(wish.agents)
        with cluster.running(tenants):
            return _work(wish, cluster, tenants, folder)


def _work(wish: Wish, cluster: Cluster, tenants: tuple[Tenant, ...], folder: Path) -> Result:
    times, tally = Times(), Tally()
    threading.excepthook = lambda died: tally.complain(f"{died.thread}: {died.exc_value!r}")
    costs = Costs(
        {
            "CRM": [machine.web for machine in cluster.machines],
            "worker": [machine.worker for machine in cluster.machines],
            "nginx": [cluster.proxy.program],
            "simulator": [cluster.simulator],
        },
        _postmaster(cluster),
    )
    before = costs.read()
    desks = _log_in(wish, cluster, tenants, times, tally)
    login_cpu = (costs.read().cpu["CRM"] - before.cpu["CRM"]) / wish.agents
    _say(f"{len(desks)} agents have logged in; {wish.idle:.0f} s in which nobody calls")
    for desk in desks:
        desk.start()
    idle = _stretch(costs, times, wish.idle)
    _say(f"{wish.busy:.0f} s of calls; a CRM process is killed, and the other one is restarted")
    for desk in desks:
        desk.begin_calls()
    troubles = threading.Thread(target=_trouble, args=(wish, cluster, times, tally), daemon=True)
    client = time.process_time()
    troubles.start()
    connections: dict[str, int] = {}

    def count_connections() -> None:
        for part, count in _connections(cluster).items():
            connections[part] = max(count, connections.get(part, 0))

    busy = _stretch(costs, times, wish.busy, count_connections)
    client = time.process_time() - client
    troubles.join(60)
    memory = {part: costs.memory(part) for part in ("CRM", "worker", "nginx")}
    for desk in desks:
        desk.finish()
    until = time.monotonic() + QUIET_WITHIN
    for desk in desks:
        desk.join(max(0.1, until - time.monotonic()))
    if any(desk.is_alive() for desk in desks):
        tally.complain("an agent's call did not come to its end")
    machine = cluster.machines[0]
    if waits := machine.wait_until_idle(QUIET_WITHIN):
        tally.complain(f"after {QUIET_WITHIN:.0f} s there is still work: {waits}")
    truths = [one for tenant in tenants for one in truth.read(cluster.vendor, tenant)]
    logs = [cluster.proxy.logs()]
    logs += [path.read_text() for path in folder.glob("machine-*/*.log")]
    return Result(
        wish=wish,
        times=times,
        tally=tally,
        verdict=compare(truths, machine.calls(), tally, machine.legs()),
        dialled=[
            one.fields["transaction_id"] for one in truths if one.fields["direction"] == "outbound"
        ],
        idle=idle,
        busy=busy,
        logins=cluster.vendor.get("state")["logins"],
        login_cpu=login_cpu,
        memory=memory,
        connections=connections,
        count_of_a_try=_count_of_a_try(cluster.settings),
        crm_processes=sum(len(tree_of(machine)) for machine in cluster.machines),
        client_cpu=client,
        log="".join(logs),
    )


def tree_of(machine: Crm) -> list[str]:
    """The processes that gunicorn started on a machine."""
    pid = machine.web.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _log_in(
    wish: Wish,
    cluster: Cluster,
    tenants: tuple[Tenant, ...],
    times: Times,
    tally: Tally,
) -> list[PollingDesk]:
    trusted = create_default_context(cafile=str(cluster.proxy.certificate))
    people = [
        (tenant, agent) for tenant in tenants for agent in tenant.agents if "desk" in agent.email
    ]

    until = time.monotonic() + LOGGED_IN_WITHIN

    def log_in(place: int) -> PollingDesk | None:
        tenant, agent = people[place]
        if time.monotonic() > until:
            tally.complain(f"{agent.email} had no turn to log in")
            return None
        # Each at an address of its own, which the CRM sees because it trusts nginx.
        address = f"127.1.{place // 250}.{place % 250 + 1}"
        browser = KeptBrowser(cluster.proxy.port, agent.email, address, trusted, times)
        try:
            return PollingDesk(tenant, browser, cluster.vendor, tally, wish.every)
        except (RuntimeError, OSError, Empty) as error:
            tally.complain(f"{agent.email} could not log in: {error!r}")
            return None

    with ThreadPoolExecutor(LOGINS_AT_ONCE) as pool:
        return [desk for desk in pool.map(log_in, range(len(people))) if desk is not None]


def _stretch(
    costs: Costs, times: Times, seconds: float, also: Callable[[], None] = lambda: None
) -> Stretch:
    first, requests = costs.read(), times.requests
    last = first
    while (left := first.at + seconds - time.monotonic()) > 0:
        time.sleep(min(1.0, left))
        last = costs.read()
        also()
    return _between(first, last, times.requests - requests)


def _between(first: Reading, last: Reading, requests: int) -> Stretch:
    cpu = {part: last.cpu[part] - first.cpu.get(part, 0.0) for part in last.cpu}
    return Stretch(last.at - first.at, requests, cpu, last.busy - first.busy)


def _trouble(wish: Wish, cluster: Cluster, times: Times, tally: Tally) -> None:
    began = time.monotonic()
    first, second = cluster.machines
    time.sleep(KILLED_AT * wish.busy)
    times.stopped_at = time.monotonic()
    tally.add("kills", first.web.kill())
    time.sleep(min(AWAY, wish.busy / 10))
    first.web.start()
    time.sleep(max(0.0, began + RESTARTED_AT * wish.busy - time.monotonic()))
    times.stopped_at = time.monotonic()
    second.web.stop()
    second.web.start()
    tally.add("restarts")


def _connections(cluster: Cluster) -> dict[str, int]:
    """The most that were open at once."""
    of_this_question = 1
    open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL"
    return {
        "browsers": connections_to(cluster.proxy.port),
        "CRM": sum(connections_to(machine.settings.port) for machine in cluster.machines),
        "PostgreSQL": _asked(cluster, open_ones) - of_this_question,
    }


def _postmaster(cluster: Cluster) -> int:
    """The process that started all others of PostgreSQL."""
    return processes.parent(_asked(cluster, "SELECT pg_backend_pid()"))


def _asked(cluster: Cluster, question: LiteralString) -> int:
    address = cluster.settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as connection:
        row = connection.execute(question).fetchone()
    return int(row[0]) if row else 0


def _count_of_a_try(settings: Settings) -> float:
    """What counting a try of a password in the database takes, and taking it back."""
    app = create_app(settings)
    taken = []
    with app.app_context():
        for number in range(COUNTS):
            ways = {
                f"address of {number} at nobody": password_tries.ONE_ACCOUNT,
                f"address of {number}": password_tries.ONE_ADDRESS,
                f"e-mail of {number}": password_tries.ONE_EMAIL,
            }
            began = time.perf_counter()
            password_tries.take(ways, now=datetime.now(UTC))
            password_tries.give_back(ways, now=datetime.now(UTC) + timedelta(seconds=1))
            db.session.commit()
            taken.append(time.perf_counter() - began)
        db.session.remove()
        db.engine.dispose()
    return median(taken)


def _say(words: str) -> None:
    print(f"  {words}", flush=True)
