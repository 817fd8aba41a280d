"""The CRM and the simulator answer to their own names alone, and browsers stay with https."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from crm.cli.demo import own_settings
from crm.extensions import db
from crm.factory import create_app
from crm.models import Tenant
from crm.settings import Settings, SettingsError
from crm.simulator import create_simulator

OWN = ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "crm.test", "CRM.test:8443"]
FOREIGN = [
    "evil.example",
    "evil.example:5000",
    "localhost.evil.example",
    "evil-crm.test",
    "crm.test.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.2",
    "localhost@evil.example",
    "evil.example@localhost",
    "evil.example/crm.test",
    "[::2]",
    "[:::::]",
    "",
    "é",
    "crm.test:99999999",
]
PAGES = ["/login", "/contacts", "/nothing/here", "/static/js/dial.js"]


def status(app: Flask, host: str, path: str = "/login", method: str = "GET") -> int:
    """Without the test client, which cannot read some of these names itself."""
    path, _, query = path.partition("?")
    environ = create_environ(path, query_string=query, method=method) | {"HTTP_HOST": host}
    body, told, _headers = run_wsgi_app(app, environ)
    body.close()  # type: ignore[attr-defined]
    return int(told.split()[0])


@pytest.mark.parametrize("host", OWN)
def test_it_answers_to_its_own_names(app: Flask, host: str) -> None:
    assert status(app, host) == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_another_websites_name_gets_nothing(app: Flask, host: str) -> None:
    assert {status(app, host, path) for path in PAGES} == {400}
    assert status(app, host, method="POST") == 400


def test_the_refusal_says_what_to_do_and_sets_no_cookie(app: Flask) -> None:
    answer = app.test_client().get("/login", headers={"Host": "evil.example"})
    assert "ALLOWED_HOSTS" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_more_names_can_be_allowed(settings: Settings) -> None:
    app = create_app(replace(settings, allowed_hosts=("crm.example.com", ".example.org", "::2")))
    for host in ("crm.example.com", "crm.example.org:443", "[::2]:5000", "localhost", "crm.test"):
        assert status(app, host) == 200, host
    for host in ("example.com", "example.org", "evilexample.org", "x.crm.example.com"):
        assert status(app, host) == 400, host
    with app.app_context():
        db.engine.dispose()


def test_the_name_counts_that_a_trusted_proxy_was_asked_for(settings: Settings) -> None:
    app = create_app(replace(settings, trusted_proxies=1))
    headers = {
        "Host": "10.0.0.7:5000",
        "X-Forwarded-Host": "crm.test",
        "X-Forwarded-Proto": "https",
    }
    answer = app.test_client().get("/login", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    forged = headers | {"Host": "crm.test", "X-Forwarded-Host": "evil.example"}
    assert app.test_client().get("/login", headers=forged).status_code == 400
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("host", ["10.0.0.7", "crm.internal:8080"])
def test_a_load_balancer_and_the_vendor_may_use_any_name(
    app: Flask, tenant: Tenant, host: str
) -> None:
    """Nothing they get depends on a cookie, and a webhook that is lost is a call that is lost."""
    secret = tenant.hook_secret
    assert status(app, host, "/healthz") == 200
    assert status(app, host, f"/webhooks/hangup/{secret}", "POST") == 200
    assert status(app, host, f"/webhooks/notification/{secret}?call_id=k") == 200


def test_the_demo_is_for_this_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_settings, "FOLDER", tmp_path)
    monkeypatch.setattr(own_settings, "ENV_FILE", tmp_path / "demo.env")
    assert set(own_settings.demo_settings().hosts) == {"localhost", "127.0.0.1", "::1"}


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "crm.test", "", "[:::::]"]
)
def test_the_simulator_is_for_this_machine_alone(host: str) -> None:
    simulator = create_simulator(with_history=False)
    for path in ("/", "/api/", "/generic/sso/", "/console/api/state", "/static/console.js"):
        assert status(simulator, host, path) == 400
    for own in ("127.0.0.1:5001", "localhost:5001"):
        assert status(simulator, own, "/") == 200


@pytest.mark.parametrize(
    "names", ["https://crm.example.com", "crm.example.com/", "crm.example.com:443", "*", "a@b"]
)
def test_what_is_no_name_is_told_at_the_start(names: str) -> None:
    with pytest.raises(SettingsError, match="ALLOWED_HOSTS"):
        Settings.from_environ({"SECRET_KEY": "k" * 40, "ALLOWED_HOSTS": f"crm.test, {names}"})


def test_names_are_read_from_the_environment() -> None:
    environ = {"SECRET_KEY": "k" * 40, "ALLOWED_HOSTS": "CRM.example.com, .example.org [::2]"}
    environ["PUBLIC_URL"] = "https://public.example:8443/crm"
    hosts = Settings.from_environ(environ).hosts
    assert set(hosts) == {
        "localhost", "127.0.0.1", "::1",
        "public.example", "crm.example.com", ".example.org", "::2",
    }  # fmt: skip
