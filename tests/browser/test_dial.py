"""A click on a number dials it, once, and says in words what became of it."""

from unittest.mock import patch

from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import KNOWN, Desk
from tests.world import wait_until


def number_of_elif(desk: Desk) -> Locator:
    """Elif's number on her own page."""
    desk.go_to("Contacts")
    desk.page.locator("#main").get_by_role("link", name="Elif Şahin").click()
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    return desk.page.locator("#main .dial-button").first


def test_a_click_dials_and_the_call_stands_in_the_history_with_its_facts(desk: Desk) -> None:
    number_of_elif(desk).click()
    expect(desk.card).to_contain_text("Elif Şahin")
    expect(desk.card).to_contain_text("Talking")
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")
    history = desk.page.locator("#main")
    expect(history).to_contain_text("ANSWER")
    (post,) = desk.simulator.switchboard.hangup_posts.recent
    wait_until(lambda: post.result == "200")
    assert post.form["transaction_id"]


def test_a_double_click_dials_once(desk: Desk) -> None:
    number_of_elif(desk).dblclick()
    expect(desk.card).to_contain_text("Elif Şahin")
    expect(desk.page.locator(".call-card")).to_have_count(1)
    assert desk.simulator.asked["click2call"] == 1


def test_clicks_while_the_vendor_is_slow_dial_once(desk: Desk) -> None:
    number = number_of_elif(desk)
    desk.simulator.console("switches", slow_seconds=1)
    number.click()
    number.click(force=True)
    expect(desk.card).to_contain_text("Elif Şahin")
    number.click(force=True)
    expect(desk.page.locator("#main .dial-status").first).to_contain_text("on a call")
    assert desk.simulator.asked["click2call"] == 1
    expect(desk.page.locator(".call-card")).to_have_count(1)


def test_a_refused_dial_is_told_beside_the_number(desk: Desk) -> None:
    number = number_of_elif(desk)
    desk.simulator.console("switches", api_answers="500")
    number.click()
    status = desk.page.locator("#main .dial-status").first
    expect(status).to_contain_text("Call Center Studio")
    assert desk.simulator.asked["click2call"] == 1
    desk.simulator.console("switches", api_answers="json")
    desk.nobody_answers()
    number.click()
    expect(desk.card).to_contain_text("Dialling")


def test_an_expired_session_is_renewed_and_the_call_goes_out_once(desk: Desk) -> None:
    number = number_of_elif(desk)
    before = desk.simulator.asked["login"]
    desk.simulator.console("expire-sessions")
    number.click()
    expect(desk.card).to_contain_text("Talking")
    assert desk.simulator.asked["login"] == before + 1
    assert len(desk.simulator.switchboard.open_calls()) == 1


def test_a_call_from_the_pad_gets_its_facts_from_the_records(desk: Desk) -> None:
    desk.simulator.console("softphones/ayse@demo.example/dial", number="05320000001")
    expect(desk.card).to_contain_text("Elif Şahin")
    expect(desk.card).to_contain_text("Talking")
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")


def test_a_masked_caller_can_be_called_back_without_being_seen(desk: Desk) -> None:
    call = desk.ring(KNOWN, masked=True)
    expect(desk.card).to_contain_text("Elif Şahin")
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    expect(desk.card).to_contain_text("Missed")
    desk.go_to("Calls")
    desk.page.locator("#main").get_by_role("button", name="Call back").first.click()
    expect(desk.page.locator(".call-card").first).to_contain_text("Talking")
    (up,) = desk.simulator.switchboard.open_calls()
    assert up.number.endswith("5320000001")
    assert up.shown != up.number
    expect(desk.page.locator("body")).not_to_contain_text("532 000")


def losing_its_answer(route: Route) -> None:
    """The process is stopped after it has dialled; the proxy answers in its place."""
    route.fetch()
    route.fulfill(status=502, body="Bad Gateway")


def test_a_dial_without_an_answer_says_so_at_once_and_is_one_call(desk: Desk) -> None:
    number, control = number_of_elif(desk), desk.simulator.switchboard.control
    word = desk.page.locator("#main .dial-status").first
    desk.page.route("**/dial", losing_its_answer)
    with patch.object(control, "click2call") as dialled:
        number.click()
        expect(word).to_contain_text("may have dialled")
        expect(desk.card).to_contain_text("Dialling")
    control.click2call(*dialled.call_args.args, **dialled.call_args.kwargs)
    expect(desk.card).to_contain_text("Talking")
    expect(word).to_be_empty()
    expect(desk.page.locator(".call-card")).to_have_count(1)
    assert desk.simulator.asked["click2call"] == 1


def test_a_dial_without_an_answer_that_the_softphone_does_not_take(desk: Desk) -> None:
    number = number_of_elif(desk)
    desk.page.route("**/dial", losing_its_answer)
    desk.page.clock.install()
    with patch.object(desk.simulator.switchboard.control, "click2call"):
        number.click()
        expect(desk.card).to_contain_text("Dialling")
    desk.page.clock.fast_forward(11_000)
    expect(desk.card).to_contain_text("did not take this call")


def test_a_dial_that_never_arrived_is_dialled_by_the_next_click(desk: Desk) -> None:
    number = number_of_elif(desk)
    desk.page.route("**/dial", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    desk.page.clock.install()
    number.click()
    word = desk.page.locator("#main .dial-status").first
    expect(word).to_contain_text("may have dialled")
    with desk.page.expect_response("**/not-taken"):
        desk.page.clock.fast_forward(11_000)
    expect(word).to_contain_text("may have dialled")
    expect(desk.page.locator(".call-card")).to_have_count(0)
    desk.page.unroute("**/dial")
    number.click()
    expect(desk.card).to_contain_text("Talking")
    expect(word).to_be_empty()
    assert desk.simulator.asked["click2call"] == 1
