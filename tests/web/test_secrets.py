"""App tokens and session keys are in no log line and no page, the frame's address excepted."""

import logging
import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from crm.extensions import db
from crm.models import Agent, LoggedRequest, Tenant, inbox_file, utc_now
from crm.simulator import seed
from crm.simulator.calls import Call
from crm.telephony import request_log
from crm.telephony.account import client_for
from crm.worker.work import run_work, take_due
from tests.conftest import SECRET_KEY
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD
from tests.world import Simulator

FRAME_ADDRESS = re.compile(r'data-src="[^"]*"')


class Watched(Browser):
    """Remembers every answer."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.answers: list[TestResponse] = []

    def _open(self, method: str, path: str, **options: Any) -> TestResponse:
        answer = super()._open(method, path, **options)
        self.answers.append(answer)
        return answer


def test_a_whole_day_tells_no_secret(
    app: Flask,
    agent: Agent,
    simulator: Simulator,
    session_keys: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    hook_secret = db.session.get_one(Tenant, agent.tenant_id).hook_secret
    request_log.switch(agent.tenant_id, True, now=utc_now())  # the inspector watches
    browser = Watched(app)
    browser.log_in(agent.email, PASSWORD)
    for fault in ("500", "html", "json"):
        simulator.console("switches", api_answers=fault)
        browser.htmx_post("/softphone/login")
        browser.htmx_post("/dial", {"number": "+447700900555"})
    simulator.console("expire-sessions")
    simulator.console("softphones", agent="ayse@demo.example")
    cid = str(uuid4())
    browser.htmx_post("/dial", {"number": "+905320000001", "call": cid})
    call = simulator.wait_for_call()
    for path in ("hold", "unhold", "hang-up"):
        browser.htmx_post(f"/call-panel/{cid}/{path}")
    browser.htmx_get(f"/call-panel/{cid}/check")
    browser.client.post(f"/webhooks/hangup/{hook_secret}", data=the_post(call, cid))
    for work_id in take_due(now=utc_now().replace(year=utc_now().year + 1)):
        run_work(work_id, client_for=lambda one: client_for(one, (SECRET_KEY,)))
    for page in ("/contacts", "/calls", "/settings/me", "/softphone"):
        browser.get(page)

    assert len(caplog.text) > 2000  # the whole story was told
    secrets = {seed.DEMO.app_token, hook_secret, *session_keys}
    assert len(secrets) >= 5
    logged = [tuple(row) for row in db.session.execute(select(LoggedRequest.__table__))]
    assert len(logged) >= 10
    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in repr(logged)
        for answer in browser.answers:
            assert secret not in FRAME_ADDRESS.sub("", answer.text), answer.request.path


def test_no_admins_page_shows_a_token(
    simulator: Simulator, admin_browser: Browser, tenant: Tenant
) -> None:
    assert simulator.switchboard.agent("ayse@demo.example")  # the vendor is set up
    for page in ("/settings", "/settings/tenants", f"/settings/tenants/{tenant.id}"):
        text = admin_browser.get(page).text
        assert seed.DEMO.app_token not in text
        assert str(tenant.app_token_sealed) not in text


def the_post(call: Call, cid: str) -> dict[str, str]:
    return {
        "call_id": call.activecallkey,
        "transaction_id": cid,
        "disposition": "ANSWER",
        "duration": "7",
    }


def test_a_webhook_that_fails_logs_neither_its_secret_nor_what_came(
    app: Flask, anonymous: Browser, tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tenant.hook_secret = "secret-of-the-address"
    db.session.commit()
    where_it_writes = inbox_file.engine()
    assert where_it_writes is not None
    with where_it_writes.begin() as connection:
        connection.execute(text("DROP TABLE webhook_inbox"))
    app.testing = False
    address = f"/webhooks/notification/{secret}?number=05320000001"
    assert anonymous.client.get(address).status_code == 500
    assert "Exception on /webhooks/notification/..." in caplog.text
    assert secret not in caplog.text
    assert "05320000001" not in caplog.text
