"""An admin watches a call whose session expires: the fault is seen, replayed and exported, and no
page, file or log line holds a key.
"""

import json
import logging
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from crm.extensions import db
from crm.models import Agent, Tenant
from crm.simulator import seed
from tests.browser.conftest import KNOWN, Crm, Desk
from tests.world import Simulator

pytestmark = pytest.mark.browser

DENIZ = "deniz@demo.example"


def test_a_fault_in_a_call_is_seen_replayed_and_exported(
    page: Page,
    crm: Crm,
    simulator: Simulator,
    session_keys: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with crm.app.app_context():  # a ring leaves the inspector open
        db.session.execute(update(Agent).values(pop_opens_contact=False))
        db.session.commit()
        db.session.remove()
    desk = Desk(page, crm, simulator)
    desk.arrive(DENIZ)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Inspector").click()
    page.get_by_role("button", name="Switch on for an hour").click()
    expect(page.get_by_text("Requests are written down until")).to_be_visible()

    desk.ring(KNOWN, agent=DENIZ)
    desk.answer()
    line = page.locator(".inspector-line[data-line]").first
    expect(line.get_by_role("link", name="Talking")).to_be_visible()
    simulator.console("expire-sessions")
    desk.card.get_by_role("button", name="Hold").click()
    failed = line.locator(".inspector-entry.is-failed")
    expect(failed.first).to_contain_text("The telephony session has expired")
    expect(failed.first).to_contain_text("click2hold")
    expect(line.get_by_role("link", name="login")).to_be_visible()  # the one renewal
    seen = [page.locator("#main").inner_html()]

    failed.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="click2hold")).to_be_visible()
    curl = page.locator(".payload").last
    expect(curl).to_contain_text('--data-urlencode "session=$SESSION"')
    seen.append(page.locator("#main").inner_html())
    page.get_by_role("link", name="Back to the inspector").click()

    line.get_by_role("link", name="IncomingCall").click()
    page.get_by_role("button", name="Replay on a copy").click()
    expect(page.locator("#replay-result")).to_contain_text("Nothing was written.")
    expect(page.locator("#replay-result")).to_contain_text("It is known already")
    seen.append(page.locator("#main").inner_html())
    page.get_by_role("link", name="Back to the inspector").click()

    with page.expect_download() as told:
        page.get_by_role("link", name="Export").click()
    file = Path(told.value.path()).read_text()
    (call,) = json.loads(file)["calls"]
    told_of = [(entry["name"], entry.get("problem", "")) for entry in call["entries"]]
    assert ("IncomingCall", "") in told_of
    assert (
        "click2hold",
        "The telephony session has expired. Log in to Call Center Studio again.",
    ) in (told_of)

    with crm.app.app_context():
        tenant = db.session.scalars(select(Tenant).filter_by(name=seed.DEMO.name)).one()
        secrets = {seed.DEMO.app_token, tenant.hook_secret, *session_keys}
        db.session.remove()
    assert len(secrets) >= 4
    for secret in secrets:
        assert secret not in file
        assert secret not in caplog.text
        assert all(secret not in text for text in seen)
