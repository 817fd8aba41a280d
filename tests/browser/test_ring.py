"""The phone rings: who is it, and what the card shows until the agent is done."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from crm import calls
from crm.extensions import db
from crm.models import Agent, utc_now
from crm.telephony import call_panel
from tests.browser.conftest import KNOWN, SHARED, UNKNOWN, Desk, hold_back
from tests.browser.test_gate import post_from_the_softphone

ONCE_A_SECOND = re.compile(r"^\d+:\d\d$")


def mehmet_answers(activecallkey: str, desk: Desk) -> None:
    """The same call rings at Mehmet's desk, and he takes it."""
    with desk.crm.app.app_context():
        mehmet = db.session.scalars(select(Agent).filter_by(email="mehmet@demo.example")).one()
        cid = str(uuid4())
        for kind, key in (("IncomingCall", activecallkey), ("Accept", None), ("Talking", None)):
            calls.record_message(
                tenant_id=mehmet.tenant_id,
                agent_id=mehmet.id,
                browser_call_id=cid,
                kind=kind,
                activecallkey=key,
                occurred_at=utc_now(),
            )
        db.session.commit()
        db.session.remove()


def test_a_known_caller_is_shown_and_the_contact_opens_by_itself(desk: Desk) -> None:
    desk.ring(KNOWN, queue="Support")
    expect(desk.card).to_contain_text("Elif Şahin")
    expect(desk.card).to_contain_text("Boğaz Mobilya")
    expect(desk.card).to_contain_text("likes to be called in the morning")
    expect(desk.card).to_contain_text("Ringing")
    expect(desk.page.get_by_role("heading", level=1, name="Elif Şahin")).to_be_visible()
    expect(desk.page.locator("#call-announcement")).to_have_text(
        "Ringing: Elif Şahin, Boğaz Mobilya"
    )


def test_the_card_follows_the_call_to_its_end(desk: Desk) -> None:
    desk.ring()
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    expect(desk.card.locator("[data-since]")).to_have_text(ONCE_A_SECOND)
    desk.card.get_by_role("button", name="Hold").click()
    expect(desk.card).to_contain_text("On hold")
    desk.card.get_by_role("button", name="Resume").click()
    expect(desk.card).to_contain_text("Talking")
    desk.hang_up()
    expect(desk.card).to_contain_text("Wrap-up")
    desk.card.get_by_label("Note").fill("Wants an offer")
    expect(desk.card).to_contain_text("Saved")
    desk.card.get_by_role("button", name="Done").click()
    expect(desk.page.locator(".call-card")).to_have_count(0)
    expect(desk.page.get_by_role("article").or_(desk.page.locator("#main"))).to_contain_text(
        "Wants an offer"
    )


def test_a_call_that_nobody_answers_is_a_missed_call(desk: Desk) -> None:
    call = desk.ring()
    expect(desk.card).to_contain_text("Ringing")
    desk.simulator.console(f"calls/{call['id']}/far-side/hang-up")
    expect(desk.card).to_contain_text("Missed")
    # The second once the record is there, which may be a moment later.
    expect(desk.page.locator("#main")).to_contain_text(re.compile("Missed|Gave up waiting"))


def test_an_unknown_caller_becomes_a_contact_that_has_the_call(desk: Desk) -> None:
    desk.ring(UNKNOWN)
    expect(desk.card).to_contain_text("+44 7700 900555")
    expect(desk.card).to_contain_text("United Kingdom")
    desk.card.get_by_role("link", name="New contact").click()
    expect(desk.page.get_by_label(re.compile("Number")).first).to_have_value(
        re.compile(r"7700 ?900555")
    )
    desk.page.get_by_label("Name", exact=True).fill("Ada Example")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_role("heading", level=1, name="Ada Example")).to_be_visible()
    expect(desk.card).to_contain_text("Ada Example")
    desk.answer()
    desk.hang_up()
    expect(desk.page.locator("#main")).to_contain_text("Answered")


def test_a_number_that_two_contacts_share_is_a_choice(desk: Desk) -> None:
    desk.ring(SHARED)
    desk.card.get_by_role("button", name="Zeynep Öz").click()
    expect(desk.card.locator(".call-name")).to_have_text("Zeynep Öz")
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    expect(desk.card.locator(".call-name")).to_have_text("Zeynep Öz")


