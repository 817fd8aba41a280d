"""A tab without the softphone, and one that was loaded anew in mid-call, say what is so."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import update

from crm import logins
from crm.extensions import db
from crm.models import Call, utc_now
from tests.browser.conftest import UNKNOWN, Desk
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


ELSEWHERE = "The softphone is open in another tab"


def tab_of(desk: Desk, path: str = "/contacts") -> Desk:
    """Another tab of the same browser, without the softphone."""
    other = Desk(desk.page.context.new_page(), desk.crm, desk.simulator)
    other.page.goto(f"{desk.crm.url}{path}")
    expect(other.page.locator("#softphone-state")).to_have_text(ELSEWHERE)
    return other


def test_the_softphone_goes_to_the_tab_that_asks_for_it_and_back_when_that_one_closes(
    desk: Desk,
) -> None:
    waiting, asking = tab_of(desk), tab_of(desk)
    asking.page.get_by_role("button", name="Bring it here").click()
    asking.wait_until_ready()
    for tab in (desk, waiting):
        expect(tab.page.locator("#softphone-state")).to_have_text(ELSEWHERE)
        expect(tab.page.locator("agent-softphone iframe")).to_have_count(0)
    desk.ring()
    expect(asking.card).to_contain_text("Answer in the softphone below.")
    expect(desk.card).to_contain_text("Answer in the tab that has the softphone.")
    asking.answer()
    asking.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")
    desk.card.get_by_role("button", name="Done").click()
    waiting.page.close()
    asking.page.close()
    desk.wait_until_ready()


def test_during_a_call_the_tab_asks_before_it_closes_and_the_softphone_stays(desk: Desk) -> None:
    other = tab_of(desk)
    desk.ring()
    desk.answer()
    expect(other.card).to_contain_text("Talking")
    expect(other.page.get_by_role("button", name="Bring it here")).not_to_be_visible()
    with desk.page.expect_event("dialog") as asked:
        desk.page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    # Also when another tab has not heard of the call yet.
    other.page.evaluate("new BroadcastChannel('softphone-place').postMessage('bring')")
    expect(other.page.locator("#toasts")).to_contain_text("A call is up in the tab")
    desk.wait_for_more_packets()


def test_a_log_out_in_one_tab_reaches_the_others_and_lets_no_call_die(desk: Desk) -> None:
    other = tab_of(desk)
    desk.ring()
    desk.answer()
    expect(other.card).to_contain_text("Talking")
    other.open_menu()
    other.page.get_by_role("button", name="Log out").click()
    expect(other.page.get_by_role("dialog")).to_contain_text("The call goes on in the tab")
    other.page.get_by_role("button", name="Log out", exact=True).last.click()
    expect(desk.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
    desk.wait_for_more_packets()
    desk.softphone.get_by_role("button", name="Hang up").click()
    expect(desk.page.locator("agent-softphone iframe")).to_have_count(0)


def test_two_agents_in_two_browsers_do_not_see_each_others_calls(
    desk: Desk, new_context: Callable[..., BrowserContext]
) -> None:
    mehmet = Desk(new_context().new_page(), desk.crm, desk.simulator)
    mehmet.arrive("mehmet@demo.example")
    desk.ring()
    expect(desk.card).to_contain_text("Ringing")
    mehmet.ring(UNKNOWN, agent="mehmet@demo.example")
    expect(mehmet.card).to_contain_text("900555")
    for one in (desk, mehmet):
        expect(one.page.locator(".call-card")).to_have_count(1)


def test_a_second_browser_takes_the_softphone_over_but_not_from_a_call(
    desk: Desk, new_context: Callable[..., BrowserContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Desk(new_context().new_page(), desk.crm, desk.simulator)
    there.open_desk()
    line = there.page.locator("#softphone-line")
    expect(line).to_contain_text("The softphone is in another browser")
    expect(line).to_contain_text("Chrome on Linux, 127.0.0.1")
    desk.ring()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    line.get_by_role("button", name="Use it here").click()
    expect(line).to_contain_text("A call is up there.")
    desk.wait_for_more_packets()
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")
    line.get_by_role("button", name="Use it here").click()
    there.wait_until_ready()
    desk.page.evaluate("document.body.dispatchEvent(new CustomEvent('looked-at'))")  # or 30 s later
    expect(desk.page.locator("#softphone-line")).to_contain_text("is in another browser")
    expect(desk.page.locator("agent-softphone iframe")).to_have_count(0)
    desk.card.get_by_role("button", name="Done").click()
    desk.page.locator("form.dial button").first.click()
    expect(there.card).to_contain_text("Talking")
    expect(desk.card).to_contain_text("Talking")
    desk.hang_up()
    expect(there.card).to_contain_text("Wrap-up")
    expect(desk.card).to_contain_text("Wrap-up")
    monkeypatch.setattr(logins, "BACK_WITHIN", timedelta())  # it is not opened again
    there.page.close(run_before_unload=True)
    desk.page.locator("#softphone-state.is-connected").wait_for(timeout=120_000)  # asks every 10 s
    desk.wait_until_ready()
