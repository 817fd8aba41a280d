"""The language of the pages: the agent's, else what the login page chose, else the browser's."""

import re

import pytest
from flask import Flask

from crm.extensions import db
from crm.models import Agent
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD


def language_of(html: str) -> str:
    found = re.search(r'<html lang="(\w+)">', html)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("asked", "language", "word"),
    [
        ("tr-TR,tr;q=0.9,en;q=0.8", "tr", "Giriş yap"),
        ("en-GB,en;q=0.9,tr;q=0.5", "en", "Log in"),
        ("de-DE,tr;q=0.5", "tr", "Giriş yap"),
        ("de-DE", "en", "Log in"),
        ("nonsense;;", "en", "Log in"),
    ],
)
def test_the_browser_is_asked_first(app: Flask, asked: str, language: str, word: str) -> None:
    page = Browser(app).get("/login", headers={"Accept-Language": asked})
    assert language_of(page.text) == language
    assert word in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_what_is_chosen_at_the_login_becomes_the_agents_own(app: Flask, agent: Agent) -> None:
    browser = Browser(app)
    page = browser.get("/login?language=tr&next=/calls")
    assert language_of(page.text) == "tr"
    assert 'name="language" type="hidden" value="tr"' in page.text
    form = {"email": agent.email, "password": "wrong", "language": "tr"}
    assert "birbirini tutmuyor" in browser.post("/login", form).text
    browser.post("/login", form | {"password": PASSWORD})
    assert "<h1>Kişiler" in browser.get("/contacts").text
    db.session.refresh(agent)
    assert agent.locale == "tr"


def test_a_login_without_a_choice_changes_nothing(app: Flask, agent: Agent) -> None:
    agent.locale = "tr"
    browser = Browser(app)
    browser.log_in(agent.email, PASSWORD)
    assert language_of(browser.get("/contacts").text) == "tr"
    assert browser.post("/logout").location == "/login?language=tr"


def test_my_settings_answer_in_the_language_that_was_chosen(browser: Browser, agent: Agent) -> None:
    page = browser.htmx_post("/settings/me", {"name": agent.name, "language": "tr"})
    assert '<main id="main" lang="tr"' in page.text
    assert "Ayarlarınız kaydedildi." in page.text
    assert language_of(browser.get("/calls").text) == "tr"
    assert '<main id="main" lang="tr"' in browser.htmx_get("/calls").text
    browser.htmx_post("/settings/me", {"name": agent.name, "language": ""})
    assert language_of(browser.get("/calls").text) == "en"


def test_a_language_that_there_is_not_is_refused(browser: Browser, agent: Agent) -> None:
    page = browser.htmx_post("/settings/me", {"name": agent.name, "language": "xx"})
    assert page.status_code == 422
    assert language_of(browser.get("/login?language=xx", follow_redirects=True).text) == "en"
