"""Secrets of the webhooks' addresses lie sealed in the database, and the addresses still work."""

from dataclasses import replace

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from crm import tenants
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, InboxEntry, Tenant
from crm.settings import Settings
from tests.web.browser import Browser
from tests.web.conftest import logged_in

OTHER_KEY = "another key, as after a backup was lost, long enough"


def everything_in(table: str) -> str:
    with db.engine.connect() as connection:
        return repr(connection.execute(text(f"SELECT * FROM {table}")).all())


def take(app: Flask, secret: str) -> int:
    answer = app.test_client().post(f"/webhooks/hangup/{secret}", data={"call_id": "k"})
    return answer.status_code


@pytest.mark.both_databases
def test_an_address_that_was_given_out_before_the_update_goes_on_working(
    app: Flask, tenant: Tenant
) -> None:
    secret = tenant.hook_secret
    db.session.remove()
    downgrade(revision="0011")
    assert secret in everything_in("tenant")  # as it lay there until now
    upgrade()
    assert secret not in everything_in("tenant")
    assert "hook_secret" not in {
        column["name"] for column in inspect(db.engine).get_columns("tenant")
    }
    assert take(app, secret) == 200
    assert take(app, secret + "x") == 404
    found = tenants.by_name("demo")
    assert found is not None
    assert found.hook_secret == secret


def test_what_lies_in_the_database_opens_no_address(app: Flask, tenant: Tenant) -> None:
    for stolen in (tenant.hook_secret_digest, tenant.hook_secret_sealed):
        assert take(app, stolen) == 404
    assert db.session.query(InboxEntry).count() == 0


def test_no_two_tenants_share_an_address(app: Flask, tenant: Tenant, second_tenant: Tenant) -> None:
    digests = {tenant.hook_secret_digest, second_tenant.hook_secret_digest}
    assert len(digests) == 2


def test_with_another_secret_key_the_address_works_and_the_pages_say_what_to_do(
    app: Flask, settings: Settings, tenant: Tenant, admin: Agent
) -> None:
    secret = tenant.hook_secret
    second = create_app(replace(settings, secret_key=OTHER_KEY))
    assert take(second, secret) == 200
    browser = logged_in(second, admin)
    for page in ("", "/notifications"):
        text_of_page = browser.get(f"/settings/tenants/{tenant.id}{page}").text
        assert "another SECRET_KEY" in text_of_page
        assert "/webhooks/hangup/" not in text_of_page
        assert "/webhooks/notification/" not in text_of_page
    browser.post(f"/settings/tenants/{tenant.id}/hook-secret")
    assert "/webhooks/hangup/" in _page(browser, tenant)
    assert take(second, secret) == 404
    with second.app_context():
        db.engine.dispose()


def _page(browser: Browser, tenant: Tenant) -> str:
    return browser.get(f"/settings/tenants/{tenant.id}").text
