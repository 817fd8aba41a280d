"""Chromium at an agent's desk: CRM and simulator on two origins, a microphone that plays a tone.

Each test has a database and a simulator of its own; the servers run in threads of this process.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, Route, expect
from sqlalchemy import select

from crm import logins
from crm.extensions import db
from crm.models import Agent
from crm.settings import Settings
from tests.browser.running import (
    KNOWN,
    PASSWORD,
    SHARED,
    UNKNOWN,
    Crm,
    add_agents,
    add_contacts,
    running_crm,
    serving,
)
from tests.world import Simulator, running_simulator

__all__ = ["KNOWN", "PASSWORD", "SHARED", "UNKNOWN", "Crm", "serving"]  # for the tests

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


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where there is one, else the browser that Playwright installed."""
    found = {"executable_path": str(DEBIAN_CHROMIUM)} if DEBIAN_CHROMIUM.exists() else {}
    return {**browser_type_launch_args, **found, "args": [*QUIET_CHROMIUM, *FAKE_AUDIO]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A laptop's screen."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}


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
        """Log in and wait until the softphone is ready to ring."""
        self.open_desk(email)
        self.wait_until_ready()

    def open_desk(self, email: str = "ayse@demo.example") -> None:
        """The same, but the softphone may be elsewhere."""
        self.enter(email)
        self.page.goto(f"{self.crm.url}/contacts")

    def enter(self, email: str) -> None:
        """Be logged in without the login page, which `test_login.py` is about: that is half the
        time of a short test. Opens no page.
        """
        login = f"{self.crm.url}/login"
        [token] = re.findall(r'name="csrf-token"[^>]* content="([^"]+)"', self._asked(login))
        form: Form = {"email": email, "password": PASSWORD, "csrf_token": token}
        self._asked(login, form)

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
        self.page.locator("#softphone-state:is(.is-connected, .is-call)").wait_for()
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
        """Press Answer in the softphone, whose words may be in any language."""
        self.softphone.locator("[data-do=answer]:visible").click()

    def hang_up(self) -> None:
        """Press Hang up on the card."""
        self.card.locator("button.hang-up").click()

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

    def fill() -> None:
        add_agents(simulator)
        add_contacts()

    with running_crm(settings, fill) as crm:
        yield crm


def hold_back(page: Page, addresses: str) -> list[Route]:
    """The page's requests to these addresses, which wait until the test lets one go on."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route(addresses, keep)
    return waiting


@pytest.fixture
def desk(page: Page, crm: Crm, simulator: Simulator) -> Iterator[Desk]:
    """Ayşe's desk, logged in and ready. A script error anywhere on the page fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if is_fault(line) else None)
    desk = Desk(page, crm, simulator)
    desk.arrive()
    yield desk
    assert errors == []


def is_fault(line: Any) -> bool:
    """Whether a line of the console says that something is wrong with a page."""
    # An answer with an error status is written to the console by the browser itself; what failed
    # without a network, by htmx. The page tells both.
    told = ("Failed to load resource", "htmx:error: Failed to fetch")
    return line.type == "error" and not any(text in line.text for text in told)
