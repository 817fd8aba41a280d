"""`python -m tests.day`: the whole day, a table, and 1 at the end if anything is wrong."""

import sys
import time
from collections import Counter

from playwright.sync_api import Browser, Error, Page

from crm import contacts
from crm.cli.demo import people
from crm.extensions import db
from tests.browser.alone import alone
from tests.browser.conftest import Desk, is_fault
from tests.browser.running import add_agents
from tests.day.plan import WHOLE_DAY, Event, Kind, calls_in
from tests.day.verdict import verdict_on
from tests.day.worker import MEHMET, Worker
from tests.world import Simulator

WITHOUT_NETWORK = 60.0


def main() -> int:
    """The day, with the people of the demo."""
    began, counted, said = time.monotonic(), Counter[Kind | Event](), list[str]()

    def tell(one: Kind | Event) -> None:
        counted[one] += 1
        minutes, seconds = divmod(round(time.monotonic() - began), 60)
        print(f"  {minutes:2}:{seconds:02}  {one}", flush=True)

    with alone(move_in) as world:
        desk, colleague = (
            Desk(page_of_its_own(world.browser, said), world.crm, world.simulator) for _ in range(2)
        )
        desk.arrive()
        colleague.arrive(MEHMET)
        worker = Worker(desk, colleague, without_network=WITHOUT_NETWORK)
        faults = []
        try:
            worker.work(WHOLE_DAY, tell)
        except (Error, AssertionError) as error:  # what was played until then is still compared
            faults.append(f"the day broke off: {error}")
        verdict, found = verdict_on(world.crm, world.simulator, worker.written, since=worker.began)
        faults += found + [f"the browser's console: {line}" for line in said]
    if verdict.calls != calls_in(WHOLE_DAY):
        faults.append(f"{verdict.calls} calls instead of {calls_in(WHOLE_DAY)}")
    print(f"\n{'on the day':<40} times")
    for one in (*Kind, *Event):
        print(f"{one:<40} {counted[one]:5}")
    for fault in faults:
        print(f"  ! {fault}")
    print(
        f"day: {verdict.calls} calls, {verdict.on_record} on record, {len(verdict.lost)} lost, "
        f"{len(verdict.doubled) + len(verdict.unknown)} doubled, "
        f"{len(verdict.differences)} fields differ, {len(said)} lines in the console; "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if faults else 0


def move_in(simulator: Simulator) -> None:
    """The agents, and the demo's contacts."""
    add_agents(simulator)
    for person in people.everybody():
        contacts.create(person, region="TR")
    db.session.commit()


def page_of_its_own(browser: Browser, said: list[str]) -> Page:
    """In a browser of its own; said: gets what all of its tabs say in the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.on("weberror", lambda error: said.append(str(error.error)))
    context.on("console", lambda line: said.append(line.text) if is_fault(line) else None)
    return context.new_page()


if __name__ == "__main__":
    sys.exit(main())
