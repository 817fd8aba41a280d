"""The demo's guided tour from its first step to its last, and the reset in the middle of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, current_app
from playwright.sync_api import ConsoleMessage, Page, expect
from sqlalchemy import func, make_url, select

from crm.cli.demo import pages, people
from crm.cli.demo.installation import filled_until
from crm.extensions import db
from crm.models import Call, Contact, utc_now
from crm.settings import Settings
from tests.browser.conftest import PASSWORD, Crm, Desk
from tests.browser.running import add_agents, add_contacts, running_crm
from tests.world import Simulator

SCENES = 10
LAST = "end"


@pytest.fixture
def crm(settings: Settings, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    """The demo: its pages, and a seed to go back to."""
    logins = tuple(replace(who, password=PASSWORD) for who in people.LOGINS)
    monkeypatch.setattr(people, "LOGINS", logins)
    port = make_url(simulator.url).port or 0
    demo = replace(settings, simulator_port=port)

    def fill() -> None:
        add_agents(simulator)
        add_contacts()
        db.session.remove()
        database = Path(str(make_url(settings.database_url).database))
        with (
            closing(sqlite3.connect(database)) as live,
            closing(sqlite3.connect(database.with_name("seed.db"))) as seed,
        ):
            live.backup(seed)
        filled_until(database.with_name("seed.db")).write_text(utc_now().isoformat())
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        pages.init_app(app)

    with running_crm(demo, fill) as crm:
        yield crm


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_tour_plays_from_its_first_step_to_its_last(
    page: Page, crm: Crm, simulator: Simulator, language: str
) -> None:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", hear)
    page.goto(f"{crm.url}/login?language={language}")
    # Without the time that the captions are read in.
    page.eval_on_selector(
        ".demo-start [name=next]", "field => { field.value = '/contacts?tour=quick' }"
    )
    page.locator(".demo-start [type=submit]").click()
    page.locator(f"#tour[data-shown={LAST}]").wait_for(timeout=240_000)
    expect(page.locator("#tour-hint")).to_be_hidden()
    expect(page.locator("#tour-number")).to_have_text(f"{SCENES}/{SCENES}")

    page.locator("[data-tour=stop]").click()
    expect(page.locator("#tour")).to_be_hidden()
    expect(page.locator(".call-card")).to_have_count(0)
    assert simulator.app.extensions["switchboard"].open_calls() == []
    assert said == []


def test_a_reset_in_the_middle_of_a_call_brings_everything_back(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    desk = Desk(page, crm, simulator)
    desk.arrive()
    other = page.context.new_page()
    other.goto(f"{crm.url}/contacts")
    page.locator("[data-menu] summary").click()
    page.locator("[data-tour-start]").click()
    page.locator("#tour[data-shown=welcome]").wait_for()
    page.locator("[data-tour=next]").click()
    page.locator(".call-card.is-ringing").wait_for()
    with crm.app.app_context():
        db.session.get_one(Contact, 1).name = "Somebody Else"
        db.session.commit()
        db.session.remove()
    other.evaluate("window.isTheOldPage = true")

    page.locator("[data-menu] summary").click()
    page.locator("[data-demo-reset]").click()
    page.locator("#demo-ask-yes").click()

    expect(page.locator("#tour")).to_be_hidden()
    expect(page.locator(".call-card")).to_have_count(0)
    desk.wait_until_ready()
    assert simulator.app.extensions["switchboard"].open_calls() == []
    other.wait_for_function("window.isTheOldPage === undefined")
    with crm.app.app_context():
        assert db.session.get_one(Contact, 1).name == "Elif Şahin"
        assert db.session.scalar(select(func.count(Call.id))) == 0
        db.session.remove()
    desk.ring()
    expect(desk.card).to_contain_text("Elif Şahin")
