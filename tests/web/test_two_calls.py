"""Two calls at one desk: the vendor is told "the active call", so the CRM must not guess which."""

import pytest
from sqlalchemy import select

from crm import calls
from crm.extensions import db
from crm.models import Agent, CallCard, utc_now
from tests.web.browser import Browser
from tests.world import Simulator

FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def tell(agent: Agent, cid: str, *kinds: str) -> None:
    for kind in kinds:
        calls.record_message(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id=cid,
            kind=kind,
            number="05320000001" if kind == "IncomingCall" else "",
            activecallkey=f"key of {cid}" if kind in ("IncomingCall", "Hangup") else None,
            occurred_at=utc_now(),
        )
    db.session.commit()


@pytest.mark.parametrize("button", ["hang-up", "hold", "unhold"])
def test_with_two_calls_up_nothing_is_sent_that_could_reach_the_wrong_one(
    browser: Browser, agent: Agent, simulator: Simulator, button: str
) -> None:
    browser.post("/softphone/login")
    tell(agent, FIRST, "IncomingCall", "Accept", "Talking")
    tell(agent, SECOND, "IncomingCall", "Accept", "Talking")
    card = browser.htmx_post(f"/call-panel/{FIRST}/{button}").text
    assert "You have two calls" in card
    assert simulator.asked[f"click2{button.replace('-up', '')}"] == 0


def test_the_card_of_a_call_that_is_over_ends_no_other(
    browser: Browser, agent: Agent, simulator: Simulator
) -> None:
    browser.post("/softphone/login")
    tell(agent, FIRST, "IncomingCall", "Accept", "Talking", "Hangup")
    tell(agent, SECOND, "IncomingCall")
    assert "Wrap-up" in browser.htmx_post(f"/call-panel/{FIRST}/hang-up").text
    assert simulator.asked["click2hang"] == 0


def test_a_second_call_that_rings_or_is_over_is_in_nobodys_way(
    browser: Browser, agent: Agent, simulator: Simulator
) -> None:
    browser.post("/softphone/login")
    tell(agent, FIRST, "IncomingCall", "Accept", "Talking")
    tell(agent, SECOND, "IncomingCall")
    browser.htmx_post(f"/call-panel/{FIRST}/hang-up")
    tell(agent, SECOND, "Accept", "Talking", "Hangup")
    browser.htmx_post(f"/call-panel/{FIRST}/hang-up")
    assert simulator.asked["click2hang"] == 2
    assert db.session.scalar(select(CallCard.open).where(CallCard.browser_call_id == FIRST))
