"""What only a browser shows: wrong clocks, vanished windows, reloads and lost answers."""

import json

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import KNOWN, UNKNOWN, Crm, Desk
from tests.browser.test_gate import RING, expect_dropped, post_from_the_softphone
from tests.world import Simulator


def test_a_message_from_nowhere_is_dropped_while_there_is_no_phone(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    simulator.console("switches", refuse_login=True)
    page.goto(f"{crm.url}/login")
    desk = Desk(page, crm, simulator)
    page.get_by_label("E-mail").fill("ayse@demo.example")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#dock")).to_contain_text("Kullanıcı bulunamadı")
    page.locator("agent-softphone").evaluate(
        """phone => new Promise((done) => {
             const look = () => phone.mounted ? done() : requestAnimationFrame(look);
             look();
           })"""
    )
    page.evaluate("data => dispatchEvent(new MessageEvent('message', { data }))", json.dumps(RING))
    expect_dropped(desk, "window")
    assert errors == []


def test_a_call_ends_where_the_desks_clock_is_minutes_slow(desk: Desk) -> None:
    desk.page.add_init_script(
        """const real = Date.now;
           const RealDate = Date;
           Date = class extends RealDate {
             constructor(...parts) { super(...(parts.length ? parts : [real() - 240_000])); }
             static now() { return real() - 240_000; }
           };
           Object.defineProperty(performance, "timeOrigin",
             { value: performance.timeOrigin - 240_000 });"""
    )
    desk.page.reload()
    desk.wait_until_ready()
    desk.ring()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.card.get_by_role("button", name="Hold").click()  # the server's own clock
    expect(desk.card).to_contain_text("On hold")
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")
    desk.card.get_by_role("button", name="Done").click()
    expect(desk.page.locator(".call-card")).to_have_count(0)


def test_after_a_reload_the_end_of_a_call_finds_its_card(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps(RING))
    post_from_the_softphone(desk, json.dumps({"messageType": "Talking"}))
    expect(desk.card).to_contain_text("Elif Şahin")
    desk.page.once("dialog", lambda dialog: dialog.accept())
    desk.page.reload()
    desk.wait_until_ready()
    expect(desk.card).to_contain_text("Elif Şahin")
    hangup = {"messageType": "Hangup", "activecallkey": RING["activecallkey"]}
    post_from_the_softphone(desk, json.dumps(hangup))
    expect(desk.card).to_contain_text("Wrap-up")
    expect(desk.page.locator(".call-card")).to_have_count(1)


def test_what_did_not_get_through_before_a_reload_does_after_it(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps(RING))
    expect(desk.page.locator(".call-card.is-ringing")).to_contain_text("Elif Şahin")
    desk.page.route("**/messages", lambda route: route.abort())
    post_from_the_softphone(desk, json.dumps({"messageType": "Talking"}))
    desk.page.once("dialog", lambda dialog: dialog.accept())
    desk.page.reload()
    desk.page.unroute("**/messages")
    expect(desk.card).to_contain_text("Talking")


def test_a_number_from_the_pad_leaves_the_click_its_call(desk: Desk) -> None:
    desk.page.locator("agent-softphone").evaluate(
        "(phone, number) => phone.expect('11111111-1111-4111-8111-111111111111', number)", KNOWN
    )
    post_from_the_softphone(desk, json.dumps({"messageType": "Dial", "number": UNKNOWN}))
    post_from_the_softphone(desk, json.dumps({"messageType": "Dial", "number": KNOWN}))
    cid = "[data-cid='11111111-1111-4111-8111-111111111111']"
    expect(desk.page.locator(".call-card")).to_have_count(2)
    expect(desk.page.locator(cid)).to_contain_text("Elif Şahin")


def test_a_message_that_the_crm_never_takes_does_not_hold_up_the_next(
    desk: Desk, context: BrowserContext
) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=404, body="")

    context.route("**/messages", refuse, times=1)
    post_from_the_softphone(desk, json.dumps(RING))
    post_from_the_softphone(desk, json.dumps({"messageType": "Talking"}))
    expect(desk.card).to_contain_text("Talking")


def test_the_contact_opens_also_when_the_recording_was_quicker(
    desk: Desk, context: BrowserContext
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    context.route("**/screen-pop*", hold)
    desk.ring()
    expect(desk.card).to_contain_text("Ringing")
    held[0].continue_()
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    expect(desk.page.locator(".call-card")).to_have_count(1)
