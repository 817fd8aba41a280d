"""The course of the day: set up, calls with their troubles, quiet, imports, the comparison."""

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

from crm.settings import Settings
from tests.soak import company, installation, truth
from tests.soak.browser import Browser
from tests.soak.compare import Verdict, compare
from tests.soak.crm import Crm
from tests.soak.desk import Desk
from tests.soak.elsewhere import Elsewhere
from tests.soak.plan import Kind, Plan
from tests.soak.processes import Program, environment, free_port
from tests.soak.tally import Tally
from tests.soak.troubles import LONGER_PAGES, Troubles
from tests.soak.vendor import Vendor

A_DAY = timedelta(hours=24)
PAST_ENDS = timedelta(hours=3)  # before now: an invented call lasts two hours at most
TENTH = 0.1
SWITCHES = {
    "webhooks_lost": TENTH,
    "webhooks_doubled": TENTH,
    "webhooks_late": TENTH,
    "webhooks_late_seconds": 8.0,
    "cdr_delay": 1.5,
    "key_after": 0.1,
    "far_side_answers_after": None,
}
TROUBLES_END_WITHIN = 400.0
QUIET_WITHIN = 300.0
IMPORT_WITHIN = 300.0
TELL_EVERY = 10.0


@dataclass(frozen=True)
class Result:
    """line: the run in a line. complaints: what must not be; a good run has none."""

    line: str
    complaints: list[str]


def live(day: Plan, settings: Settings, folder: Path) -> Result:
    """Run the day from its setting up to the comparison."""
    simulator = _simulator(folder)
    vendor, tally = Vendor(simulator.port or 0), Tally()
    crm = Crm(settings, folder)
    simulator.start()
    try:
        installation.move_in(settings, vendor)
        _lay_in_the_past(day, vendor)
        with crm.running():
            _work(day, crm, vendor, tally)
            _grow_quiet(crm, tally)
            for tenant in company.TENANTS:
                _import(
                    crm, tenant.name, vendor, tally, cut_off=day.kills > 1 and tenant.name == "demo"
                )
            _grow_quiet(crm, tally)
            verdict = _compare(crm, vendor, tally)
        return _result(day, verdict, vendor.faults(), crm.given_up(), tally)
    finally:
        simulator.stop()


def _simulator(folder: Path) -> Program:
    port = free_port()
    command = (sys.executable, "-m", "tests.soak.vendor", str(port))
    return Program("simulator", command, folder, environment(), port)


def _lay_in_the_past(day: Plan, vendor: Vendor) -> None:
    now = datetime.now(UTC)
    first, last = (now - A_DAY).isoformat(), (now - PAST_ENDS).isoformat()
    for tenant, calls in day.past.items():
        wish = {"from": first, "to": last}
        vendor.post("history", tenant=tenant, calls=calls, seed=1, **wish)


def _work(day: Plan, crm: Crm, vendor: Vendor, tally: Tally) -> None:
    """All live calls, while the troubles come."""
    people = _people(day, crm, vendor, tally)
    vendor.post("switches", **SWITCHES)
    troubles = Troubles(day, crm, vendor, tally)
    began = time.monotonic()
    for thread in [*people, troubles]:
        thread.start()
    told = began
    while any(thread.is_alive() for thread in people):
        time.sleep(0.2)
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            _tell(day, tally, told - began)
    troubles.finish(TROUBLES_END_WITHIN)
    _tell(day, tally, time.monotonic() - began)


def _people(day: Plan, crm: Crm, vendor: Vendor, tally: Tally) -> Sequence[threading.Thread]:
    people: list[threading.Thread] = []
    for tenant in company.TENANTS:
        at_desks, elsewhere = (_queue(one[tenant.name]) for one in (day.at_desks, day.elsewhere))
        for agent in company.desks(tenant.name):
            desk, partner = (
                Browser(crm.settings.port, email)
                for email in (agent.email, company.partner_of(agent.email))
            )
            colleague = Desk(tenant, partner, vendor, at_desks, tally)
            people.append(Desk(tenant, desk, vendor, at_desks, tally, colleague=colleague))
        for agent in company.away(tenant.name):
            people.append(Elsewhere(tenant, agent.email, vendor, elsewhere, tally))
    return people


