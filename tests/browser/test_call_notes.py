"""A note that is being typed: whatever happens around it, it is not lost."""

import json
from urllib.parse import urljoin

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Locator, Route, expect
from sqlalchemy import select

from crm import calls
from crm.extensions import db
from crm.models import Agent, Call, utc_now
from tests.browser.conftest import KNOWN, UNKNOWN, Desk
from tests.browser.test_gate import RING, post_from_the_softphone


def note_on(desk: Desk) -> Locator:
    """The field of the newest card."""
    return desk.card.get_by_label("Note", exact=True)


def kept(desk: Desk, beginning: str = "") -> str:
    """The notes of Ayşe's only call that are on record and begin like this."""
    with desk.crm.app.app_context():
        return db.session.scalars(select(Call.note).where(Call.note.startswith(beginning))).one()


def say(desk: Desk, kind: str, **more: str) -> None:
    post_from_the_softphone(desk, json.dumps({"messageType": kind, **more}))


@pytest.fixture
def talking(desk: Desk) -> Desk:
    """Ayşe talks with Elif."""
    say(desk, **RING_AGAIN)
    say(desk, "Talking")
    expect(desk.card).to_contain_text("Talking")
    return desk


RING_AGAIN = {
    "kind": "IncomingCall",
    "number": RING["number"],
    "activecallkey": RING["activecallkey"],
}


def test_a_note_is_saved_while_it_is_typed_and_when_the_page_goes_away(talking: Desk) -> None:
    sent: list[str] = []
    talking.page.on("request", lambda one: sent.append(one.url) if "/notes" in one.url else None)
    typed = ""
    while not sent and len(typed) < 10_000:  # the typing never rests
        note_on(talking).press_sequentially("word ", delay=50)
        typed += "word "
    assert sent
    note_on(talking).press_sequentially("and the last one")
    talking.page.once("dialog", lambda dialog: dialog.accept())
    talking.page.reload()
    expect(note_on(talking)).to_have_value(f"{typed}and the last one")


def test_a_note_stays_with_its_text_and_focus_whatever_happens_to_the_call(talking: Desk) -> None:
    note_on(talking).press_sequentially("rings ")
    say(talking, "Hangup", activecallkey=RING["activecallkey"])
    expect(talking.card).to_contain_text("Wrap-up")
    note_on(talking).press_sequentially("every ")
    say(talking, **RING_AGAIN)
    expect(talking.card).to_contain_text("Ringing")
    expect(note_on(talking)).to_be_focused()
    note_on(talking).press_sequentially("day")
    expect(talking.card.locator(".call-saved")).to_have_text("Saved")
    assert kept(talking) == "rings every day"
    talking.card.evaluate(  # as an answer of a card that is somebody else's now
        "card => htmx.swap({ text: '', target: card, swap: 'outerMorph', sourceElement: card })"
    )
    expect(note_on(talking)).to_be_focused()
    expect(note_on(talking)).to_have_value("rings every day")


def test_the_answer_to_a_note_that_comes_after_the_end_does_not_bring_the_call_back(
    talking: Desk,
) -> None:
    late: list[tuple[Route, APIResponse]] = []
    talking.page.route("**/notes", lambda route: late.append((route, route.fetch())), times=1)
    with talking.page.expect_request("**/notes"):
        note_on(talking).fill("wants an offer")
    say(talking, "Hangup", activecallkey=RING["activecallkey"])
    expect(talking.card).to_contain_class("is-wrap_up")
    for route, answer in late:
        with talking.page.expect_response("**/notes"):
            route.fulfill(response=answer)
    expect(talking.card).to_contain_class("is-wrap_up")
    talking.card.get_by_role("button", name="Done").click()
    expect(talking.page.locator(".call-card")).to_have_count(0)
    assert kept(talking) == "wants an offer"


def test_a_card_of_before_a_reload_keeps_what_is_typed_when_its_call_ends(talking: Desk) -> None:
    talking.page.once("dialog", lambda dialog: dialog.accept())
    talking.page.reload()
    talking.wait_until_ready()
    note_on(talking).press_sequentially("Wants an offer")
    say(talking, "Hangup", activecallkey=RING["activecallkey"])
    expect(talking.card).to_contain_text("Wrap-up")
    expect(talking.page.locator(".call-card")).to_have_count(1)
    expect(note_on(talking)).to_have_value("Wants an offer")
    expect(note_on(talking)).to_be_focused()
    expect(talking.card.locator(".call-saved")).to_have_text("Saved")
    assert kept(talking) == "Wants an offer"


