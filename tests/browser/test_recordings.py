"""Recordings play in Chromium: seeking, the ones that are not there yet, and who may not hear."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from crm.extensions import db
from crm.models import Call, Listen
from tests.browser.conftest import KNOWN, Crm, Desk
from tests.world import Simulator

PLAYS = "audio => !audio.paused && audio.readyState >= 3 && audio.currentTime > 0.2"


@pytest.fixture
def two_calls(desk: Desk, crm: Crm, simulator: Simulator) -> list[int]:
    """Two answered calls with Elif; their recordings are at the simulator's own address."""
    simulator.switchboard.recordings_at = simulator.url
    for _call in range(2):
        desk.ring(KNOWN)
        desk.answer()
        expect(desk.card).to_contain_text("Talking")
        desk.hang_up()
        expect(desk.card).to_contain_text("Wrap-up")
        desk.card.get_by_role("button", name="Done").click()
        expect(desk.page.locator(".call-card")).to_have_count(0)
    with crm.app.app_context():
        ids = list(db.session.scalars(select(Call.id).order_by(Call.id)))
        db.session.remove()
    return ids


def player(desk: Desk, call_id: int) -> Locator:
    """The player in Elif's timeline, opened, of a call whose record has come."""
    if "/contacts/" not in desk.page.url:
        desk.go_to("Contacts")
        desk.page.locator("#main").get_by_role("link", name="Elif Şahin").first.click()
    line = desk.page.locator(f"#call-event-{call_id}")
    expect(line).not_to_have_attribute("hx-trigger", "every 3s")
    if line.get_attribute("open") is None:
        line.locator("summary").click()
    return line.locator("audio")


def wait_for(page: Page, audio: Locator, condition: str) -> None:
    page.wait_for_function(condition, arg=audio.element_handle())


def test_a_recording_plays_and_can_be_wound(desk: Desk, two_calls: list[int], crm: Crm) -> None:
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    audio = player(desk, two_calls[0])
    expect(audio).to_be_visible()
    path = f"{crm.url}/calls/{two_calls[0]}/recording"
    assert path not in asked  # nothing is fetched before Play
    audio.evaluate("audio => audio.play()")
    wait_for(desk.page, audio, PLAYS)
    assert audio.evaluate("audio => audio.duration") == pytest.approx(8, abs=0.1)
    audio.evaluate("audio => { audio.playbackRate = 0.5; audio.currentTime = 6 }")
    wait_for(desk.page, audio, "audio => !audio.seeking && audio.currentTime > 6.3")
    # By then it may have come to its end.
    audio.evaluate("audio => { audio.currentTime = 2; return audio.play() }")
    wait_for(desk.page, audio, "a => !a.seeking && a.currentTime > 2.2 && a.currentTime < 5")
    assert path in asked
    assert not any("/recordings/" in url for url in asked)  # the vendor's address stays inside
    with crm.app.app_context():
        assert len(db.session.scalars(select(Listen)).all()) == 1
        db.session.remove()


def test_a_second_player_pauses_the_first_and_a_call_goes_on(
    desk: Desk, two_calls: list[int]
) -> None:
    first, second = (player(desk, call_id) for call_id in two_calls)
    desk.ring("+447700900555")
    desk.answer()
    expect(desk.card).to_contain_text("Talking")
    first.evaluate("audio => audio.play()")
    wait_for(desk.page, first, PLAYS)
    second.evaluate("audio => audio.play()")
    wait_for(desk.page, second, PLAYS)
    assert first.evaluate("audio => audio.paused")
    desk.wait_for_more_packets()
    expect(desk.card).to_contain_text("Talking")


def test_one_that_is_not_there_yet_plays_by_itself_when_it_comes(
    desk: Desk, two_calls: list[int], simulator: Simulator
) -> None:
    simulator.console("switches", recordings_answer="missing")
    audio = player(desk, two_calls[0])
    audio.evaluate("audio => { audio.play().catch(() => 0) }")
    said = desk.page.locator(f"#recording-{two_calls[0]} [data-said]")
    expect(said).to_have_text(
        "The recording is not there yet: Call Center Studio needs a moment after the call. "
        "Trying again by itself."
    )
    simulator.console("switches", recordings_answer="audio")
    wait_for(desk.page, audio, PLAYS)
    expect(said).to_be_hidden()


def test_one_that_is_gone_or_elsewhere_is_told_in_words(
    desk: Desk, two_calls: list[int], simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.telephony.recordings.MADE_WITHIN", timedelta(0))
    said = [desk.page.locator(f"#recording-{call_id} [data-said]") for call_id in two_calls]
    simulator.console("switches", recordings_answer="missing")
    player(desk, two_calls[0]).evaluate("audio => { audio.play().catch(() => 0) }")
    expect(said[0]).to_have_text(
        "Call Center Studio has no recording of this call, or no longer has it."
    )
    simulator.console("switches", recordings_answer="redirect")
    player(desk, two_calls[1]).evaluate("audio => { audio.play().catch(() => 0) }")
    expect(said[1]).to_contain_text("outside this tenant's host")
    assert simulator.switchboard.faults["recordings_fetched_elsewhere"] == 0


def test_another_agent_cannot_hear_it(
    desk: Desk, two_calls: list[int], crm: Crm, simulator: Simulator
) -> None:
    chromium = desk.page.context.browser
    assert chromium is not None
    other = chromium.new_page()
    Desk(other, crm, simulator).log_in("mehmet@demo.example")
    answer = other.goto(f"{crm.url}/calls/{two_calls[0]}/recording")
    assert answer is not None
    assert answer.status == 403
    expect(other.locator("#main")).to_contain_text("recordings of your own calls only")
    other.close()
