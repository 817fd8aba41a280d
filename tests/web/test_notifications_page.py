"""Connecting the IVR: the address to paste, the names of parameters, and what came."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, Call, EventSource, InboxEntry, Tenant, utc_now
from crm.settings import Settings
from crm.telephony import inbox_bounds
from crm.telephony.inbox import fold_inbox
from crm.web import refused_webhooks
from tests.unit.calls_world import cdr
from tests.web.browser import Browser
from tests.web.conftest import logged_in


@pytest.fixture
def page(tenant: Tenant) -> str:
    return f"/settings/tenants/{tenant.id}/notifications"


def came(tenant: Tenant, **parameters: str) -> None:
    calls.record_notification(tenant, parameters)
    db.session.commit()


def test_the_address_can_be_copied(admin_browser: Browser, tenant: Tenant, page: str) -> None:
    text = admin_browser.get(page).text
    address = f"http://crm.test/webhooks/notification/{tenant.hook_secret}"
    assert f'data-copy="{address}"' in text
    assert "Nothing has come yet" in text
    assert "No request has come with a wrong secret" in text
    assert "Shown" not in text  # the hidden field has no label
    assert page in admin_browser.get(f"/settings/tenants/{tenant.id}").text


def test_without_public_url_it_says_so(
    settings: Settings, admin: Agent, page: str, tenant: Tenant
) -> None:
    app = create_app(replace(settings, public_url=None))
    text = logged_in(app, admin).get(page).text
    assert "PUBLIC_URL is not set" in text
    assert tenant.hook_secret not in text


def test_agents_see_no_secret(browser: Browser, tenant: Tenant, page: str) -> None:
    for answer in (browser.get(page), browser.post(page), browser.post(f"{page}/secret")):
        assert answer.status_code == 403
        assert tenant.hook_secret not in answer.text


def test_the_secret_can_be_replaced(admin_browser: Browser, tenant: Tenant, page: str) -> None:
    old = tenant.hook_secret
    answer = admin_browser.htmx_post(f"{page}/secret")
    db.session.refresh(tenant)
    assert tenant.hook_secret != old
    assert tenant.hook_secret in answer.text
    assert old not in answer.text


def test_names_are_saved_and_shown(admin_browser: Browser, tenant: Tenant, page: str) -> None:
    answer = admin_browser.htmx_post(page, {"activecallkey": "k", "queue": "Kuyruk"})
    assert answer.status_code == 200
    db.session.refresh(tenant)
    assert tenant.notification_map == {"activecallkey": "k", "queue": "Kuyruk"}
    assert 'value="Kuyruk"' in admin_browser.get(page).text


def test_names_that_cannot_be_are_told_at_their_field(
    admin_browser: Browser, tenant: Tenant, page: str
) -> None:
    answer = admin_browser.htmx_post(page, {"number": "one name", "queue": "q"})
    assert answer.status_code == 422
    assert "A name is one word" in answer.text
    assert 'value="one name"' in answer.text
    db.session.refresh(tenant)
    assert tenant.notification_map == {}


def test_the_example_fills_the_form_in_and_saves_nothing(
    admin_browser: Browser, tenant: Tenant, page: str
) -> None:
    assert 'value="agent_email"' in admin_browser.get(f"{page}?names=example").text
    assert 'value="agent_email"' not in admin_browser.get(page).text


def test_what_was_understood_is_shown(admin_browser: Browser, tenant: Tenant, page: str) -> None:
    came(tenant, CallID="key-1", AgentID="", queue="Support", colour="blue", duration="long")
    text = admin_browser.htmx_get(f"{page}?part=1").text
    assert "Key of the call" in text
    assert "nothing known" in text
    assert "Duration in seconds, but its value makes no sense" in text
    assert "<main" not in text


def test_what_was_not_understood_is_read_again_with_new_names(
    admin_browser: Browser, tenant: Tenant, page: str
) -> None:
    came(tenant, schluessel="key-1")
    assert "Not understood" in admin_browser.get(page).text
    answer = admin_browser.htmx_post(page, {"activecallkey": "schluessel"})
    assert "1 notification is read again" in answer.text
    assert "Being read" in answer.text
    fold_inbox(seconds=60)
    assert db.session.scalars(select(Call.activecallkey)).all() == ["key-1"]
    assert "Not understood" not in admin_browser.get(page).text


def test_a_withheld_number_is_not_shown(
    admin_browser: Browser, tenant: Tenant, agent: Agent, page: str
) -> None:
    calls.record_message(
        tenant_id=tenant.id,
        agent_id=agent.id,
        browser_call_id="c1",
        kind="IncomingCall",
        number="90532xxxxxxx",
        activecallkey="key-1",
        occurred_at=utc_now(),
    )
    came(tenant, CallID="key-1", MobilePhoneNumber="05320000001", musteri="05320000001")
    text = admin_browser.get(page).text
    assert "5320000001" not in text
    assert "Number withheld" in text


def test_a_withheld_number_is_not_shown_wherever_the_step_puts_it(
    admin_browser: Browser, tenant: Tenant, page: str
) -> None:
    calls.record_notification(tenant, {"CallID": "k", "number": "90532xxxxxxx"})
    record = cdr(callerid="05320000001", recordingurl="")
    calls.record_cdr(tenant, record, asked_for={"activecallkey": "k"})
    told = {"CallID": "k", "queue": "0532 000 00 01", "+905320000001": "", "number": "05320000001"}
    came(tenant, **told)
    waits = InboxEntry(tenant_id=tenant.id, source=EventSource.NOTIFICATION, payload=told)
    waits.attempts, waits.last_error = 1, "ValueError: 05320000001"
    db.session.add(waits)
    call = db.session.scalars(select(Call)).one()
    for path in (page, f"/calls/{call.id}"):
        text = admin_browser.get(path).text.replace("<dd>0532 000 00 01</dd>", "")
        assert "5320000001" not in text, path
        assert "532 000 00 01" not in text, path


def test_another_tenants_notifications_are_not_here(
    admin_browser: Browser, tenant: Tenant, page: str
) -> None:
    other = Tenant(name="o", host="h", api_url="a", softphone_url="s", hook_secret="other")
    db.session.add(other)
    db.session.commit()
    came(other, CallID="of-another")
    db.session.add(InboxEntry(tenant_id=other.id, source="notification", payload={"CallID": "new"}))
    db.session.commit()
    assert "Nothing has come yet" in admin_browser.get(page).text


def test_wrong_secrets_are_counted(app: Flask, admin_browser: Browser, page: str) -> None:
    for _time in range(2):
        admin_browser.client.get("/webhooks/notification/guessed")
    refused_webhooks.write(app)
    assert "2 requests came with a wrong secret" in admin_browser.get(page).text


def test_what_was_not_taken_because_too_many_waited_is_counted(
    app: Flask, admin_browser: Browser, page: str
) -> None:
    with app.test_request_context():
        refused_webhooks.count(refused_webhooks.TOO_MANY)
    refused_webhooks.write(app)
    assert "1 request came while too many waited" in admin_browser.get(page).text


def test_a_flood_of_calls_without_records_is_said_instead_of_a_worker_that_is_not_running(
    admin_browser: Browser, tenant: Tenant, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_bounds, "MOST_UNCONFIRMED", 1)
    came(tenant, CallID="invented")
    long_ago = utc_now() - timedelta(minutes=2)
    waits = {"tenant_id": tenant.id, "source": "notification", "received_at": long_ago}
    db.session.add(InboxEntry(**waits, payload={"CallID": "next"}))
    text = admin_browser.get(page).text
    assert "have no record at Call Center Studio" in text
    assert "flask worker" not in text
