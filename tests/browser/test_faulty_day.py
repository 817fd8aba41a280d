"""What goes wrong around a call in the middle of a day, and how little the agent notices."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import KNOWN, PASSWORD, Desk


def test_a_login_lost_before_the_ring_is_asked_for_and_the_call_is_there(desk: Desk) -> None:
    desk.go_to("Calls")
    desk.lose_login()
    desk.ring(KNOWN)
    desk.page.get_by_label("E-mail").fill("ayse@demo.example")
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.page.get_by_role("button", name="Log in").click()
    expect(desk.card).to_contain_text("Elif Şahin")
    desk.answer()
    expect(desk.card).to_contain_text("Talking")


def test_a_login_in_another_tab_gives_this_one_its_token(
    desk: Desk, context: BrowserContext
) -> None:
    other = context.new_page()
    other.goto(f"{desk.crm.url}/contacts")
    other.locator("details[data-menu] summary").click()
    other.get_by_role("button", name="Log out").click()
    other.get_by_label("E-mail").fill("ayse@demo.example")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("heading", level=1, name="Contacts")).to_be_visible()
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")


def test_an_error_page_of_a_proxy_takes_neither_card_nor_note_and_the_note_is_saved_later(
    desk: Desk,
) -> None:
    desk.ring(KNOWN)
    desk.answer()
    note = desk.card.get_by_label("Note")
    desk.page.route("**/notes", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    note.fill("Wants an offer")
    expect(desk.card).to_contain_text("Not saved yet")
    expect(note).to_have_value("Wants an offer")
    desk.page.unroute("**/notes")
    expect(desk.card.locator(".call-saved")).to_have_text("Saved")


def test_two_numbers_clicked_one_after_the_other_have_a_card_each(desk: Desk) -> None:
    desk.simulator.console("switches", far_side_answers_after=None, key_after=1)
    desk.go_to("Contacts")
    for name in ("Elif Şahin", "John Smith"):
        row = desk.page.locator("#main").get_by_role("listitem").filter(has_text=name)
        with desk.page.expect_response("**/dial"):
            row.locator(".dial-button").first.click()
    expect(desk.page.locator(".call-card")).to_have_count(2)
    desk.softphone.get_by_role("button", name="Hang up").first.click()
    expect(desk.page.locator(".call-card.is-wrap_up")).to_have_count(1)
    expect(desk.page.locator(".call-card")).to_have_count(2)


def test_a_call_that_is_put_on_hold_by_answering_another_says_so(desk: Desk) -> None:
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    second = desk.ring("anonymous")
    desk.simulator.console(f"calls/{second['id']}/softphone/answer")
    cards = desk.page.locator(".call-card")
    expect(cards.filter(has_text="Anonymous")).to_contain_text("Talking")
    expect(cards.filter(has_text="Elif Şahin")).to_contain_text("On hold")
