"""Chromium at an agent's desk: CRM and simulator on two origins, a microphone that plays a tone.

Each test has a database and a simulator of its own; the servers run in threads of this process.
"""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from flask import Flask
from playwright.sync_api import FrameLocator, Locator, Page, Route, expect
from sqlalchemy import select, update
from werkzeug.security import generate_password_hash

from crm import contacts, logins
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, PhoneNumber, Role, utc_now
from crm.settings import Settings
from crm.simulator import seed
from crm.telephony.account import client_for
from crm.telephony.inbox import fold_inbox
from crm.web.http import Served, Server
from crm.worker.work import run_work, take_due
from tests.conftest import SECRET_KEY
from tests.world import Simulator, running_simulator, tenant_at

PASSWORD = "a long enough password"
PASSWORD_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
QUIET_CHROMIUM = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
FAKE_AUDIO = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)

expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong

CONNECTED = "Connected. The softphone itself shows whether it is signed in"
Form = dict[str, str | float | bool]
KNOWN = "+905320000001"
UNKNOWN = "+447700900555"
SHARED = "+902120000010"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where there is one, else the browser that Playwright installed."""
    found = {"executable_path": str(DEBIAN_CHROMIUM)} if DEBIAN_CHROMIUM.exists() else {}
    return {**browser_type_launch_args, **found, "args": [*QUIET_CHROMIUM, *FAKE_AUDIO]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A laptop's screen."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}


@dataclass(frozen=True)
class Crm:
    """A running CRM. `url` has no slash at its end."""

    url: str
    app: Flask


class Desk:
    """What an agent sees and does. Names follow the page's own words."""

    def __init__(self, page: Page, crm: Crm, simulator: Simulator) -> None:
        self.page = page
        self.crm = crm
        self.simulator = simulator

    def log_in(self, email: str = "ayse@demo.example") -> None:
        """Log in and wait until the softphone is ready to ring."""
        self.page.goto(f"{self.crm.url}/login")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.wait_until_ready()

    def arrive(self, email: str = "ayse@demo.example") -> None:
        """Be logged in without the login page, which `test_login.py` is about: that is half the
        time of a short test.
        """
        self.open_desk(email)
        self.wait_until_ready()

    def open_desk(self, email: str = "ayse@demo.example") -> None:
        """The same, but the softphone may be elsewhere."""
        login = f"{self.crm.url}/login"
        [token] = re.findall(r'name="csrf-token"[^>]* content="([^"]+)"', self._asked(login))
        form: Form = {"email": email, "password": PASSWORD, "csrf_token": token}
        self._asked(login, form)
        self.page.goto(f"{self.crm.url}/contacts")

    def _asked(self, address: str, form: Form | None = None) -> str:
        """Ask with the cookies of the browser; what comes stays in it."""
        request = self.page.request
        answer = request.post(address, form=form) if form else request.get(address)
        assert answer.ok
        return answer.text()

    def wait_until_ready(self) -> None:
        """The API has taken the key, and the softphone's own page says that it is ready.

        `wait_for` looks ten times a second, an `expect` once, and every test comes by here.
        """
        known = re.compile(rf"{CONNECTED}|On a call")
        self.page.locator("#softphone-state", has_text=known).wait_for()
        self.softphone.locator("body[data-call-state=ready]").wait_for()

    @property
    def softphone(self) -> FrameLocator:
        """Inside the vendor's iframe."""
        return self.page.frame_locator("agent-softphone iframe")

    @property
    def card(self) -> Locator:
        """The newest call's card."""
        return self.page.locator(".call-card").first

    def ring(self, number: str = KNOWN, **wish: Any) -> dict[str, Any]:
        """Somebody calls Ayşe; returns the simulator's view of the call."""
        wish = {"agent": "ayse@demo.example", "number": number, **wish}
        call: dict[str, Any] = self.simulator.console("ring", **wish)
        return call

    def nobody_answers(self) -> None:
        """Whoever is dialled from now on lets it ring: the call stays as it is."""
        self.simulator.console("switches", far_side_answers_after=None)

    def answer(self) -> None:
        """Press Answer in the softphone."""
        self.softphone.get_by_role("button", name="Answer").click()

    def hang_up(self) -> None:
        """Press Hang up on the card."""
        self.card.get_by_role("button", name="Hang up").click()

    def go_to(self, name: str) -> None:
        """Follow an entry of the top bar."""
        self.page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    def open_menu(self) -> None:
        """Open the menu behind one's own name."""
        self.page.locator("details[data-menu] summary").click()

    def lose_login(self, email: str = "ayse@demo.example") -> None:
        """The login in this browser counts no more, also in cookies of answers on their way."""
        with self.crm.app.app_context():
            agent = db.session.scalars(select(Agent).filter_by(email=email)).one()
            logins.end_all(agent.id)
            db.session.commit()
            db.session.remove()

    def packets_sent(self) -> int:
        """Audio packets that the call has sent so far."""
        return int(self.softphone.locator("body").get_attribute("data-packets-sent") or 0)

    def wait_for_more_packets(self) -> None:
        """The audio flows: the count grows. Fails when it has stopped."""
        before = self.packets_sent()
        expect(self.softphone.locator("body")).not_to_have_attribute(
            "data-packets-sent", str(before)
        )
        assert self.packets_sent() > before


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator of the test's own."""
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def crm(settings: Settings, simulator: Simulator) -> Iterator[Crm]:
    """A CRM with a tenant at the simulator, its agents and a few contacts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = create_app(replace(settings, public_url=f"http://127.0.0.1:{port}"))
        with app.app_context():
            _fill(simulator)
            db.session.remove()
        with serving(app, listener), working(app):
            yield Crm(url=f"http://localhost:{port}", app=app)
    with app.app_context():
        db.engine.dispose()


def hold_back(page: Page, addresses: str) -> list[Route]:
    """The page's requests to these addresses, which wait until the test lets one go on."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route(addresses, keep)
    return waiting


