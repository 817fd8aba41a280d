"""A short day at one desk, played as `make day` plays the long one (tests/day)."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from tests.browser.conftest import Desk
from tests.day.plan import SHORT_DAY, calls_in
from tests.day.verdict import verdict_on
from tests.day.worker import MEHMET, Worker


def test_on_a_short_day_nothing_is_lost_and_nothing_twice(
    desk: Desk, new_context: Callable[..., BrowserContext]
) -> None:
    colleague = Desk(new_context().new_page(), desk.crm, desk.simulator)
    colleague.arrive(MEHMET)
    worker = Worker(desk, colleague, without_network=0)
    worker.work(SHORT_DAY, lambda _one: None)
    verdict, faults = verdict_on(desk.crm, desk.simulator, worker.written, since=worker.began)
    assert not faults, "\n".join(faults)
    assert verdict.calls == calls_in(SHORT_DAY)