def test_a_choice_that_is_quicker_than_the_ring_counts_after_it(
    desk: Desk,
) -> None:
    held = hold_back(desk.page, "**/messages")
    with desk.page.expect_request("**/messages"):
        desk.ring(SHARED)
    desk.card.get_by_role("button", name="Zeynep Öz").click()
    held[0].continue_()
    expect(desk.card.locator(".call-name")).to_have_text("Zeynep Öz")
    expect(desk.page.locator("#toasts")).to_be_empty()


def test_a_masked_caller_is_found_without_showing_the_number(desk: Desk) -> None:
    desk.ring(KNOWN, masked=True)
    expect(desk.card).to_contain_text("Elif Şahin")
    expect(desk.card).to_contain_text("Number withheld")
    expect(desk.card).not_to_contain_text("532 000")
    expect(desk.page.locator("#call-announcement")).to_have_text(
        "Ringing: Elif Şahin, Boğaz Mobilya"
    )


def test_an_anonymous_caller_is_said_to_be_one(desk: Desk) -> None:
    desk.ring("anonymous")
    expect(desk.card).to_contain_text("Anonymous caller")


@pytest.mark.parametrize("is_told", [True, False])
def test_when_a_colleague_answers_the_card_stops_ringing(
    desk: Desk, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow this machine is, the colleague's answer comes within that time.
    monkeypatch.setattr(call_panel, "ANSWER_IS_HEARD_OF_WITHIN", timedelta(minutes=10))
    ring = {"messageType": "IncomingCall", "number": KNOWN, "activecallkey": "k" * 80}
    post_from_the_softphone(desk, ring)
    expect(desk.card).to_contain_text("Ringing")
    if is_told:  # by a `Hangup`, which may come before the CRM hears of the answer
        post_from_the_softphone(desk, ring | {"messageType": "Hangup"})
        expect(desk.card).to_contain_text("Missed")
    mehmet_answers("k" * 80, desk)
    expect(desk.page.locator(".call-card")).to_have_count(0)
    said = "Missed: Elif Şahin" if is_told else "No longer ringing: Elif Şahin"
    expect(desk.page.locator("#call-announcement")).to_have_text(said)


def test_two_calls_at_once_have_a_card_each(desk: Desk) -> None:
    desk.ring(KNOWN)
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    desk.ring(UNKNOWN)
    cards = desk.page.locator(".call-card")
    expect(cards).to_have_count(2)
    expect(cards.filter(has_text="Elif Şahin")).to_contain_text("Talking")
    expect(cards.filter(has_text="900555")).to_contain_text("Ringing")


def test_a_ring_takes_nothing_away_from_a_half_typed_form(desk: Desk) -> None:
    desk.page.goto(f"{desk.crm.url}/contacts/new")
    desk.wait_until_ready()
    name = desk.page.get_by_label("Name", exact=True)
    name.fill("Half-typed")
    desk.ring(KNOWN)
    expect(desk.card).to_contain_text("Elif Şahin")
    expect(name).to_have_value("Half-typed")
    expect(name).to_be_focused()


def test_who_hides_the_number_is_chosen_once_the_agent_knows(desk: Desk) -> None:
    """A click on the button in a line is not one on the line, which opens the contact."""
    desk.ring("anonymous")
    desk.answer()
    expect(desk.card).to_contain_text("Anonymous caller")
    desk.card.get_by_role("link", name="Choose a contact").click()
    expect(desk.page.get_by_role("heading", level=1, name="Whose call is it?")).to_be_visible()
    lines = desk.page.locator("#main [data-row]")
    lines.filter(has_text="Elif Şahin").get_by_role("button", name="Choose").click()
    expect(desk.card.locator(".call-name")).to_have_text("Elif Şahin")
    desk.card.get_by_role("link", name="Somebody else").click()
    lines.filter(has_text="John Smith").get_by_role("button", name="Choose").click()
    expect(desk.card.locator(".call-name")).to_have_text("John Smith")
