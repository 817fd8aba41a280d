"""`flask doctor` against each fault that it names, over real HTTP, and that it tells no secret."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from crm import secret_box
from crm.background import enqueue
from crm.extensions import db
from crm.models import Agent, Tenant, utc_now
from crm.pages.settings.checks import installation
from crm.pages.settings.checks.at_installation import AT_INSTALLATION
from crm.pages.settings.checks.at_server import AT_SERVER
from crm.simulator import seed
from crm.telephony import reach
from crm.telephony.webhook_check import Arrival, send
from crm.worker import schedule
from tests.browser.running import serving
from tests.conftest import SECRET_KEY
from tests.unit.callcenterstudio.vendor import Vendor, resets, says, sends
from tests.web.browser import Browser
from tests.world import Simulator

Rows = dict[str, dict[str, str]]


class Doctor:
    """Runs the command, and gives the rows of one tenant and of the installation."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.exit_code = 0
        self.said = ""

    def asks(self, *options: str) -> Rows:
        result = self.app.test_cli_runner().invoke(args=["doctor", "--json", *options])
        self.exit_code, self.said = result.exit_code, result.output
        return {row["check"]: row for rows in json.loads(result.output).values() for row in rows}

    def set(self, **settings: Any) -> None:
        before = self.app.extensions["settings"]
        self.app.extensions["settings"] = replace(before, **settings)


