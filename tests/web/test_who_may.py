"""Who may do what: every address of the CRM, asked by everybody. The table is `who_may.txt`.

A new page stands in the table or this test fails; read its line before you add it. "yes" is any
answer that the page itself gives, a refused form among them.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from crm import calls
from crm.calls import follow_ups
from crm.calls.follow_ups import Due
from crm.contact_files import uploads
from crm.contacts import entries
from crm.extensions import db
from crm.models import Agent, LoggedRequest, Tenant, utc_now
from crm.settings import Settings
from crm.telephony import import_runs
from crm.telephony.import_runs import ask_to_import
from tests.unit.calls_world import make_contact
from tests.web.browser import Browser
from tests.web.conftest import logged_in
from tests.web.test_every_address import CID

TABLE = Path(__file__).with_name("who_may.txt")
COOKIE = "crm_login"
PEOPLE = ("anonymous", "agent", "other tenant", "admin")
FORM = {"number": "05320000001", "type": "Talking", "cid": CID, "with": "2"}


@pytest.fixture
def browsers(app: Flask, agent: Agent, jonas: Agent, admin: Agent) -> list[Browser]:
    """Of everybody in PEOPLE."""
    return [Browser(app), *(logged_in(app, one) for one in (agent, jonas, admin))]


def test_everybody_may_what_the_table_says_and_nothing_else(
    app: Flask, settings: Settings, tenant: Tenant, agent: Agent, browsers: list[Browser]
) -> None:
    furnish(tenant, agent)
    restore = keep(settings)
    lines = [f"{'':<62}{''.join(f'{name:<14}' for name in PEOPLE)}".rstrip()]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            words = []
            for browser in browsers:
                login = browser.client.get_cookie(COOKIE)
                answer = ask(browser, method, path_of(rule))
                words.append(word_of(answer, logs_out=rule.endpoint == "auth.log_out"))
                restore()
                if login is not None:
                    browser.client.set_cookie(COOKIE, login.value)
            said = "".join(f"{word:<14}" for word in words)
            lines.append(f"{method:<5} {rule.rule:<56}{said}".rstrip())
    found = "\n".join(lines) + "\n"
    assert found == TABLE.read_text(), "Is that what it should be? Then write it to who_may.txt."


def furnish(tenant: Tenant, agent: Agent) -> None:
    """Row 1 of everything, the agent's own where it is somebody's."""
    make_contact("Elif Şahin", "+905320000001")
    make_contact("E. Sahin", "+905320000002")
    now = utc_now()
    for kind in ("IncomingCall", "Talking", "Hangup"):
        call = calls.record_message(
            tenant_id=tenant.id,
            agent_id=agent.id,
            browser_call_id=CID,
            kind=kind,
            number="05320000001",
            activecallkey="k1",
            occurred_at=now,
        )
    call.recording_url = tenant.api_url.replace("/api/", "/recordings/k1")  # where nobody listens
    entries.write_note(1, "a note", agent_id=agent.id, tenant_id=tenant.id, now=now)
    follow_ups.set_for_call(call, agent.id, Due(now.date()), now=now)
    day = now.replace(tzinfo=None)
    ask_to_import(import_runs.start(tenant.id, day, day, now=now))
    db.session.commit()
    request = LoggedRequest(tenant_id=tenant.id, at=now, function="ping", key="session")
    request.params, request.milliseconds = {}, 1
    db.session.add(request)
    db.session.commit()
    import_id = uploads.begin("a.csv", 4, asked_by_id=agent.id, region="TR")
    uploads.add_piece(import_id, 0, b"Name")


def keep(settings: Settings) -> Callable[[], None]:
    """What puts the database back to how it is now."""
    path = Path(make_url(settings.database_url).database or "")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = shutil.copy(path, path.with_suffix(".kept"))

    def restore() -> None:
        db.session.remove()
        db.engine.dispose()  # the last connection takes the write-ahead log along
        shutil.copy(copy, path)

    return restore


def path_of(rule: Rule) -> str:
    there = {"cid": CID, "secret": "unknown", "table": "days", "filename": "css/base.css"}
    there["version"] = "0" * 12
    values = {name: there.get(name, "1") for name in rule.arguments}
    path = rule.rule
    for name, value in values.items():
        path = path.replace(f"<int:{name}>", value).replace(f"<path:{name}>", value)
        path = path.replace(f"<{name}>", value).replace(f"<string(length=12):{name}>", value)
    return path


def ask(browser: Browser, method: str, path: str) -> TestResponse:
    return browser.get(path, query_string=FORM) if method == "GET" else browser.post(path, FORM)


def word_of(answer: TestResponse, *, logs_out: bool) -> str:
    to_login = answer.headers.get("Location", "").startswith("/login") and not logs_out
    if answer.status_code == 401 or to_login:
        return "log in first"
    return {403: "no", 404: "not there", 500: "FAULT"}.get(answer.status_code, "yes")
