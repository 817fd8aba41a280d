"""How often a wrong password may be tried, and that nobody is locked out by what others try."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from crm import agents
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, PasswordTries, Tenant, utc_now
from crm.pages import login
from crm.pages.settings import me
from crm.settings import Settings
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, PASSWORD_HASH, add_agent, logged_in

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _a_wrong_password_is_quickly_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also an unknown e-mail costs a slow hash, and there are hundreds here."""
    monkeypatch.setattr(agents, "_NOBODY", PASSWORD_HASH)


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not forget tries while the test makes them; `let_pass` moves on."""
    now = utc_now()
    monkeypatch.setattr(login, "utc_now", lambda: now)
    monkeypatch.setattr(me, "utc_now", lambda: now)


def attempt(
    app: Flask, email: str, password: str = "a guess", *, address: str = HERE
) -> TestResponse:
    """One try in a browser that nobody knows."""
    form = {"email": email, "password": password}
    return Browser(app).post("/login", form, environ_base={"REMOTE_ADDR": address})


def statuses(answers: Iterator[TestResponse]) -> list[int]:
    return [answer.status_code for answer in answers]


def let_pass(**time: float) -> None:
    """So much time passes: all that was tried lies that much further back."""
    rows = db.session.scalars(select(PasswordTries)).all()
    for row in rows:
        row.forgotten_at -= timedelta(**time)
    db.session.commit()


def test_many_emails_from_one_address_are_slowed(app: Flask, agent: Agent) -> None:
    spray = statuses(attempt(app, f"person{number}@demo.example") for number in range(40))
    assert spray == [422] * 30 + [429] * 10
    assert attempt(app, agent.email, PASSWORD).status_code == 429
    assert attempt(app, agent.email, PASSWORD, address=ELSEWHERE).status_code == 303
    let_pass(seconds=31)
    assert attempt(app, agent.email, PASSWORD).status_code == 303


def test_one_email_from_many_addresses_is_slowed(app: Flask, agent: Agent) -> None:
    tries = (attempt(app, agent.email, address=f"203.0.113.{n}") for n in range(105))
    assert statuses(tries) == [422] * 100 + [429] * 5


@pytest.mark.parametrize(
    ("addresses", "other"),
    [
        ("2001:db8::{:x}", "2001:db8:0:1::1"),  # one network is one address
        ("fe80::{:x}%eth0", "fe80:0:0:1::1%eth0"),
        ("192.0.2.7:{}", "192.0.2.8:1"),  # as some proxies tell them, with the port
        ("[2001:db8::1]:{}", "[2001:db8:0:1::1]:1"),
        ("unknown", "hidden"),
    ],
)
def test_one_address_is_one_however_it_is_told(app: Flask, addresses: str, other: str) -> None:
    tries = (attempt(app, f"p{n}@demo.example", address=addresses.format(n)) for n in range(1, 33))
    assert statuses(tries) == [422] * 30 + [429] * 2
    assert attempt(app, "p@demo.example", address=other).status_code == 422


def test_a_colleague_is_not_locked_out_of_a_browser_that_knows_them(
    app: Flask, agent: Agent, tenant: Tenant
) -> None:
    """Two people share a desk, and somebody in the same office tries their passwords."""
    mehmet = add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya")
    desk = Browser(app)
    for person in (mehmet, agent):
        form = {"email": person.email, "password": PASSWORD}
        assert desk.post("/login", form, environ_base={"REMOTE_ADDR": HERE}).status_code == 303
        desk.post("/logout")
    for person in (mehmet, agent):
        assert 429 in statuses(attempt(app, person.email) for _ in range(12))
    for number in range(40):
        attempt(app, f"person{number}@demo.example")
    for person in (mehmet, agent):
        form = {"email": person.email, "password": PASSWORD}
        assert desk.post("/login", form, environ_base={"REMOTE_ADDR": HERE}).status_code == 303
        desk.post("/logout")


def test_a_known_browser_is_no_free_pass(app: Flask, agent: Agent, admin: Agent) -> None:
    desk = logged_in(app, agent)
    desk.post("/logout")
    assert (
        statuses(desk.log_in(agent.email, "a guess") for _ in range(12)) == [422] * 10 + [429] * 2
    )
    assert attempt(app, agent.email, PASSWORD).status_code == 303
    # It knows Ayşe; at anybody else's e-mail it is a browser like any other.
    for _ in range(10):
        attempt(app, admin.email, address="127.0.0.1")
    assert desk.log_in(admin.email, PASSWORD).status_code == 429


@pytest.mark.parametrize("cookie", ["", "x", "forged.value", "é"])
def test_a_forged_cookie_makes_no_browser_known(app: Flask, agent: Agent, cookie: str) -> None:
    for _ in range(10):
        attempt(app, agent.email, address="127.0.0.1")
    browser = Browser(app)
    browser.client.set_cookie("known_browser", cookie)
    assert browser.log_in(agent.email, PASSWORD).status_code == 429


def test_the_answer_says_when_one_may_try_again(app: Flask, agent: Agent) -> None:
    for _ in range(10):
        attempt(app, agent.email)
    refused = attempt(app, agent.email, PASSWORD)
    assert 0 < int(refused.headers["Retry-After"]) <= 90
    assert "Try again in 2 minutes." in refused.text
    assert 'name="password"' in refused.text
    let_pass(seconds=60)
    assert "Try again in 30 seconds." in attempt(app, agent.email).text
    let_pass(seconds=31)
    assert attempt(app, agent.email).status_code == 422  # one more, then it waits again
    assert attempt(app, agent.email).status_code == 429


def test_what_is_long_past_is_forgotten_and_leaves_the_database(app: Flask, agent: Agent) -> None:
    for number in range(20):
        attempt(app, f"person{number}@demo.example")
    let_pass(days=1)
    assert attempt(app, agent.email, PASSWORD).status_code == 303
    assert db.session.scalars(select(PasswordTries)).all() == []


def test_the_database_holds_no_email_that_somebody_tried(app: Flask) -> None:
    attempt(app, "secret-person@demo.example")
    keys = [row.key for row in db.session.scalars(select(PasswordTries))]
    assert len(keys) == 3
    assert not any("secret" in key or HERE in key for key in keys)


def test_another_process_counts_on(app: Flask, settings: Settings, agent: Agent) -> None:
    for _ in range(10):
        attempt(app, agent.email)
    second = create_app(settings)
    assert attempt(second, agent.email, PASSWORD).status_code == 429
    with second.app_context():
        db.engine.dispose()


@pytest.mark.both_databases
def test_tries_at_the_same_moment_are_all_counted(
    app: Flask, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them has failed yet when the next begins."""
    all_there = threading.Barrier(14, timeout=60)
    seen: list[int] = []

    def guess() -> None:
        form = {"email": agent_email, "password": "a guess"}
        browser = Browser(app)
        form["csrf_token"] = browser.csrf_token()
        all_there.wait()
        seen.append(browser.client.post("/login", data=form).status_code)

    agent_email = agent.email
    db.session.commit()
    threads = [threading.Thread(target=guess) for _ in range(14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [422] * 10 + [429] * 4


def change(browser: Browser, current: str, new: str = "a new long password") -> TestResponse:
    form = {"current_password": current, "password": new}
    return browser.htmx_post("/settings/me/password", form)


@pytest.mark.both_databases
def test_ones_own_password_cannot_be_guessed(app: Flask, browser: Browser, agent: Agent) -> None:
    other = logged_in(app, agent)
    assert statuses(change(browser, f"guess {n}") for n in range(10)) == [422] * 10
    for desk in (browser, other):  # whichever browser the next guess comes from
        refused = change(desk, PASSWORD)
        assert refused.status_code == 429
        assert "Try again in" in refused.text
        assert 'name="current_password"' in refused.text
    let_pass(seconds=91)
    assert change(browser, PASSWORD).status_code == 200
    assert browser.get("/contacts").status_code == 200


def test_a_new_password_that_is_too_short_is_no_guess(browser: Browser) -> None:
    assert statuses(change(browser, PASSWORD, "short") for _ in range(15)) == [422] * 15


def test_the_right_password_counts_nowhere(app: Flask, agent: Agent) -> None:
    for _ in range(35):
        assert attempt(app, agent.email, PASSWORD).status_code == 303
    assert db.session.scalars(select(PasswordTries)).all() == []


def test_a_deactivated_agents_browser_is_known_and_stays_out(app: Flask, agent: Agent) -> None:
    desk = logged_in(app, agent)
    db.session.execute(update(Agent).values(active=False))
    assert desk.log_in(agent.email, PASSWORD).status_code == 422
    assert desk.get("/contacts").status_code == 302


def test_it_is_known_by_a_cookie_for_the_server_alone(app: Flask, agent: Agent) -> None:
    answer: Any = Browser(app).log_in(agent.email, PASSWORD)
    (line,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("known_")]
    assert all(flag in line for flag in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert agent.email not in line
