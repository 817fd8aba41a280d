"""A tab without the softphone, and one that was loaded anew in mid-call, say what is so."""

import json
from datetime import timedelta

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import update

from crm.extensions import db
from crm.models import Call, utc_now
from tests.browser.conftest import Desk
from tests.browser.test_gate import RING, post_from_the_softphone

# What the page does every ten seconds it does every second.
SOONER = """
  const every = window.setInterval;
  window.setInterval = (act, ms) => every(act, Math.min(ms, 1000));
"""


def test_a_second_tab_shows_the_call_that_rings_and_is_up_and_does_not_say_that_there_is_none(
    desk: Desk, context: BrowserContext
) -> None:
    other = Desk(context.new_page(), desk.crm, desk.simulator)
    other.page.goto(f"{desk.crm.url}/contacts")
    panel = other.page.locator("#call-panel")
    expect(panel).to_contain_text("The softphone is in another tab.")
    expect(panel).not_to_contain_text("No call at the moment")
    desk.ring()
    expect(other.card).to_contain_text("Ringing")
    desk.answer()
    expect(other.card).to_contain_text("Talking")
    other.card.get_by_label("Note", exact=True).fill("Wants an offer")
    expect(desk.card.get_by_label("Note", exact=True)).to_have_value("Wants an offer")
    other.hang_up()
    expect(other.card).to_contain_text("Wrap-up")
    desk.card.get_by_role("button", name="Done").click()
    expect(desk.page.locator("#call-panel")).to_contain_text("No call at the moment")
    other.card.get_by_role("button", name="Done").click()  # it was written in there
    expect(other.page.locator(".call-card")).to_have_count(0)


def test_a_second_tab_whose_card_was_not_written_in_loses_it_when_it_is_done(
    desk: Desk, context: BrowserContext
) -> None:
    other = Desk(context.new_page(), desk.crm, desk.simulator)
    other.page.goto(f"{desk.crm.url}/contacts")
    desk.ring()
    desk.answer()
    desk.hang_up()
    expect(other.card).to_contain_text("Wrap-up")
    desk.card.get_by_role("button", name="Done").click()
    expect(other.page.locator(".call-card")).to_have_count(0)


def test_a_call_that_ends_without_a_word_after_a_reload_does_not_talk_on(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps(RING))
    post_from_the_softphone(desk, json.dumps({"messageType": "Talking"}))
    expect(desk.card).to_contain_text("Talking")
    desk.page.once("dialog", lambda dialog: dialog.accept())
    desk.page.add_init_script(SOONER)
    desk.page.reload()
    desk.wait_until_ready()
    with desk.crm.app.app_context():  # long enough up to be in the vendor's list, and is not
        then = utc_now() - timedelta(minutes=1)
        db.session.execute(update(Call).values(state_since=then))
        db.session.commit()
    expect(desk.card).to_contain_text("Wrap-up")


def test_a_hang_up_that_did_not_reach_the_crm_is_told_beside_the_button(desk: Desk) -> None:
    desk.ring()
    # Its answer draws the card anew, without words beside the button.
    talking = "type=Talking"
    with desk.page.expect_response(lambda answer: talking in (answer.request.post_data or "")):
        desk.answer()
    expect(desk.card).to_contain_text("Talking")
    beside = desk.card.locator(".call-actions .call-problem")
    for status, button, does in (
        (500, "Hang up", "ends the call"),
        (404, "Hold", "holds and resumes the call"),
        (502, "Hang up", "ends the call"),
    ):
        answer_with(desk, status)
        desk.card.get_by_role("button", name=button).click()
        expect(beside).to_contain_text(f"The softphone's own button {does}")
    expect(desk.page.locator("#toasts")).to_be_empty()
    desk.page.unroute_all()
    desk.page.route("**/call-panel/*/hold", lambda _route: None)  # nothing comes as yet
    desk.card.get_by_role("button", name="Hold").click()
    expect(beside).to_be_empty()


def answer_with(desk: Desk, status: int) -> None:
    """What hang up and hold are answered with."""
    desk.page.route("**/call-panel/*/h*", lambda route: route.fulfill(status=status, body=""))
