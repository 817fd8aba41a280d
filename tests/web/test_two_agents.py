"""A call rings at two agents: when one answers, the other's card goes, whatever it was told."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update

from crm import calls
from crm.extensions import db
from crm.models import Agent, CallCard, Tenant, utc_now
from tests.web.browser import Browser
from tests.web.conftest import add_agent

KEY = "k" * 80
AYSES, MEHMETS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
RINGS_ON, GONE = 204, 200


@pytest.fixture
def mehmet(tenant: Tenant) -> Agent:
    return add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya")


@pytest.fixture
def people(agent: Agent, mehmet: Agent) -> dict[str, tuple[Agent, str]]:
    """Both, and the id that the page of each gave the call."""
    return {"Ayşe": (agent, AYSES), "Mehmet": (mehmet, MEHMETS)}


def tell(agent: Agent, cid: str, kind: str, ago: float, number: str) -> None:
    calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id=cid,
        kind=kind,
        number=number if kind == "IncomingCall" else "",
        activecallkey=KEY if kind in ("IncomingCall", "Hangup") else None,
        occurred_at=utc_now() - timedelta(seconds=ago),
    )
    db.session.commit()


# What Mehmet's softphone and Ayşe's tell after it rang at both, and whether Ayşe's card stays.
@pytest.mark.both_databases
@pytest.mark.parametrize("number", ["05320000001", "90532xxxxxxx", "anonymous"])
@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("", RINGS_ON),
        ("Mehmet Hangup", RINGS_ON),  # he rejected it; it still rings at her
        ("Mehmet Accept", GONE),
        ("Mehmet Talking", GONE),
        ("Mehmet Accept, Mehmet Talking, Mehmet Hangup", GONE),
        ("Mehmet Accept, Ayşe Hangup", GONE),
        ("Ayşe Hangup, Mehmet Accept", GONE),
    ],
)
def test_the_others_card_goes_when_one_answers(
    browser: Browser, people: dict[str, tuple[Agent, str]], told: str, status: int, number: str
) -> None:
    for person in people.values():
        tell(*person, "IncomingCall", 9, number)
    for place, word in enumerate(filter(None, told.split(", "))):
        name, kind = word.split()
        tell(*people[name], kind, 5 - place, number)
    answer = browser.htmx_get(f"/call-panel/{AYSES}/ring")
    assert (answer.status_code, answer.text) == (status, "")
    assert (answer.headers.get("HX-Reswap") == "delete") is (status == GONE)


def test_it_stays_with_who_answers_and_goes_on_asking_nothing(
    browser: Browser, agent: Agent, mehmet: Agent
) -> None:
    for person, cid in ((agent, AYSES), (mehmet, MEHMETS)):
        tell(person, cid, "IncomingCall", 9, "05320000001")
    assert "every 1s" in browser.htmx_get(f"/call-panel/{AYSES}").text
    tell(agent, AYSES, "Talking", 5, "")
    card = browser.htmx_get(f"/call-panel/{AYSES}/ring").text
    assert "Talking" in card
    assert "every 1s" not in card


def test_a_call_that_nobody_took_is_missed_and_soon_asks_no_more(
    browser: Browser, agent: Agent
) -> None:
    tell(agent, AYSES, "IncomingCall", 9, "05320000001")
    tell(agent, AYSES, "Hangup", 1, "")
    assert "every 1s" in browser.htmx_get(f"/call-panel/{AYSES}").text
    assert browser.htmx_get(f"/call-panel/{AYSES}/ring").status_code == RINGS_ON
    db.session.execute(update(CallCard).values(state_since=utc_now() - timedelta(seconds=11)))
    card = browser.htmx_get(f"/call-panel/{AYSES}/ring").text
    assert "Missed" in card
    assert "every 1s" not in card


def test_a_ring_that_is_not_on_record_yet_rings_on(browser: Browser) -> None:
    assert browser.htmx_get(f"/call-panel/{AYSES}/ring").status_code == RINGS_ON
    assert "every 1s" in browser.htmx_get(f"/screen-pop?call={AYSES}&number=05320000001").text


def test_asking_costs_one_look_into_an_index_while_nothing_happens(
    app: Flask, browser: Browser, agent: Agent
) -> None:
    tell(agent, AYSES, "IncomingCall", 1, "05320000001")
    asked: list[str] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def _note(*told: object) -> None:
        asked.append(str(told[2]))

    browser.htmx_get(f"/call-panel/{AYSES}/ring")
    of_calls = [statement for statement in asked if "FROM call" in statement]
    assert len(of_calls) == 1
    assert "FROM call_card" in of_calls[0]
