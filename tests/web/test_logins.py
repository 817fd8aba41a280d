"""Where an agent is logged in: the list of it, and that an ended login is over for every copy."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from crm import agents, logins
from crm.extensions import db
from crm.logins import BrowserInfo
from crm.models import Agent, Login, utc_now
from crm.web.browser_names import browser_and_system
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, logged_in

NEW_PASSWORD = "another long enough password"


def copy_of(browser: Browser) -> Browser:
    """Somebody else's browser with this one's login cookie."""
    cookie = browser.client.get_cookie("crm_login")
    assert cookie is not None
    copy = Browser(browser.app)
    copy.client.set_cookie("crm_login", cookie.value)
    assert is_in(copy)
    return copy


def is_in(browser: Browser) -> bool:
    return browser.get("/contacts").status_code == 200


def rows_of(agent: Agent) -> list[Login]:
    db.session.rollback()
    return logins.of_agent(agent.id, now=utc_now())


def log_out(browser: Browser, _agent: Agent) -> None:
    browser.post("/logout")


def end_it_in_the_list(browser: Browser, agent: Agent) -> None:
    (login,) = rows_of(agent)
    logged_in(browser.app, agent).post(f"/settings/me/logins/{login.id}/end")


def end_all_others(browser: Browser, agent: Agent) -> None:
    logged_in(browser.app, agent).post("/settings/me/logins/end-others")


def end_ones_own_in_the_list(browser: Browser, agent: Agent) -> None:
    (login,) = rows_of(agent)
    browser.post(f"/settings/me/logins/{login.id}/end")


def change_the_password(browser: Browser, agent: Agent) -> None:
    """In this very browser: it stays logged in, what was copied from it does not."""
    form = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert browser.post("/settings/me/password", form).status_code == 303
    assert is_in(browser)


def log_in_again_here(browser: Browser, agent: Agent) -> None:
    browser.log_in(agent.email, PASSWORD)
    assert is_in(browser)
    assert len(rows_of(agent)) == 1


def deactivate(_browser: Browser, agent: Agent) -> None:
    agents.deactivate(agent)
    db.session.commit()


def let_an_admin_set_a_password(_browser: Browser, agent: Agent) -> None:
    agents.reset_password(agent, NEW_PASSWORD)
    db.session.commit()


def wait_for_its_end(_browser: Browser, agent: Agent) -> None:
    db.session.execute(update(Login).values(ends_at=utc_now() - timedelta(seconds=1)))
    db.session.commit()


@pytest.mark.parametrize(
    "ends",
    [
        log_out,
        end_it_in_the_list,
        end_all_others,
        end_ones_own_in_the_list,
        change_the_password,
        log_in_again_here,
        deactivate,
        let_an_admin_set_a_password,
        wait_for_its_end,
    ],
)
@pytest.mark.both_databases
def test_a_copied_cookie_is_worth_nothing_once_the_login_has_ended(
    browser: Browser, agent: Agent, ends: Any
) -> None:
    copy = copy_of(browser)
    ends(browser, agent)
    assert not is_in(copy)
    assert copy.htmx_get("/contacts").status_code == 401


def test_reactivating_brings_no_login_back(browser: Browser, agent: Agent) -> None:
    copy = copy_of(browser)
    agents.deactivate(agent)
    agents.reactivate(agent)
    db.session.commit()
    assert not is_in(copy)


def test_a_login_is_over_at_last_however_busy_it_is(browser: Browser, agent: Agent) -> None:
    (login,) = rows_of(agent)
    ends_at = login.ends_at
    assert timedelta(0) < ends_at - utc_now() <= logins.LIFE
    browser.get("/contacts")
    assert rows_of(agent)[0].ends_at == ends_at
    assert "Set-Cookie" not in browser.get("/contacts").headers


def test_what_is_over_leaves_the_database(app: Flask, agent: Agent) -> None:
    long_ago = utc_now() - logins.LIFE
    logins.begin(agent.id, agent.password_hash, BrowserInfo("192.0.2.7", "old"), now=long_ago)
    logged_in(app, agent)
    assert [login.browser for login in db.session.query(Login)] != []
    assert "old" not in [login.browser for login in db.session.query(Login)]


def test_the_database_holds_nothing_one_could_log_in_with(browser: Browser, agent: Agent) -> None:
    with browser.client.session_transaction() as session:
        token = session["_user_id"]
    (login,) = rows_of(agent)
    assert token not in (login.digest, str(login.id))
    forged = Browser(browser.app)
    with forged.client.session_transaction() as session:
        session["_user_id"] = login.digest
    assert not is_in(forged)


def test_my_settings_say_where_when_and_last_seen(app: Flask, agent: Agent) -> None:
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
    elsewhere = Browser(app)
    elsewhere.post(
        "/login",
        {"email": agent.email, "password": PASSWORD},
        headers={"User-Agent": phone},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    db.session.execute(update(Login).values(last_seen_at=utc_now() - timedelta(hours=3)))
    here = logged_in(app, agent)
    page = here.get("/settings/me").text
    listed = page.split("Where you are logged in")[1]
    assert listed.index("This browser") < listed.index("Safari on iPhone")
    assert "192.0.2.7" in listed
    assert "last seen 3" in listed
    answer = here.htmx_post("/settings/me/logins/end-others")
    assert "You are logged out everywhere else." in answer.text
    assert "Safari on iPhone" not in answer.text
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_nobody_ends_a_colleagues_login(browser: Browser, admin_browser: Browser) -> None:
    (login,) = db.session.query(Login).join(Agent).filter(Agent.email == "deniz@demo.example")
    assert browser.post(f"/settings/me/logins/{login.id}/end").status_code == 404
    browser.post("/settings/me/logins/end-others")
    assert is_in(admin_browser)


@pytest.mark.both_databases
def test_last_seen_is_no_write_for_each_request(browser: Browser, agent: Agent) -> None:
    long_ago = utc_now() - timedelta(hours=1)
    db.session.execute(update(Login).values(last_seen_at=long_ago))
    db.session.commit()
    written: list[str] = []

    def watch(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE login"):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", watch)
    for _ in range(5):
        browser.get("/contacts")
    event.remove(db.engine, "before_cursor_execute", watch)
    assert len(written) == 1
    assert rows_of(agent)[0].last_seen_at > long_ago


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/156.0.0.0 Safari/537.36",
            ("Chrome", "Windows"),
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) … Chrome/156 Safari/537 Edg/156.0", ("Edge", "Linux")),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1; rv:150.0) Firefox/150",
            ("Firefox", "macOS"),
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156 Mobile Safari/537", ("Chrome", "Android")),
        ("curl/8.5.0", ("curl", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_named_as_people_know_it(user_agent: str, words: tuple[str, str]) -> None:
    assert browser_and_system(user_agent) == words
