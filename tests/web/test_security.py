"""What every address of the application promises: walks the map of all of them."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from crm.models import Agent, Tenant
from tests.web.browser import HTMX, Browser
from tests.web.conftest import PASSWORD

PUBLIC = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/healthz"),
    ("GET", "/manifest.webmanifest"),
    ("POST", "/webhooks/check/x"),
    ("POST", "/webhooks/hangup/x"),
    ("GET", "/webhooks/notification/x"),
    ("POST", "/webhooks/notification/x"),
}
VALUES = {"int": "1", "default": "x", "string": "x", "path": "x"}


def addresses(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Every method and path, variables filled in; static files excepted."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: VALUES[found[1] or "default"], rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield method, path, rule


def test_strangers_get_nowhere_but_where_it_is_listed(app: Flask, anonymous: Browser) -> None:
    open_to_all = set()
    for method, path, _rule in addresses(app):
        sent = anonymous.htmx_get(path) if method == "GET" else anonymous.htmx_post(path)
        if sent.status_code == 401:
            assert "hx-history-elt" in sent.text, path
        else:
            open_to_all.add((method, path))
    assert open_to_all == PUBLIC


def test_a_write_after_the_login_was_lost_is_told_so_and_not_that_its_token_is_old(
    browser: Browser,
) -> None:
    token = {"X-CSRFToken": browser.csrf_token()}
    browser.client.delete_cookie("crm_login")
    answer = browser.client.post("/call-panel/x/messages", headers=HTMX | token)
    assert answer.status_code == 401


def test_the_token_of_a_new_login_comes_with_the_refusal_of_the_old_one(
    browser: Browser, agent: Agent
) -> None:
    path, old = "/call-panel/x/messages", {"X-CSRFToken": "of the login before"}
    refused = browser.client.post(path, headers=HTMX | old)
    assert (refused.status_code, refused.headers["X-Agent"]) == (400, str(agent.id))
    new = {"X-CSRFToken": refused.headers["X-CSRFToken"]}
    assert browser.client.post(path, headers=HTMX | new).status_code == 422


def test_agents_get_nowhere_an_admin_alone_may_go(app: Flask, browser: Browser) -> None:
    refused = set()
    for method, path, rule in addresses(app):
        view = app.view_functions[rule.endpoint]
        if not getattr(view, "is_admin_only", False):
            continue
        answer = browser.htmx_get(path) if method == "GET" else browser.htmx_post(path)
        assert answer.status_code == 403, path
        assert "hx-history-elt" in answer.text
        refused.add(path)
    assert {"/settings/tenants", "/settings/agents", "/settings/agents/1/password"} <= refused


def test_all_settings_but_ones_own_are_the_admins(app: Flask) -> None:
    open_to_agents = {
        rule.endpoint
        for _method, _path, rule in addresses(app)
        if rule.endpoint.startswith("settings.")
        and not getattr(app.view_functions[rule.endpoint], "is_admin_only", False)
    }
    own = {"me", "change_me", "my_password", "change_my_password", "end_login", "end_other_logins"}
    own |= {"checks", "check"}
    assert open_to_agents == {f"settings.{name}" for name in own}


def test_no_write_is_taken_without_its_token(app: Flask, admin_browser: Browser) -> None:
    writes = [path for method, path, _rule in addresses(app) if method != "GET"]
    for path in writes:
        for headers in ({}, HTMX, {"X-CSRFToken": "forged"}):
            answer = admin_browser._open("POST", path, headers=headers)
            if path.startswith("/webhooks/"):
                assert answer.status_code == 404
                continue
            # The login form comes again, with a token that counts.
            assert answer.status_code == (422 if path == "/login" else 400), path
            assert "hx-history-elt" in answer.text, path


def test_another_websites_form_sets_no_cookie(app: Flask, agent: Agent) -> None:
    """The browser sends it without the login's cookie, and would keep any that came back."""
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    paths = {path for _method, path, _rule in addresses(app)} | {"/nothing/here", "/static/x"}
    form = {"email": agent.email, "password": PASSWORD, "csrf_token": "made up"}
    for path in sorted(paths):
        for headers in ({}, evil, {"Origin": "null"}):
            answer = Browser(app)._open("POST", path, data=form, headers=headers)
            assert "Set-Cookie" not in answer.headers, (path, answer.status)


