"""A ringing card tells of missed calls that wait, of the usual outcomes and of the last notes."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from crm import calls
from crm.calls import missed
from crm.extensions import db
from crm.models import Agent, utc_now
from tests.unit.calls_world import make_contact
from tests.web.browser import Browser
from tests.web.conftest import logged_in
from tests.web.test_working_lists import talk

NUMBER = "+905320000001"

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _elif(app: Flask) -> None:
    make_contact("Elif Şahin", NUMBER)


def pop(browser: Browser) -> str:
    query = {"call": str(uuid4()), "number": NUMBER}
    return str(browser.htmx_get("/screen-pop", query_string=query).text)


def test_what_the_last_calls_say_stands_on_the_card(browser: Browser, agent: Agent) -> None:
    told = (("sale", "ordered two"), ("follow_up", ""), ("follow_up", "wants an offer\nsoon"))
    for hours_ago, (outcome, note) in zip((9, 8, 7), told, strict=True):
        talk(agent, NUMBER, hours_ago)
        [call] = calls.of_contact(1, limit=1)
        calls.record_wrap_up(call, agent.id, note=note or None, outcome=outcome)
    talk(agent, NUMBER, 6)
    for hours_ago in (3, 2):
        talk(agent, NUMBER, hours_ago, answered=False)
    card = pop(browser)
    assert "Called 2 times before, and nobody has answered" in card
    assert "Usually: Follow-up, Sale" in card
    assert "wants an offer" in card
    assert "soon" not in card
    assert "ordered two" in card


def test_a_missed_call_that_is_done_or_answered_since_is_not_told(
    browser: Browser, agent: Agent
) -> None:
    talk(agent, NUMBER, 9, answered=False)
    [call] = calls.of_contact(1, limit=1)
    missed.mark_done(call, agent.id, at=utc_now())
    assert "nobody has answered" not in pop(browser)
    talk(agent, NUMBER, 5, answered=False)
    assert "Called once before, and nobody has answered" in pop(browser)
    talk(agent, NUMBER, 2)
    assert "nobody has answered" not in pop(browser)


def test_other_tenants_calls_are_not_told(app: Flask, agent: Agent, jonas: Agent) -> None:
    talk(jonas, NUMBER, 3)
    talk(agent, NUMBER, 2, answered=False)
    assert "nobody has answered" not in pop(logged_in(app, jonas))


def test_it_costs_one_query_more_and_none_for_a_caller_without_calls(
    browser: Browser, agent: Agent
) -> None:
    asked: list[str] = []
    pop(browser)

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    pop(browser)
    without = len(asked)
    event.remove(db.engine, "before_cursor_execute", note)
    talk(agent, NUMBER, 3)
    event.listen(db.engine, "before_cursor_execute", note)
    asked.clear()
    pop(browser)
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) == without + 1