def test_a_colleagues_note_stands_beside_the_field_and_stays_when_this_one_is_done(
    talking: Desk,
) -> None:
    with talking.crm.app.app_context():
        mehmet = db.session.scalars(select(Agent).filter_by(email="mehmet@demo.example")).one()
        call = db.session.scalars(select(Call)).one()
        calls.record_note(call, mehmet.id, "Mehmet's words", shown=(), at=utc_now())
        db.session.commit()
    say(talking, "Hangup", activecallkey=RING["activecallkey"])
    expect(talking.card.locator(".call-others")).to_contain_text("Mehmet's words")
    expect(talking.card.locator(".call-others")).to_contain_text("Mehmet Kaya")
    talking.card.get_by_role("button", name="Done").click()
    expect(talking.page.locator(".call-card")).to_have_count(0)
    assert kept(talking) == "Mehmet's words"


def test_of_two_windows_one_writes_the_note_and_the_other_chooses_the_outcome(
    talking: Desk, context: BrowserContext
) -> None:
    other = Desk(context.new_page(), talking.crm, talking.simulator)
    other.page.goto(f"{talking.crm.url}/contacts")
    expect(note_on(other)).to_have_value("")
    note_on(talking).press_sequentially("Wants an offer")
    expect(talking.card.locator(".call-saved")).to_have_text("Saved")
    other.card.get_by_text("Sale").click()
    expect(other.card.locator(".call-saved")).to_have_text("Saved")
    expect(note_on(other)).to_have_value("Wants an offer")
    assert kept(talking) == "Wants an offer"


def test_a_save_that_is_slow_brings_no_card_back_that_is_done(talking: Desk) -> None:
    say(talking, "Hangup", activecallkey=RING["activecallkey"])
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    talking.page.route("**/notes", hold)
    note_on(talking).press_sequentially("Wants an")
    expect(talking.card).to_contain_text("Wrap-up")
    note_on(talking).blur()
    note_on(talking).fill("Wants an offer")
    talking.card.get_by_role("button", name="Done").click()
    expect(talking.page.locator(".call-card")).to_have_count(0)
    for route in held:
        route.continue_()
    talking.ring(UNKNOWN)
    expect(talking.card).to_contain_text("Ringing")
    expect(talking.page.locator(".call-card")).to_have_count(1)
    assert "Wants an offer" in kept(talking, "Wants")


def test_a_done_that_did_not_arrive_loses_no_word(talking: Desk) -> None:
    say(talking, "Hangup", activecallkey=RING["activecallkey"])
    expect(talking.card).to_contain_text("Wrap-up")
    talking.page.route("**/done", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    note_on(talking).fill("Wants an offer")
    talking.card.get_by_role("button", name="Done").click()
    expect(talking.card.locator(".call-saved")).to_have_text("Saved")
    assert kept(talking) == "Wants an offer"


def test_a_correction_in_the_history_stays_while_a_call_changes_what_is_around_it(
    talking: Desk,
) -> None:
    note_on(talking).fill("Wants an offer")
    say(talking, "Hangup", activecallkey=RING["activecallkey"])
    talking.card.get_by_role("button", name="Done").click()
    line = talking.page.locator("#main .event").first
    expect(line).to_contain_text("Wants an offer")
    line.locator("summary").click()
    line.get_by_role("link", name="Correct").click()
    field = line.locator("textarea").first
    expect(field).to_be_focused()
    field.fill("Wants two offers")
    talking.ring(KNOWN)
    expect(talking.page.locator("#main .event")).to_have_count(2)
    field = talking.page.locator("#main .event textarea").first
    expect(field).to_have_value("Wants two offers")
    expect(field).to_be_focused()
    talking.page.locator("#main .event").get_by_role("button", name="Save").click()
    expect(talking.page.locator("#main .event textarea")).to_have_count(0)
    corrected = talking.page.locator("#main .event").filter(has_text="Wants two offers")
    link = corrected.get_by_role("link", name="The call and its events")
    page = talking.page.request.get(urljoin(talking.page.url, link.get_attribute("href")))
    assert "Corrected once" in page.text()
    assert kept(talking, "Wants") == "Wants two offers"
