"""A second tenant beside the first: agents see and dial their own, contacts are shared."""

from uuid import uuid4

import pytest
from flask import Flask

from crm import secret_box
from crm.extensions import db
from crm.models import Agent, Tenant
from crm.simulator import seed
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.world import Simulator

NUMBER = "+493023125055"


@pytest.fixture
def jonas(app: Flask, simulator: Simulator) -> Browser:
    """Jonas of the second tenant, whose phone is connected."""
    second = Tenant(
        name="second",
        host="second.callcenterstudio.com",
        api_url=f"{simulator.url}/api/",
        softphone_url=f"{simulator.url}/generic/sso/",
        app_token_sealed=secret_box.seal(seed.SECOND.app_token, key=SECRET_KEY),
        timezone="Europe/Berlin",
        region="DE",
        hook_secret="the-hook-secret-of-second",
    )
    db.session.add(second)
    db.session.commit()
    simulator.console("softphones", agent="jonas@second.example")
    return logged_in(app, add_agent(second, "jonas@second.example", "Jonas Weber"))


def test_each_dials_with_the_tenants_own_token_and_number_format(
    jonas: Browser, simulator: Simulator
) -> None:
    answer = jonas.htmx_post("/dial", {"number": "030 231250 55", "call": str(uuid4())})
    assert answer.status_code == 200
    call = simulator.wait_for_call()
    assert (call.tenant.name, call.agent.email) == ("second", "jonas@second.example")
    assert call.hangup_url.endswith("/the-hook-secret-of-second")


def test_agents_see_the_calls_of_their_tenant_and_the_admin_all(
    app: Flask, browser: Browser, admin_browser: Browser, jonas: Browser, agent: Agent
) -> None:
    cid = str(uuid4())
    form = {"type": "IncomingCall", "number": NUMBER, "activecallkey": "k" * 80}
    jonas.htmx_post(f"/call-panel/{cid}/messages", form)
    shown = "23125055"
    assert shown in jonas.get("/calls").text.replace(" ", "")
    assert shown not in browser.get("/calls").text.replace(" ", "")
    assert shown in admin_browser.get("/calls").text.replace(" ", "")
    assert browser.htmx_get(f"/call-panel/{cid}").status_code == 404
    assert browser.htmx_get("/calls/1/row").status_code == 404


def test_the_same_key_at_both_tenants_is_two_calls(jonas: Browser, browser: Browser) -> None:
    form = {"type": "IncomingCall", "number": NUMBER, "activecallkey": "k" * 80}
    for who in (jonas, browser):
        assert who.htmx_post(f"/call-panel/{uuid4()}/messages", form).status_code == 200
    assert browser.htmx_get("/calls/1/row").status_code == 404
    assert browser.htmx_get("/calls/2/row").status_code == 200


def test_the_softphone_gets_the_second_tenants_host(jonas: Browser) -> None:
    assert "tenant=second.callcenterstudio.com" in jonas.get("/softphone").text
