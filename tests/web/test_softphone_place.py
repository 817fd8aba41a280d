"""Of the browsers of an agent one has the softphone, and the others say where it is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm import logins
from crm.extensions import db
from crm.models import Agent, Call, Login, utc_now
from tests.web.browser import Browser
from tests.web.conftest import logged_in
from tests.web.test_every_address import CID
from tests.world import Simulator

ELSEWHERE = "The softphone is in another browser"


@pytest.fixture
def first(browser: Browser, simulator: Simulator) -> Browser:
    """The browser that has the softphone."""
    assert ELSEWHERE not in browser.post("/softphone/check").text
    return browser


@pytest.fixture
def second(app: Flask, agent: Agent, first: Browser) -> Browser:
    """Another one of the same agent."""
    return logged_in(app, agent)


def has_lost_it(browser: Browser) -> bool:
    """What an open page of this browser hears."""
    headers = browser.htmx_get("/missed/badge").headers
    return headers.get("X-Softphone") == "elsewhere"


def has_it(browser: Browser) -> bool:
    line = browser.get("/softphone").text
    return "data-src" in line and ELSEWHERE not in line


def test_a_second_browser_says_where_it_is_and_does_not_ask_the_vendor_for_a_session(
    first: Browser, second: Browser, simulator: Simulator
) -> None:
    simulator.asked.clear()
    for line in (second.post("/softphone/check"), second.post("/softphone/login")):
        assert ELSEWHERE in line.text
        assert "data-src" not in line.text
    assert simulator.asked == {}
    assert has_it(first)


def test_it_takes_it_and_the_first_one_hears_so(first: Browser, second: Browser) -> None:
    assert not has_lost_it(first)
    assert "data-src" in second.post("/softphone/take").text
    assert has_it(second)
    assert has_lost_it(first)
    assert not has_it(first)
    first.post("/softphone/take")
    assert (has_it(first), has_lost_it(first)) == (True, False)


def test_it_does_not_take_it_away_from_a_call(first: Browser, second: Browser) -> None:
    first.post(f"/call-panel/{CID}/messages", {"type": "IncomingCall", "number": "05320000001"})
    assert "A call is up there" in second.post("/softphone/take").text
    assert has_it(first)
    first.post(f"/call-panel/{CID}/messages", {"type": "Hangup"})
    assert "data-src" in second.post("/softphone/take").text


def test_it_gets_it_by_itself_when_the_first_one_has_logged_out_or_is_silent(
    first: Browser, second: Browser, app: Flask, agent: Agent
) -> None:
    first.post("/logout")
    assert "data-src" in second.post("/softphone/check").text
    silent_since = utc_now() - logins.IN_USE_WITHIN - timedelta(seconds=1)
    db.session.execute(update(Login).values(last_seen_at=silent_since))
    db.session.commit()
    assert "data-src" in logged_in(app, agent).post("/softphone/check").text


@pytest.mark.both_databases
def test_it_gets_it_soon_after_the_page_was_closed_but_not_while_it_is_only_loaded_again(
    first: Browser, second: Browser
) -> None:
    first.htmx_post("/softphone/leave")
    assert ELSEWHERE in second.post("/softphone/check").text
    assert "data-src" in first.post("/softphone/check").text
    first.htmx_post("/softphone/leave")
    assert "X-Softphone" not in first.htmx_post("/softphone/here").headers  # another tab of it
    assert has_it(first)
    first.htmx_post("/softphone/leave")
    left_at = utc_now() - logins.BACK_WITHIN - timedelta(seconds=1)
    left = update(Login).where(Login.softphone_left_at.is_not(None))
    db.session.execute(left.values(softphone_left_at=left_at))
    db.session.commit()
    assert "data-src" in second.post("/softphone/check").text
    assert first.htmx_post("/softphone/here").headers["X-Softphone"] == "elsewhere"
    assert has_it(second)


@pytest.mark.both_databases
def test_a_dial_clicked_in_another_browser_is_the_call_that_the_softphone_takes(
    first: Browser, second: Browser
) -> None:
    clicked, heard = str(uuid4()), str(uuid4())
    second.htmx_post("/dial", {"number": "+905320000001", "call": clicked})
    assert "Dialling" in second.get(f"/call-panel/{clicked}").text
    first.htmx_post(f"/call-panel/{heard}/messages", {"type": "Dial", "number": "05320000001"})
    assert "did not take" not in second.htmx_post(f"/call-panel/{clicked}/not-taken").text
    first.htmx_post(f"/call-panel/{heard}/messages", {"type": "Talking"})
    assert "Talking" in second.get(f"/call-panel/{clicked}").text
    assert len(db.session.scalars(select(Call)).all()) == 1


def test_a_dial_from_the_softphones_pad_is_a_call_of_its_own(
    first: Browser, second: Browser
) -> None:
    clicked = str(uuid4())
    second.htmx_post("/dial", {"number": "+905320000001", "call": clicked})
    pad = {"type": "Dial", "number": "05320000002"}
    first.htmx_post(f"/call-panel/{uuid4()}/messages", pad)
    card = second.htmx_post(f"/call-panel/{clicked}/not-taken").text
    assert "The softphone in your other browser did not take this call." in card
    assert len(db.session.scalars(select(Call)).all()) == 2


def test_another_agent_knows_nothing_of_it(first: Browser, admin_browser: Browser) -> None:
    assert ELSEWHERE not in admin_browser.post("/softphone/check").text
    assert has_it(first)