def test_a_form_of_our_own_that_waited_too_long_works_the_second_time(
    anonymous: Browser, agent: Agent
) -> None:
    form = {"email": agent.email, "password": PASSWORD, "csrf_token": "of a cookie that has gone"}
    ours = {"Origin": "http://localhost"}
    again = anonymous._open("POST", "/login", data=form, headers=ours)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', again.text)
    assert token is not None
    answer = anonymous._open("POST", "/login", data=form | {"csrf_token": token[1]}, headers=ours)
    assert answer.status_code == 303


def test_a_write_without_its_token_changes_no_cookie(app: Flask, browser: Browser) -> None:
    for method, path, _rule in addresses(app):
        if method != "GET":
            assert "Set-Cookie" not in browser._open(method, path).headers, path


def test_a_token_of_another_login_is_refused(browser: Browser, anonymous: Browser) -> None:
    with anonymous.client.session_transaction() as session:
        session["csrf_token"] = "the secret of another"
    answer = browser._open("POST", "/logout", data={"csrf_token": anonymous.csrf_token()})
    assert answer.status_code == 400


def test_nothing_makes_the_page_load_anew(app: Flask, admin_browser: Browser) -> None:
    for method, path, rule in addresses(app):
        if rule.endpoint in ("auth.log_out", "settings.deactivate"):
            continue
        answer = admin_browser.htmx_get(path) if method == "GET" else admin_browser.htmx_post(path)
        assert not {"HX-Redirect", "HX-Refresh", "HX-Location"} & set(answer.headers.keys()), path
        assert answer.status_code < 500, path


@pytest.mark.parametrize("status_and_path", [(404, "/nothing/here"), (405, "/dial")])
def test_errors_are_pages_a_history_can_restore(
    browser: Browser, status_and_path: tuple[int, str]
) -> None:
    status, path = status_and_path
    restored = browser.get(path, headers={"HX-History-Restore-Request": "true"})
    assert restored.status_code == status
    assert "hx-history-elt" in restored.text
    assert "HX-Retarget" not in restored.headers


HUGE = "9" * 30


@pytest.mark.both_databases
def test_a_number_larger_than_any_id_is_nothing_here(app: Flask, admin_browser: Browser) -> None:
    for method, path, rule in addresses(app):
        if "<int:" not in rule.rule:
            continue
        huge = path.replace("/1", f"/{HUGE}")
        answer = admin_browser.get(huge) if method == "GET" else admin_browser.post(huge)
        assert answer.status_code in (404, 405), huge


def test_the_policy_names_the_softphone_and_nobody_else(browser: Browser, tenant: Tenant) -> None:
    policy = directives(browser.get("/contacts").headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert policy["manifest-src"] == "'self'"  # else Chromium offers no installation
    assert policy["frame-src"] == "http://127.0.0.1:9"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"


def test_the_microphone_is_for_the_softphone(browser: Browser, anonymous: Browser) -> None:
    permissions = browser.get("/contacts").headers["Permissions-Policy"]
    assert 'microphone=(self "http://127.0.0.1:9")' in permissions
    assert "microphone=()" in anonymous.get("/login").headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/login", "/contacts", "/nothing/here", "/static/js/dial.js"])
def test_every_answer_has_the_headers(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    answer.close()
    headers = answer.headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert "Strict-Transport-Security" not in headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "script-src 'self'" in headers["Content-Security-Policy"]


def test_strangers_pages_frame_nothing(anonymous: Browser) -> None:
    policy = directives(anonymous.get("/login").headers["Content-Security-Policy"])
    assert policy["frame-src"] == "'none'"


@pytest.mark.parametrize("page", ["/login", "/contacts", "/calls", "/settings/me"])
def test_no_page_holds_inline_script_or_style(browser: Browser, page: str) -> None:
    text = browser.get(page).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", text)


def directives(policy: str) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _space, value in pairs}
