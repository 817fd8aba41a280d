"""Logging in and out: who gets in, how often one may try, where one goes on, what is left."""

import pytest
from flask import Flask

from crm.models import Agent, Tenant
from tests.web.browser import HTMX, Browser
from tests.web.conftest import PASSWORD, add_agent, logged_in

RESTORE = {"HX-History-Restore-Request": "true"}


def test_a_wrong_password_and_an_unknown_person_are_told_alike(
    anonymous: Browser, agent: Agent
) -> None:
    wrong = anonymous.log_in(agent.email, "not the password")
    unknown = anonymous.log_in("nobody@demo.example", "not the password")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert wrong.text.replace(agent.email, "-") == unknown.text.replace("nobody@demo.example", "-")
    assert "do not match" in wrong.text
    assert "not the password" not in wrong.text
    assert anonymous.get("/contacts").status_code == 302


@pytest.mark.parametrize("email", ["", "a\x00b", "ayse@demo.example\n", "x" * 5000, "'; --"])
@pytest.mark.both_databases
def test_nonsense_for_an_email_is_a_form_again(anonymous: Browser, email: str) -> None:
    assert anonymous.log_in(email, "whatever").status_code == 422


def test_the_eleventh_failure_is_refused_and_others_at_the_same_address_are_not(
    anonymous: Browser, agent: Agent, tenant: Tenant
) -> None:
    add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya")
    for _ in range(10):
        assert anonymous.log_in(agent.email, "wrong").status_code == 422
    refused = anonymous.log_in(agent.email.upper(), PASSWORD)
    assert refused.status_code == 429
    assert "hx-history-elt" in refused.text
    assert anonymous.log_in("mehmet@demo.example", PASSWORD).status_code == 303


def test_the_same_email_from_another_address_is_not_locked_out(
    app: Flask, anonymous: Browser, agent: Agent
) -> None:
    for _ in range(10):
        anonymous.log_in(agent.email, "wrong")
    elsewhere = Browser(app)
    form = {"email": agent.email, "password": PASSWORD}
    answer = elsewhere.post("/login", form, environ_base={"REMOTE_ADDR": "10.0.0.7"})
    assert answer.status_code == 303


def test_successes_do_not_count(app: Flask, agent: Agent) -> None:
    for _ in range(12):
        logged_in(app, agent)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n//evil.example",
        "\x00//evil.example",
        " //evil.example",
        "/contacts\r\nX-Evil: 1",
        "contacts",
        "/login?next=/login",
        "/logout",
        "",
    ],
)
def test_after_login_nobody_is_sent_elsewhere(
    anonymous: Browser, agent: Agent, target: str
) -> None:
    form = {"email": agent.email, "password": PASSWORD, "next": target}
    answer = anonymous.post("/login", form)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/contacts"
    assert "X-Evil" not in answer.headers


def test_the_wanted_page_is_shown_after_login(anonymous: Browser, agent: Agent) -> None:
    answer = anonymous.get("/calls?before=1,2")
    assert answer.headers["Location"] == "/login?next=/calls?before%3D1,2"
    form = {"email": agent.email, "password": PASSWORD, "next": "/calls?before=1,2"}
    assert anonymous.post("/login", form).headers["Location"] == "/calls?before=1,2"


@pytest.mark.parametrize(
    "headers", [HTMX, RESTORE, HTMX | RESTORE, RESTORE | {"HX-Target": "body"}]
)
def test_a_fragment_is_answered_401_with_the_form_and_no_redirect(
    anonymous: Browser, headers: dict[str, str]
) -> None:
    answer = anonymous.get("/contacts", headers=headers)
    assert answer.status_code == 401
    assert "hx-history-elt" in answer.text
    assert "<html" not in answer.text
    assert 'name="password"' in answer.text
    assert 'value="/contacts"' in answer.text


@pytest.mark.parametrize("path", ["/contacts/rows?q=a", "/call-panel/x/check", "/softphone"])
def test_a_small_piece_only_says_that_the_login_is_lost(anonymous: Browser, path: str) -> None:
    """Many of them ask at once, and a form for each would be one too old for the other's token."""
    answer = anonymous.htmx_get(path, headers={"HX-Target": "div#rows"})
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["HX-Trigger"] == "logged-out"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_login_form_that_waited_too_long_comes_again_and_works(
    anonymous: Browser, agent: Agent, headers: dict[str, str]
) -> None:
    form = {"email": agent.email, "password": PASSWORD, "csrf_token": "of an earlier cookie"}
    answer = anonymous.client.post("/login", data=form, headers=headers)
    assert answer.status_code == 422
    assert "open for too long" in answer.text
    assert agent.email in answer.text
    assert anonymous.log_in(agent.email, PASSWORD).status_code == 303


def test_login_lost_while_saving_leads_back_to_the_page_it_was_in(anonymous: Browser) -> None:
    around = {"HX-Current-URL": "http://localhost/contacts/7/edit", "HX-Target": "main#main"}
    answer = anonymous.htmx_post("/contacts/7", headers=around)
    assert answer.status_code == 401
    assert 'value="/contacts/7/edit"' in answer.text


def test_a_forged_current_page_leads_nowhere(anonymous: Browser) -> None:
    around = {"HX-Current-URL": "http://localhost//evil.example"}
    assert 'value="/contacts"' in anonymous.htmx_post("/contacts/7", headers=around).text


def test_logging_out_takes_both_cookies_and_ends_the_login(browser: Browser) -> None:
    browser.client.set_cookie("telephony_session", "whatever")
    answer = browser.post("/logout")
    assert answer.status_code == 303
    gone = {line.split("=")[0] for line in answer.headers.getlist("Set-Cookie") if "1970" in line}
    assert gone == {"crm_login", "telephony_session"}
    assert browser.get("/contacts").status_code == 302


def test_logging_out_is_no_link(browser: Browser) -> None:
    assert browser.get("/logout").status_code == 405
    assert browser.get("/contacts").status_code == 200


@pytest.mark.parametrize(
    ("url", "is_secure"), [("http://localhost", False), ("https://crm.test", True)]
)
def test_the_login_cookie_is_for_the_server_alone(
    anonymous: Browser, url: str, is_secure: bool
) -> None:
    cookie = anonymous.get("/login", base_url=url).headers["Set-Cookie"]
    assert cookie.startswith("crm_login=")
    assert all(flag in cookie for flag in ("HttpOnly", "SameSite=Lax"))
    assert ("Secure" in cookie) is is_secure


def test_a_login_keeps_nothing_of_an_earlier_visitor(anonymous: Browser, agent: Agent) -> None:
    with anonymous.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    anonymous.log_in(agent.email, PASSWORD)
    with anonymous.client.session_transaction() as session:
        assert "planted" not in session