def _queue(kinds: list[Kind]) -> "SimpleQueue[Kind]":
    waiting: SimpleQueue[Kind] = SimpleQueue()
    for kind in kinds:
        waiting.put(kind)
    return waiting


def _tell(day: Plan, tally: Tally, seconds: float) -> None:
    minutes, rest = divmod(round(seconds), 60)
    print(
        f"  {minutes:2}:{rest:02}  {tally['calls']:,} of {day.live:,} live calls · "
        f"{tally['outages']} outages · {tally['kills']} kills · "
        f"{tally['dials refused']:,} dials refused · "
        f"{tally['messages sent again']:,} messages sent again",
        flush=True,
    )


def _grow_quiet(crm: Crm, tally: Tally) -> None:
    """Webhooks that are late come, and the worker does what waits."""
    time.sleep(SWITCHES["webhooks_late_seconds"] or 0)
    began = time.monotonic()
    waits = crm.wait_until_idle(QUIET_WITHIN)
    if waits:
        tally.complain(f"After {QUIET_WITHIN:.0f} seconds there is still work: {waits}")
    print(f"  The background work was done after {time.monotonic() - began:.0f} s.", flush=True)


def _import(crm: Crm, tenant: str, vendor: Vendor, tally: Tally, *, cut_off: bool) -> None:
    """`flask cdr import` of the whole day; once killed in the middle and run again."""
    command = crm.import_command(tenant, back=A_DAY + timedelta(hours=1))
    if cut_off:
        vendor.post("switches", slow_seconds=LONGER_PAGES)
        command.start()
        until = time.monotonic() + IMPORT_WITHIN
        while command.is_running and time.monotonic() < until:
            if crm.is_in_the_middle_of_an_import():
                tally.add("kills", command.kill())
                tally.add("imports cut off", 1)
                break
            time.sleep(0.02)
        vendor.post("switches", slow_seconds=0)
    command.start()
    status = command.wait(IMPORT_WITHIN)
    if status != 0:
        command.kill()
        tally.complain(f"flask cdr import of {tenant} ended with {status}")


def _compare(crm: Crm, vendor: Vendor, tally: Tally) -> Verdict:
    truths = (one for tenant in company.TENANTS for one in truth.read(vendor, tenant))
    return compare(truths, crm.calls(), tally, crm.legs())


def _result(
    day: Plan, verdict: Verdict, faults: dict[str, int], given_up: int, tally: Tally
) -> Result:
    webhooks = {
        name: faults.get(f"hangup_{name}", 0) + faults.get(f"notification_{name}", 0)
        for name in ("lost", "doubled", "late")
    }
    complaints = verdict.complaints() + tally.problems
    complaints += [f"no webhook was {name}" for name, count in webhooks.items() if not count]
    for name, wanted in (("outages", day.outages), ("kills", day.kills)):
        if tally[name] != wanted:
            complaints.append(f"{tally[name]} {name} instead of {wanted}")
    if not tally["transfers"]:
        complaints.append("no call was handed on")
    if given_up:
        complaints.append(f"{given_up} pieces of work were given up")
    if verdict.calls < day.calls:
        complaints.append(f"only {verdict.calls} calls happened")
    if verdict.fields:
        complaints.append(f"fields that differ: {dict(verdict.fields)}")
    troubles = ", ".join(f"{count:,} webhooks {name}" for name, count in webhooks.items())
    doubled = len(verdict.doubled) + len(verdict.unknown)
    return Result(
        f"{verdict.calls:,} calls, {verdict.on_record:,} on record, {len(verdict.lost):,} lost, "
        f"{doubled:,} doubled, {len(verdict.differences):,} fields differ; faults: {troubles}; "
        f"{tally['transfers']:,} transfers; "
        f"{tally['kills']} kills ({tally['imports cut off']} in the middle of an import); "
        f"{tally['outages']} outages ({tally['requests that met an outage']:,} requests failed); "
        f"{verdict.came_to_nothing:,} dials came to nothing",
        complaints,
    )