@contextmanager
def serving(application: WSGIApplication, listener: socket.socket) -> Iterator[None]:
    """The server as it is shipped, in a thread of this process instead of gunicorn's."""
    server, over = Server(Served(application, None), [listener], threads=8), threading.Event()

    def serve() -> None:
        while not over.is_set():
            server.turn(0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)
        server.close()


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """Background work is done as `flask worker` does it, ten times a second, without its queue."""
    over = threading.Event()
    secret_key = app.extensions["settings"].secret_key

    def work() -> None:
        while not over.wait(0.1):
            with app.app_context():
                fold_inbox()
                for work_id in take_due(now=utc_now()):
                    run_work(work_id, client_for=lambda tenant: client_for(tenant, secret_key))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(15)


@pytest.fixture
def desk(page: Page, crm: Crm, simulator: Simulator) -> Iterator[Desk]:
    """Ayşe's desk, logged in and ready. A script error anywhere on the page fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if _is_fault(line) else None)
    desk = Desk(page, crm, simulator)
    desk.arrive()
    yield desk
    assert errors == []


def _is_fault(line: Any) -> bool:
    # An answer with an error status is written to the console by the browser itself.
    return line.type == "error" and "Failed to load resource" not in line.text


def _fill(simulator: Simulator) -> None:
    tenant = tenant_at(simulator.url, SECRET_KEY, seed.DEMO)
    other = tenant_at(simulator.url, SECRET_KEY, seed.SECOND)
    for email, name, role, where in (
        ("ayse@demo.example", "Ayşe Demir", Role.AGENT, tenant),
        ("mehmet@demo.example", "Mehmet Kaya", Role.AGENT, tenant),
        ("deniz@demo.example", "Deniz Arslan", Role.ADMIN, tenant),
        ("jonas@second.example", "Jonas Weber", Role.AGENT, other),
    ):
        db.session.add(
            Agent(
                email=email,
                name=name,
                role=role,
                tenant_id=where.id,
                studio_email=email,
                password_hash=PASSWORD_HASH,
            )
        )
    for name, company, numbers in (
        ("Elif Şahin", "Boğaz Mobilya", (KNOWN,)),
        ("Cem Yıldız", "Kuzey Lojistik", (SHARED,)),
        ("Zeynep Öz", "Kuzey Lojistik", (SHARED, "+905320000077")),
        ("John Smith", "Northgate", ("+442079460012",)),
    ):
        data = ContactData(
            name=name,
            company=company,
            email="",
            notes=f"{name} likes to be called in the morning.",
            numbers=tuple(Number(number, "work") for number in numbers),
        )
        contacts.create(data, region="TR")
    # A withheld number finds only contacts that had it before the call, told in whole seconds.
    db.session.execute(update(PhoneNumber).values(created_at=utc_now() - timedelta(hours=1)))
    db.session.commit()
