"""The two places where the contract is tried: the simulator, and a real tenant if there is one.

For a real tenant set CCS_TENANT (its full host), CCS_APP_TOKEN and CCS_AGENT (an e-mail address).
Only logins and reading functions are used there. Nothing is dialled, unless CCS_DIAL has a number
whose owner knows of it and answers. The other variables are in docs/vendor.md.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from flask import Flask

from crm.callcenterstudio import Client
from crm.simulator import create_simulator
from crm.simulator.seed import DEMO
from crm.simulator.server import server_for
from tests.browser.conftest import browser_type_launch_args
from tests.contract.facts import CONFIRMED, NOT_TRIED, REAL, REFUTED, Outcome, report
from tests.contract.wire import Heard, Wire

__all__ = ["browser_type_launch_args"]  # the same Chromium

REAL_TENANT = "real tenant"
SOFTPHONE = "https://softphone.alo-tech.com/generic/sso/"


@dataclass(frozen=True)
class Place:
    """An API, an agent who may log in there, and a number that may be dialled ("": none)."""

    api_url: str
    app_token: str = field(repr=False)
    agent: str
    host: str
    softphone_url: str
    may_dial: str = ""
    is_called: bool = False  # somebody calls the agent when a test waits for it
    is_simulator: bool = False

    @property
    def wire(self) -> Wire:
        """The API without the client."""
        return Wire(self.api_url, self.app_token)

    def client(self, *, app_token: str | None = None) -> Client:
        return Client(api_url=self.api_url, app_token=app_token or self.app_token)


@pytest.fixture(scope="session")
def simulator() -> Flask:
    return create_simulator()


@pytest.fixture(scope="session")
def simulator_place(simulator: Flask) -> Iterator[Place]:
    server = server_for(simulator)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.port}/api/"
    page = f"http://127.0.0.1:{server.port}/generic/sso/"
    agent, number = DEMO.agents[0].email, "05550000001"
    yield Place(url, DEMO.app_token, agent, DEMO.host, page, number, True, True)
    server.shutdown()
    server.server_close()
    thread.join()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a `place` on the simulator, and on a real tenant when one is named."""
    if "place" in metafunc.fixturenames:
        places = ["simulator"] + [REAL_TENANT] * all(os.environ.get(name) for name in REAL)
        metafunc.parametrize("place", places, indirect=True, scope="session")


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "simulator":
        found: Place = request.getfixturevalue("simulator_place")
        return found
    host, app_token, agent = (os.environ[name] for name in REAL)
    page = os.environ.get("CCS_SOFTPHONE_URL", SOFTPHONE)
    number = os.environ.get("CCS_DIAL", "")
    api_url = os.environ.get("CCS_API_URL", f"https://{host}/api/")
    is_called = bool(os.environ.get("CCS_RING"))
    return Place(api_url, app_token, agent, host, page, number, is_called)


@pytest.fixture(scope="session")
def wire(place: Place) -> Wire:
    """The place's API without the client."""
    return place.wire


@pytest.fixture(scope="session")
def login(place: Place) -> Heard:
    """The answer to one login for all tests: too many make the older sessions stop working."""
    return place.wire.ask("login", email=place.agent)


@pytest.fixture(scope="session")
def session(login: Heard) -> str:
    """The telephony session of that login."""
    return str(login.content["session"])


# What was found on a real tenant is printed at the end of the run.


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell the reports which facts a test is about."""
    for item in items:
        facts = [mark.args[0] for mark in item.iter_markers("fact")]
        if facts and REAL_TENANT in item.name:
            item.user_properties.append(("facts", facts))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which facts held on the real tenant, and how docs/vendor.md changes."""
    words = {"passed": CONFIRMED, "failed": REFUTED, "error": NOT_TRIED, "skipped": NOT_TRIED}
    outcomes: dict[str, Outcome] = {}
    for kind, word in words.items():
        for one in terminalreporter.stats.get(kind, []):
            facts = dict(one.user_properties).get("facts", []) if one.when != "teardown" else []
            for row in facts:
                outcomes.setdefault(row, Outcome()).add(word, _why(one))
    if outcomes:
        terminalreporter.section("what a real tenant does")
        terminalreporter.write_line(report(outcomes, date.today().isoformat()))


def _why(one: pytest.TestReport) -> str:
    """The reason of a skip, or the first line of an assertion."""
    if isinstance(one.longrepr, tuple):
        return str(one.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(one.longrepr, "reprcrash", None)
    return str(crash.message).partition("\n")[0] if crash else ""
