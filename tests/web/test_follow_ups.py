"""Follow-ups: made by an outcome, by a day in the card, on a contact's page; and their list."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from crm import calls
from crm.calls import follow_ups
from crm.calls.follow_ups import Due
from crm.extensions import db
from crm.models import Agent, Call, FollowUp, Tenant, utc_now
from tests.unit.calls_world import make_contact
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.web.test_every_address import CID

NUMBER = "+905320000001"
TODAY = utc_now().astimezone(ZoneInfo("Europe/Istanbul")).date()
IN_A_WEEK = TODAY + timedelta(days=7)


@pytest.fixture
def elif_sahin(app: Flask) -> int:
    return int(make_contact("Elif Şahin", NUMBER).id)


@pytest.fixture
def call(agent: Agent, elif_sahin: int) -> Call:
    """Elif has called, and Ayşe wraps up."""
    for kind in ("IncomingCall", "Talking", "Hangup"):
        call = calls.record_message(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id=CID,
            kind=kind,
            number=NUMBER,
            activecallkey="k1",
            occurred_at=utc_now(),
        )
    db.session.commit()
    return call


def wrap_up(browser: Browser, **fields: str) -> str:
    answer = browser.htmx_post(f"/call-panel/{CID}/notes", fields)
    assert answer.status_code == 200, answer.text
    return answer.text


def the_one() -> FollowUp:
    db.session.expire_all()
    found = db.session.scalars(db.select(FollowUp)).one()
    assert isinstance(found, FollowUp)
    return found


def add(browser: Browser, contact_id: int, **fields: str) -> None:
    form = {"on": TODAY.isoformat(), "at": "", "what": "", **fields}
    assert browser.htmx_post(f"/contacts/{contact_id}/follow-ups", form).status_code == 200


def test_the_outcome_makes_one_for_the_next_working_day(browser: Browser, call: Call) -> None:
    card = wrap_up(browser, outcome="follow_up", note="wants an offer", shown="", draft="d")
    due = follow_ups.next_working_day(TODAY)
    assert f'value="{due.isoformat()}"' in card
    page = browser.get("/follow-ups").text
    assert "Elif Şahin" in page
    assert "wants an offer" in page
    assert "Nothing to follow up" not in page


def test_another_outcome_takes_it_back_unless_its_day_was_set(browser: Browser, call: Call) -> None:
    wrap_up(browser, outcome="follow_up")
    wrap_up(browser, outcome="sale")
    assert "Nothing to follow up" in browser.get("/follow-ups").text
    shown = follow_ups.next_working_day(TODAY).isoformat()
    wrap_up(browser, outcome="follow_up")
    wrap_up(browser, follow_on=IN_A_WEEK.isoformat(), follow_at="14:00", follow_shown=shown)
    wrap_up(browser, outcome="resolved")
    assert (the_one().due_on, the_one().due_minute) == (IN_A_WEEK, 14 * 60)


def test_a_day_alone_makes_one_and_moves_it_and_takes_it_back(browser: Browser, call: Call) -> None:
    wrap_up(browser, follow_pick=IN_A_WEEK.isoformat())
    assert the_one().due_on == IN_A_WEEK
    wrap_up(browser, follow_on=TODAY.isoformat(), follow_shown=IN_A_WEEK.isoformat())
    assert the_one().due_on == TODAY
    # A window that shows the old day, and changes something else, moves nothing.
    wrap_up(browser, follow_on=IN_A_WEEK.isoformat(), follow_shown=IN_A_WEEK.isoformat())
    assert the_one().due_on == TODAY
    wrap_up(browser, follow_pick="-")
    assert db.session.scalars(db.select(FollowUp)).all() == []


@pytest.mark.parametrize("day", ["2001-01-01", "9999-12-31", "30.11.2026", "2026-02-30", "x" * 99])
def test_a_day_that_cannot_be_meant_changes_nothing(
    day: str, browser: Browser, call: Call, elif_sahin: int
) -> None:
    wrap_up(browser, follow_on=day, follow_shown="")
    answer = browser.htmx_post(f"/contacts/{elif_sahin}/follow-ups", {"on": day, "what": "call"})
    assert answer.status_code == 422
    assert "Choose a day from today on." in answer.text
    assert 'value="call"' in answer.text  # what was typed is still there
    assert db.session.scalars(db.select(FollowUp)).all() == []


def test_the_list_has_what_is_overdue_first_and_the_bar_counts_what_is_due(
    browser: Browser, agent: Agent, elif_sahin: int
) -> None:
    for days, what in ((3, "later on"), (0, "some time today"), (-2, "long ago")):
        due = Due(TODAY + timedelta(days=days))
        follow_ups.add(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            contact_id=elif_sahin,
            due=due,
            what=what,
            now=utc_now(),
        )
    page = browser.get("/follow-ups").text
    places = [
        page.index(text)
        for text in (
            *("(2 are due)", "Overdue", "2 days ago", "long ago"),
            *(">Today", "some time today", "Later", "later on"),
        )
    ]
    assert places == sorted(places)
    page = browser.get(f"/contacts/{elif_sahin}").text
    assert "long ago" in page
    assert "later on" in page


def test_done_can_be_taken_back_and_a_colleague_is_told(
    app: Flask, tenant: Tenant, browser: Browser, elif_sahin: int
) -> None:
    add(browser, elif_sahin, what="send the offer")
    number = the_one().id
    mehmet = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    assert "Nothing to follow up" in mehmet.get("/follow-ups").text
    assert "Ayşe Demir" in mehmet.get("/follow-ups?whose=all").text
    done = mehmet.htmx_post(f"/follow-ups/{number}/done", {"whose": "all"})
    assert "Elif Şahin is taken care of." in done.text
    assert "follow-ups-changed" in done.headers["HX-Trigger"]
    late = browser.htmx_post(f"/follow-ups/{number}/done")
    assert "Mehmet Kaya has done this already." in late.text
    back = mehmet.htmx_post(f"/follow-ups/{number}/undo", {"whose": "all"})
    assert "Elif Şahin is on the list again." in back.text
    assert "send the offer" in browser.get("/follow-ups").text


def test_it_is_moved_to_another_day(browser: Browser, elif_sahin: int) -> None:
    add(browser, elif_sahin)
    moved = {"on": IN_A_WEEK.isoformat(), "at": "09:30"}
    answer = browser.htmx_post(f"/follow-ups/{the_one().id}/move", moved)
    assert "Elif Şahin: moved to" in answer.text
    assert "09:30" in answer.text
    assert browser.htmx_post(f"/follow-ups/{the_one().id}/move", {"on": "never"}).status_code == 422


def test_another_tenants_are_not_there(
    app: Flask, browser: Browser, jonas: Agent, elif_sahin: int
) -> None:
    add(browser, elif_sahin, what="between us")
    other = logged_in(app, jonas)
    assert other.htmx_post(f"/follow-ups/{the_one().id}/done").status_code == 404
    for address in ("/follow-ups?whose=all", f"/contacts/{elif_sahin}"):
        assert "between us" not in other.get(address).text


def test_a_long_list_comes_in_pages(browser: Browser, agent: Agent, elif_sahin: int) -> None:
    for number in range(102):
        due = Due(TODAY + timedelta(days=1 + number // 60))
        follow_ups.add(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            contact_id=elif_sahin,
            due=due,
            what=f"thing {number}.",
            now=utc_now(),
        )
    page = browser.get("/follow-ups").text
    assert page.count("data-row") - page.count("data-row-") == 100
    more = page.split('hx-get="/follow-ups?after=')[1].split('"')[0].replace("&amp;", "&")
    rest = browser.htmx_get(f"/follow-ups?after={more}").text
    assert "thing 100." in rest
    assert "thing 101." in rest
    assert "Later" not in rest
