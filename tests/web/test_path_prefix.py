"""The CRM below a path of its host, as a proxy in front names it. In Chromium: tests/browser."""

import re
from collections.abc import Iterator
from contextlib import _GeneratorContextManager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SessionMixin
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm import contacts
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, Tenant
from crm.settings import Settings, SettingsError
from crm.telephony import webhook_secrets
from tests.conftest import SECRET_KEY
from tests.web.browser import HTMX, Browser
from tests.web.conftest import logged_in
from tests.web.test_security import addresses

HOST = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "crm.test"}
BELOW = {**HOST, "X-Forwarded-Prefix": "/desk"}
# What a page asks for, leads to, or gives to its scripts.
ADDRESS = re.compile(r'(?:href|src|action|hx-\w+|data-(?!key)\w+)="(/[^"]*)"')


class ClientBelow(FlaskClient):
    """A browser whose requests come through the proxy, which leaves the path as it is."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Ask for a path without the prefix."""
        headers = {**BELOW, **(options.pop("headers", None) or {})}
        path, *others = args
        return super().open(f"/desk{path}", *others, headers=headers, **options)

    def session_transaction(
        self, *args: Any, **options: Any
    ) -> _GeneratorContextManager[SessionMixin]:
        """The session of this path."""
        return super().session_transaction(*args, base_url="http://localhost/desk", **options)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An application that trusts one proxy."""
    app = create_app(replace(settings, trusted_proxies=1, public_url="https://crm.test/desk"))
    app.testing = True
    app.test_client_class = ClientBelow
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def test_every_address_of_every_page_is_below_the_prefix(
    app: Flask, admin: Agent, tenant: Tenant
) -> None:
    number = Number("+905320000001", "work")
    contacts.create(
        ContactData(name="Elif Şahin", company="", email="", notes="", numbers=(number,)),
        region="TR",
    )
    browser = logged_in(app, admin)
    for method, path, _rule in addresses(app):
        if method != "GET":
            continue
        for headers in ({}, HTMX):
            answer = browser._open("GET", path, headers=headers)
            assert answer.status_code < 500, path
            found = ADDRESS.findall(answer.text if answer.mimetype == "text/html" else "")
            found += [
                value for name, value in answer.headers if name in ("Location", "HX-Push-Url")
            ]
            assert [one for one in found if not one.startswith("/desk/")] == [], path
    assert "/desk/" in browser.get("/contacts").text


def test_cookies_stay_below_the_prefix(app: Flask, agent: Agent) -> None:
    browser = Browser(app)
    answer = browser.log_in(agent.email, "a long enough password")
    set_cookies = answer.headers.getlist("Set-Cookie")
    assert {one.partition("=")[0] for one in set_cookies} >= {"crm_login", "known_browser"}
    for cookie in set_cookies:
        assert "Path=/desk" in cookie
    assert answer.location == "/desk/contacts"
    assert "Strict-Transport-Security" not in answer.headers  # it would be about all of the host


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/desk/calls?outcome=sale", "/desk/calls?outcome=sale"),
        ("/calls", "/desk/contacts"),
        ("/desktop/calls", "/desk/contacts"),
        ("/desk/../other", "/desk/contacts"),
        ("/desk/%2e%2e/other", "/desk/contacts"),
        ("/desk/..%5cother", "/desk/contacts"),
        ("//evil.example/desk/", "/desk/contacts"),
        ("/desk/login", "/desk/contacts"),
        ("/desk/logout", "/desk/contacts"),
    ],
)
def test_a_login_leads_to_a_page_below_the_prefix(
    app: Flask, agent: Agent, wanted: str, led_to: str
) -> None:
    form = {"email": agent.email, "password": "a long enough password", "next": wanted}
    assert Browser(app).post("/login", form).location == led_to


def test_who_is_not_logged_in_comes_back_to_the_page(app: Flask) -> None:
    answer = Browser(app).get("/calls?day=today")
    assert answer.location == "/desk/login?next=/desk/calls?day%3Dtoday"


@pytest.mark.parametrize("path", ["/contacts", "/desk/contacts"])
@pytest.mark.parametrize("prefix", ["/desk", "/desk/"])
def test_the_proxy_may_leave_the_prefix_or_take_it_off(app: Flask, path: str, prefix: str) -> None:
    headers = {**HOST, "X-Forwarded-Prefix": prefix}
    answer = FlaskClient(app).get(path, headers=headers)
    assert answer.location == "/desk/login?next=/desk/contacts"


@pytest.mark.parametrize(
    "prefix",
    ["desk", "//evil.example", "/desk//x", "/..", "/desk/../x", "/de sk", "/<b>", "https://x"],
)
def test_a_prefix_that_is_none_is_told(app: Flask, prefix: str) -> None:
    answer = FlaskClient(app).get("/login", headers={**HOST, "X-Forwarded-Prefix": prefix})
    assert answer.status_code == 400
    assert "X-Forwarded-Prefix" in answer.text


def test_without_a_prefix_all_is_as_ever(app: Flask) -> None:
    answer = FlaskClient(app).get("/contacts", headers=HOST)
    assert answer.location == "/login?next=/contacts"
    assert "Strict-Transport-Security" in answer.headers


def test_a_prefix_counts_only_from_a_trusted_proxy(settings: Settings) -> None:
    app = create_app(settings)
    answer = app.test_client().get("/contacts", headers=BELOW)
    assert answer.location == "/login?next=/contacts"
    with app.app_context():
        db.engine.dispose()


def test_the_vendor_gets_addresses_below_the_path_of_public_url(
    app: Flask, tenant: Tenant, settings: Settings
) -> None:
    for endpoint, name in (
        ("hangup.hangup", "hangup"),
        ("notifications.notification", "notification"),
    ):
        address = webhook_secrets.address(endpoint, tenant)
        assert address == f"https://crm.test/desk/webhooks/{name}/{tenant.hook_secret}"


@pytest.mark.parametrize(
    ("public_url", "taken"),
    [
        ("https://crm.test", "https://crm.test"),
        ("https://crm.test:8443/desk/", "https://crm.test:8443/desk"),
        ("http://127.0.0.1:5000/a/b", "http://127.0.0.1:5000/a/b"),
        ("crm.test/desk", None),
        ("https://", None),
        ("https:///desk", None),
        ("https://crm.test/desk?a=b", None),
        ("https://crm.test/desk#top", None),
        ("https://crm.test/de sk", None),
    ],
)
def test_public_url_may_have_a_path(public_url: str, taken: str | None) -> None:
    environ = {"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": public_url}
    if taken is None:
        with pytest.raises(SettingsError, match="PUBLIC_URL"):
            Settings.from_environ(environ)
    else:
        assert Settings.from_environ(environ).public_url == taken