@pytest.fixture
def doctor(app: Flask, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doctor]:
    """Of a CRM in good health: its address answers, its worker has run, its vendor is there."""
    monkeypatch.setattr(reach, "SECONDS", 3.0)
    enqueue(schedule.SUMMARISE, "calls", delay=60, now=utc_now())
    db.session.commit()
    doctor = Doctor(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        doctor.set(public_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        with serving(app, listener):
            yield doctor


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    yield server
    server.close()


def test_all_is_well(doctor: Doctor, agent: Agent) -> None:
    rows = doctor.asks("--agent", agent.email)
    assert [row for row in rows.values() if row["state"] != "fine"] == [rows["webhook"]]
    assert doctor.exit_code == 0
    assert {*rows} == {check.id for check in (*AT_INSTALLATION, *AT_SERVER)}


def test_for_people_it_says_what_is_wrong_and_where_to_mend_it(doctor: Doctor) -> None:
    db.session.execute(text("DELETE FROM work"))
    db.session.commit()
    result = doctor.app.test_cli_runner().invoke(args=["doctor"])
    assert "  BROKEN    Background work: No worker has run yet.\n" in result.output
    assert "            Start flask worker.\n" in result.output
    assert result.output.endswith("1 broken, 2 unknown.\n")
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("switch", "found"),
    [
        ({"api_answers": "500"}, "trouble"),
        ({"api_answers": "429"}, "trouble"),
        ({"api_answers": "dropped"}, "no_answer"),
        ({"api_answers": "html"}, "odd_answer"),
    ],
)
def test_an_api_in_trouble(
    doctor: Doctor, simulator: Simulator, switch: dict[str, str], found: str
) -> None:
    simulator.console("switches", **switch)
    assert doctor.asks()["api"]["found"] == found
    assert doctor.exit_code == 1


@pytest.mark.parametrize(
    ("change", "check", "found"),
    [
        ({"app_token_sealed": None}, "token", "missing"),
        ({"app_token_sealed": "sealed with another key"}, "token", "lost"),
        ({"app_token_sealed": secret_box.seal("old", key=SECRET_KEY)}, "token", "refused"),
        ({"hook_secret_sealed": "sealed with another key"}, "hangup_address", "lost"),
        ({"hook_secret_sealed": "sealed with another key"}, "webhook_check", "not_sent"),
        ({"hook_secret_digest": "of another database"}, "webhook_check", "wrong_secret"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "api", "no_answer"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "vendor_clock", "unknown"),
        ({"softphone_url": "http://127.0.0.1:9/"}, "softphone_page", "no_answer"),
    ],
)
def test_a_tenant_in_trouble(
    doctor: Doctor, tenant: Tenant, change: dict[str, str | None], check: str, found: str
) -> None:
    for field, value in change.items():
        setattr(tenant, field, value)
    db.session.commit()
    assert doctor.asks()[check]["found"] == found


def test_a_softphone_that_forbids_frames(doctor: Doctor, tenant: Tenant, vendor: Vendor) -> None:
    vendor.will(sends("phone", headers={"Content-Security-Policy": "frame-ancestors 'none'"}))
    tenant.softphone_url = vendor.url
    db.session.commit()
    assert doctor.asks()["softphone_page"]["found"] == "forbids"


def test_an_agent_who_may_not_log_in(doctor: Doctor, agent: Agent) -> None:
    agent.studio_email = "nobody@demo.example"
    db.session.commit()
    row = doctor.asks("--agent", agent.email)["agent_login"]
    assert row["found"] == "refused"
    assert "nobody@demo.example" in row["said"]


def test_the_newest_login_is_tried_again(
    doctor: Doctor, browser: Browser, simulator: Simulator
) -> None:
    assert doctor.asks()["agent_login"]["found"] == "works"
    assert simulator.asked["login"] == 1
    simulator.console("expire-sessions")
    assert doctor.asks()["agent_login"]["found"] == "over"


@pytest.mark.parametrize(("ahead", "found"), [(29.0, "right"), (-31.0, "wrong"), (None, "unknown")])
def test_clocks_that_differ(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, ahead: float | None, found: str
) -> None:
    monkeypatch.setattr(reach, "seconds_ahead", lambda _url: ahead)
    assert doctor.asks()["vendor_clock"]["found"] == found


@pytest.mark.parametrize(
    ("date", "is_known"),
    [
        (b"Date: Sat, 01 Aug 2026 10:00:00 GMT\r\n", True),
        (b"Date: Sat, 01 Aug 2026 10:00:00 -0000\r\n", True),
        (b"Date: soon\r\n", False),
        (b"", False),
    ],
)
def test_the_vendors_clock_is_read_from_an_answer(
    vendor: Vendor, date: bytes, is_known: bool
) -> None:
    def tells(_vendor: Vendor, handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + date + b"Content-Length: 0\r\n\r\n")

    vendor.will(tells)
    assert (reach.seconds_ahead(vendor.url) is not None) is is_known
    assert vendor.paths == ["/"]


@pytest.mark.parametrize(
    ("version", "found"),
    [("0001", "behind"), ("9999", "ahead"), ("", "empty")],
)
def test_tables_of_another_version(doctor: Doctor, version: str, found: str) -> None:
    change = "UPDATE alembic_version SET version_num = :it" if version else "DELETE FROM "
    db.session.execute(text(change if version else f"{change} alembic_version"), {"it": version})
    db.session.commit()
    rows = doctor.asks()
    assert {name: row["found"] for name, row in rows.items()} == {"database": found}
    assert "upgrade" in rows["database"]["mend"] or "newer" in rows["database"]["mend"]
    assert doctor.exit_code == 1


def test_a_queue_that_is_away(doctor: Doctor) -> None:
    doctor.set(redis_url="redis://:a-password@127.0.0.1:9/0")
    assert doctor.asks()["queue"]["found"] == "no_answer"
    assert "a-password" not in doctor.said


@pytest.mark.parametrize(("free", "found"), [(1_500_000_000, "little"), (100_000_000, "full")])
def test_a_disk_without_room(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, free: int, found: str
) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert doctor.asks()["disk"]["found"] == found


def test_files_that_others_can_read_or_we_cannot_write(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert doctor.asks()["files"]["found"] == "private"
    (tmp_path / "crm.db").chmod(0o644)
    row = doctor.asks()["files"]
    assert row["found"] == "readable"
    assert row["said"].endswith("crm.db")
    monkeypatch.setattr(os, "access", lambda file, _mode: file.name != "crm.db")
    assert doctor.asks()["files"]["found"] == "not_writable"


@pytest.mark.parametrize(
    ("arrival", "trusted", "found"),
    [
        (Arrival("arrived", "https", "crm.example"), 0, "right"),
        (Arrival("arrived", "https", "crm.example", 2), 2, "right"),
        (Arrival("arrived", "http", "10.0.0.1", 1), 0, "too_few"),
        (Arrival("arrived", "https", "crm.example", 1), 2, "too_many"),
        (Arrival("arrived", "http", "crm.example", 1), 1, "scheme"),
        (Arrival("arrived", "https", "10.0.0.1:5000", 1), 1, "host"),
        (Arrival("no_answer"), 1, "unknown"),
        (None, 1, "unknown"),
    ],
)
def test_proxies_are_trusted_rightly(
    doctor: Doctor,
    monkeypatch: pytest.MonkeyPatch,
    arrival: Arrival | None,
    trusted: int,
    found: str,
) -> None:
    monkeypatch.setattr(reach, "public_address", lambda _url: "no_answer")
    doctor.set(public_url="https://crm.example", trusted_proxies=trusted)
    with doctor.app.app_context():
        assert installation.about_installation(arrival)["proxy"].found == found


def test_a_webhook_of_our_own_tells_how_it_arrived_and_leaves_nothing(
    doctor: Doctor, anonymous: Browser, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = doctor.app.extensions["settings"].public_url
    address = f"{url}/webhooks/check/{tenant.hook_secret}"
    sent = send(address, secret_key=SECRET_KEY, seconds=3)
    assert sent == Arrival("arrived", "http", url.removeprefix("http://"), 0)
    assert (
        send(f"{url}/webhooks/check/wrong", secret_key=SECRET_KEY, seconds=3).found
        == "wrong_secret"
    )
    assert send(address, secret_key="other", seconds=3).found == "something_else"
    for told in ("webhook_inbox", "tally"):
        assert db.session.scalar(text(f"SELECT count(*) FROM {told}")) == 0
    # Without the CRM's own signature there is no such address, whatever the secret.
    for form in ({}, {"check": "forged"}):
        assert anonymous.client.post(address.removeprefix(url), data=form).status_code == 404


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (says({"process": "ok"}), "something_else"),
        (says([1]), "something_else"),
        (sends("<h1>Welcome to nginx</h1>"), "something_else"),
        (sends("", status=302, headers={"Location": "/login"}), "something_else"),
        (sends("", status=403), "something_else"),
        (sends("", status=502), "something_else"),
        (resets, "no_answer"),
    ],
)
def test_a_stranger_at_public_url(vendor: Vendor, answer: Any, found: str) -> None:
    vendor.will(answer)
    assert send(vendor.url, secret_key=SECRET_KEY, seconds=3).found == found


@pytest.mark.parametrize(
    ("option", "words"),
    [("--tenant", "There is no tenant nobody"), ("--agent", "There is no agent nobody")],
)
def test_a_name_that_is_not_there(doctor: Doctor, option: str, words: str) -> None:
    result = doctor.app.test_cli_runner().invoke(args=["doctor", option, "nobody"])
    assert result.exit_code == 1
    assert words in result.output


def test_it_prints_no_secret(doctor: Doctor, browser: Browser, tenant: Tenant) -> None:
    doctor.asks()
    for secret in (tenant.hook_secret, seed.DEMO.app_token, SECRET_KEY):
        assert secret not in doctor.said
