"""Only the softphone's own window and origin are listened to, and only messages of its shape."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response
from playwright.sync_api import Page, expect
from sqlalchemy import update

from crm.extensions import db
from crm.models import Tenant
from tests.browser.conftest import KNOWN, Crm, Desk, serving
from tests.world import Simulator

RING = {"messageType": "IncomingCall", "number": KNOWN, "activecallkey": "k" * 80}


def post_from_the_softphone(desk: Desk, data: object) -> None:
    """Say something to the CRM from inside the softphone's own window."""
    desk.softphone.locator("body").evaluate("(_, data) => parent.postMessage(data, '*')", data)


def dropped(desk: Desk, reason: str) -> int:
    """How many messages were dropped for that reason."""
    phone = desk.page.locator("agent-softphone")
    return int(phone.evaluate("(phone, reason) => phone.dropped[reason] ?? 0", reason))


def wait_for_dropped(desk: Desk, reason: str) -> int:
    """The count after the next message that is dropped: messages arrive in order, so an answer to
    a last one, of a type of its own, shows that those before have been through the gate.
    """
    desk.page.evaluate(
        """() => new Promise((done) => {
             document.addEventListener("softphone:dropped", done, { once: true });
             window.postMessage("the last one", "*");
           })"""
    )
    return dropped(desk, reason)


def expect_dropped(desk: Desk, reason: str) -> None:
    """The message was counted, and nothing rang."""
    desk.page.locator("agent-softphone").evaluate(
        """(phone, reason) => new Promise((done) => {
             const look = () => phone.dropped[reason] && done();
             document.addEventListener("softphone:dropped", look);
             look();
           })""",
        reason,
    )
    expect(desk.page.locator(".call-card")).to_have_count(0)


def without_policy(answer: Response) -> Response:
    """The page as it would be had somebody lost the Content-Security-Policy."""
    del answer.headers["Content-Security-Policy"]
    return answer


@contextmanager
def hostile_site(message: str) -> Iterator[str]:
    """Another origin, whose page posts a ring to whoever has framed it."""
    page = f"<script>parent.postMessage({json.dumps(message)}, '*')</script>".encode()

    def answer(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [page]

    with socket.create_server(("127.0.0.1", 0)) as listener, serving(answer, listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_a_message_from_the_page_itself_is_dropped(desk: Desk) -> None:
    desk.page.evaluate("data => window.postMessage(data, '*')", json.dumps(RING))
    expect_dropped(desk, "window")


def test_a_message_from_another_window_of_the_softphones_origin_is_dropped(desk: Desk) -> None:
    with desk.page.expect_popup() as opened:
        desk.page.evaluate("url => { window.open(url) }", f"{desk.simulator.url}/")
    opened.value.wait_for_load_state()
    opened.value.evaluate("data => window.opener.postMessage(data, '*')", json.dumps(RING))
    expect_dropped(desk, "window")


def test_another_site_in_the_softphones_frame_is_dropped(desk: Desk) -> None:
    # The policy alone would block that site; without it, the gate must still stand.
    desk.crm.app.after_request_funcs[None].insert(0, without_policy)  # the first runs last
    desk.page.reload()
    desk.wait_until_ready()
    handle = desk.page.locator("agent-softphone iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame is not None
    with hostile_site(json.dumps(RING)) as address:
        frame.evaluate("address => { location.href = address }", address)
        expect_dropped(desk, "origin")


def test_the_policy_lets_no_other_site_into_the_frame(desk: Desk) -> None:
    policy = desk.page.request.get(f"{desk.crm.url}/contacts").headers["content-security-policy"]
    assert f"frame-src {desk.simulator.url};" in f"{policy};"


def test_what_is_not_a_message_of_the_softphone_is_dropped_and_counted(desk: Desk) -> None:
    for data, reason in (
        ("not json", "shape"),
        ("12", "shape"),
        ("[]", "type"),
        (json.dumps({"messageType": "SomethingElse"}), "type"),
        (json.dumps({"messageType": "IncomingCall"}), "shape"),
        (json.dumps({**RING, "number": "9" * 10_000}), "shape"),
        (json.dumps({**RING, "number": "9" * 200}), "shape"),
        (json.dumps({"messageType": "Accept"}), "no call"),
        (json.dumps({"messageType": "Hangup", "activecallkey": None}), "no call"),
    ):
        before = dropped(desk, reason)
        post_from_the_softphone(desk, data)
        assert wait_for_dropped(desk, reason) == before + 1, data
    expect(desk.page.locator(".call-card")).to_have_count(0)


def test_an_object_counts_as_well_as_a_json_string(desk: Desk) -> None:
    post_from_the_softphone(desk, RING)
    expect(desk.card).to_contain_text("Elif Şahin")


def test_the_same_ring_twice_is_one_card(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps(RING))
    post_from_the_softphone(desk, json.dumps(RING))
    expect(desk.card).to_contain_text("Elif Şahin")
    assert wait_for_dropped(desk, "repeat") == 1
    expect(desk.page.locator(".call-card")).to_have_count(1)


def test_offered_again_after_its_hangup_it_rings_again_on_the_same_call(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps(RING))
    expect(desk.card).to_contain_text("Ringing")
    post_from_the_softphone(
        desk, json.dumps({"messageType": "Hangup", "activecallkey": RING["activecallkey"]})
    )
    expect(desk.card).to_contain_text("Missed")
    post_from_the_softphone(desk, json.dumps(RING))
    expect(desk.card).to_contain_text("Ringing")
    expect(desk.page.locator(".call-card")).to_have_count(1)


def test_markup_in_a_number_is_shown_as_text(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps({**RING, "number": "<img src=x onerror=alert(1)>"}))
    expect(desk.card).to_be_visible()
    expect(desk.card.locator("img")).to_have_count(0)


def lead_the_window_away(desk: Desk) -> None:
    """What a softphone page that has gone bad does, after the agent has clicked in it."""
    desk.softphone.locator("body").click()
    desk.softphone.locator("body").evaluate(
        "() => { setTimeout(() => { top.location.href = 'about:blank'; }, 0) }"
    )


def test_the_softphone_cannot_lead_the_window_away(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    desk = Desk(page, crm, simulator)  # the refusal stands in the console
    desk.log_in()
    lead_the_window_away(desk)
    desk.ring()
    expect(desk.card).to_contain_text("Elif Şahin")


def test_an_admin_can_take_the_sandbox_away(desk: Desk) -> None:
    with desk.crm.app.app_context():
        db.session.execute(update(Tenant).values(softphone_unsandboxed=True))
        db.session.commit()
        db.session.remove()
    desk.page.reload()
    desk.wait_until_ready()
    lead_the_window_away(desk)
    expect(desk.page).to_have_url("about:blank")
