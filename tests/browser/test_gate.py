"""Only the softphone's own window and origin are listened to, and only messages of its shape."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import KNOWN, Desk

RING = {"messageType": "IncomingCall", "number": KNOWN, "activecallkey": "k" * 80}


def post_from_the_softphone(desk: Desk, data: object) -> None:
    """Say something to the CRM from inside the softphone's own window."""
    desk.softphone.locator("body").evaluate("(_, data) => parent.postMessage(data, '*')", data)


def dropped(desk: Desk, reason: str) -> int:
    """How many messages were dropped for that reason."""
    return int(
        desk.page.locator("agent-softphone").evaluate(
            "(phone, reason) => phone.dropped[reason] ?? 0", reason
        )
    )


def expect_dropped(desk: Desk, reason: str) -> None:
    """The message was counted, and nothing rang."""
    desk.page.wait_for_function(
        "reason => document.querySelector('agent-softphone').dropped[reason] > 0", arg=reason
    )
    expect(desk.page.locator(".call-card")).to_have_count(0)


def test_a_message_from_the_page_itself_is_dropped(desk: Desk) -> None:
    desk.page.evaluate("data => window.postMessage(data, '*')", json.dumps(RING))
    expect_dropped(desk, "window")


def test_a_message_from_another_window_of_the_softphones_origin_is_dropped(desk: Desk) -> None:
    with desk.page.expect_popup() as opened:
        desk.page.evaluate("url => { window.open(url) }", f"{desk.simulator.url}/")
    opened.value.wait_for_load_state()
    opened.value.evaluate("data => window.opener.postMessage(data, '*')", json.dumps(RING))
    expect_dropped(desk, "window")


def test_a_hostile_page_inside_the_softphones_frame_is_dropped(desk: Desk) -> None:
    # The frame has been led astray to another origin: the window is right, the origin is not.
    frame = desk.page.locator("agent-softphone iframe")
    handle = frame.element_handle()
    assert handle is not None
    inside = handle.content_frame()
    assert inside is not None
    elsewhere = (
        "data:text/html,<script>parent.postMessage("
        + json.dumps(json.dumps(RING))
        + ",'*')</script>"
    )
    inside.evaluate("url => { location.href = url }", elsewhere)
    desk.page.wait_for_timeout(0)
    expect(desk.page.locator(".call-card")).to_have_count(0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("not json", "shape"),
        ("[]", "type"),
        (json.dumps({"messageType": "SomethingElse"}), "type"),
        (json.dumps({"messageType": "IncomingCall"}), "shape"),
        (json.dumps({**RING, "number": "9" * 10_000}), "shape"),
        (json.dumps({**RING, "number": "9" * 200}), "shape"),
        (json.dumps({"messageType": "Accept"}), "no call"),
        (json.dumps({"messageType": "Hangup", "activecallkey": None}), "no call"),
    ],
)
def test_what_is_not_a_message_of_the_softphone_is_dropped_and_counted(
    desk: Desk, data: str, reason: str
) -> None:
    post_from_the_softphone(desk, data)
    expect_dropped(desk, reason)


def test_an_object_counts_as_well_as_a_json_string(desk: Desk) -> None:
    post_from_the_softphone(desk, RING)
    expect(desk.card).to_contain_text("Elif Şahin")


def test_the_same_ring_twice_is_one_card(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps(RING))
    post_from_the_softphone(desk, json.dumps(RING))
    expect(desk.card).to_contain_text("Elif Şahin")
    desk.page.wait_for_function("document.querySelector('agent-softphone').dropped.repeat > 0")
    expect(desk.page.locator(".call-card")).to_have_count(1)


def test_offered_again_after_its_hangup_it_rings_again_on_the_same_call(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps(RING))
    expect(desk.card).to_contain_text("Ringing")
    post_from_the_softphone(
        desk, json.dumps({"messageType": "Hangup", "activecallkey": RING["activecallkey"]})
    )
    expect(desk.card).to_contain_text("Wrap-up")
    post_from_the_softphone(desk, json.dumps(RING))
    expect(desk.card).to_contain_text("Ringing")
    expect(desk.page.locator(".call-card")).to_have_count(1)


def test_markup_in_a_number_is_shown_as_text(desk: Desk) -> None:
    post_from_the_softphone(desk, json.dumps({**RING, "number": "<img src=x onerror=alert(1)>"}))
    expect(desk.card).to_be_visible()
    expect(desk.card.locator("img")).to_have_count(0)
