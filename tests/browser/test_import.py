"""Records of past days are imported while an admin watches; background work refreshes by itself."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import request
from playwright.sync_api import Locator, Page, Response, expect

from crm.extensions import db
from crm.models import Call, Work, WorkState, utc_now
from crm.telephony.import_runs import IMPORT_CDRS
from crm.telephony.records import COMPLETE_CALL
from crm.worker.work import LAST_ATTEMPTS
from tests.browser.conftest import Crm, Desk
from tests.browser.test_pages import DENIZ, Eye
from tests.world import Simulator

CALLS = 650
FROM, TO = "2025-10-01", "2025-10-04"
HALF_WAY = re.compile(r"^[1-9]\d?(\.\d)?$")
NO_RECORD = "Call Center Studio has no record of this call yet."


@pytest.fixture
def admin(page: Page, crm: Crm, simulator: Simulator) -> Iterator[Desk]:
    """Deniz's desk; the vendor has CALLS calls of four days on record. A script error fails."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    simulator.console("history", tenant="demo", calls=CALLS, **{"from": FROM, "to": "2025-10-05"})
    desk = Desk(page, crm, simulator)
    desk.log_in(DENIZ)
    yield desk
    assert errors == []


def start(desk: Desk, first: str = FROM, last: str = TO) -> Locator:
    """Ask for these days; returns the import's line."""
    desk.go_to("Settings")
    desk.page.get_by_role("link", name="Imports").click()
    desk.page.get_by_label("From").fill(first)
    desk.page.get_by_label("To", exact=True).fill(last)
    desk.page.get_by_role("button", name="Fetch records").click()
    return desk.page.locator(".import")


def expect_done(line: Locator, *, read: int = CALLS) -> None:
    expect(line).to_contain_text("Done")
    expect(line.get_by_role("progressbar")).to_have_count(0)
    figures = line.locator(".import-figures")
    expect(figures).to_contain_text(re.compile(rf"Read\s*{read}\s*New\s*{CALLS}\s*Changed"))


def count_of_calls(crm: Crm) -> int:
    with crm.app.app_context():
        return db.session.query(Call).count()


def test_an_import_shows_its_bar_and_what_it_found(admin: Desk) -> None:
    eye = Eye(admin.page)
    go_on = threading.Event()
    pages: list[str] = []

    def wait_in_the_middle() -> None:
        if request.values.get("function") == "reportsCDRLogs":
            pages.append(request.values.get("cursor", ""))
            if len(pages) > 3:
                go_on.wait(120)

    admin.simulator.app.before_request_funcs[None].append(wait_in_the_middle)
    line = start(admin)
    bar = line.get_by_role("progressbar", name="demo, 1 – 4 Oct 2025")  # noqa: RUF001
    expect(bar).to_have_attribute("value", HALF_WAY)
    expect(line).to_contain_text(re.compile(r"\d+ records · \d Oct 2025 of 1 – 4 Oct"))  # noqa: RUF001
    eye.look("running import")
    eye.try_widths("running import")
    go_on.set()
    expect_done(line)
    expect(admin.page.locator("#toasts")).to_contain_text("The import is done.")
    eye.look("done import")
    assert eye.faults == []
    assert count_of_calls(admin.crm) == CALLS


def test_an_import_that_stopped_says_why_and_goes_on(
    admin: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LAST_ATTEMPTS, IMPORT_CDRS, 1)
    admin.simulator.console("switches", api_answers="500")
    line = start(admin)
    expect(line).to_contain_text("a problem of its own (HTTP 500)")
    expect(line).to_contain_text("What was read is kept.")
    eye = Eye(admin.page)
    eye.look("stopped import")
    admin.simulator.console("switches", api_answers="json")
    line.get_by_role("button", name="Go on").click()
    expect(line).to_contain_text("Done")
    assert eye.faults == []
    assert count_of_calls(admin.crm) == CALLS


def test_a_range_that_cannot_be_is_said_at_the_field(admin: Desk) -> None:
    line = start(admin, "2025-10-09", FROM)
    expect(admin.page.get_by_text("The end lies before the start.")).to_be_visible()
    expect(admin.page.get_by_label("From")).to_have_value("2025-10-09")
    expect(line).to_have_count(0)


@pytest.fixture
def work_page(admin: Desk) -> Page:
    """Failed work is shown, and as something waits the page refreshes itself."""
    with admin.crm.app.app_context():
        for subject, state in (("777", WorkState.GIVEN_UP), ("778", WorkState.WAITING)):
            work = Work(kind=COMPLETE_CALL, subject=subject, state=state)
            work.attempts, work.last_error = 15, NO_RECORD
            work.next_try_at = utc_now() + timedelta(hours=1)
            db.session.add(work)
        db.session.commit()
    admin.go_to("Settings")
    admin.page.get_by_role("link", name="Background work").click()
    expect(admin.page.locator(".work-row")).to_have_count(1)
    return admin.page


def is_refresh(answer: Response) -> bool:
    return "part=1" in answer.url


def test_what_is_open_stays_open_while_the_work_refreshes(work_page: Page) -> None:
    work_page.get_by_text("Tried 15 times").click()
    details = work_page.locator(".work-facts")
    expect(details).to_have_attribute("open", "")
    with work_page.expect_response(is_refresh):
        pass
    with work_page.expect_response(is_refresh):  # so the first one has been put into the page
        pass
    expect(details).to_have_attribute("open", "")


def test_failed_work_is_tried_again_in_its_place(work_page: Page) -> None:
    eye = Eye(work_page)
    eye.look("failed work")
    work_page.get_by_role("button", name="Try again").click()
    expect(work_page.locator("#toasts")).to_contain_text("It is tried again at once.")
    expect(work_page.locator("#work")).to_contain_text("Nothing has failed")
    assert eye.faults == []


def test_a_refresh_that_fails_says_nothing(work_page: Page) -> None:
    work_page.context.set_offline(True)
    for _refresh in range(2):
        with work_page.expect_event("requestfailed", lambda request: "part=1" in request.url):
            pass
    expect(work_page.locator("#toasts > *")).to_have_count(0)
    work_page.context.set_offline(False)
    with work_page.expect_response(is_refresh):
        pass
