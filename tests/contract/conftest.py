"""The two places where the client meets an API: the simulator, and a real tenant if there is one.

For a real tenant set CCS_TENANT (its full host), CCS_APP_TOKEN and CCS_AGENT (an e-mail address).
Only logins and reading functions are used there; nothing is ever dialled.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask

from crm.callcenterstudio import Client
from crm.simulator import create_simulator
from crm.simulator.hangup_posts import HangupPosts
from crm.simulator.seed import DEMO
from crm.simulator.server import server_for

REAL = ("CCS_TENANT", "CCS_APP_TOKEN", "CCS_AGENT")


@dataclass(frozen=True)
class Place:
    """An API, and an agent who may log in there."""

    api_url: str
    app_token: str = field(repr=False)
    agent: str

    def client(self, *, app_token: str | None = None) -> Client:
        return Client(api_url=self.api_url, app_token=app_token or self.app_token)


@pytest.fixture(scope="session")
def simulator() -> Flask:
    return create_simulator(hangup_posts=HangupPosts(send=lambda _: "204"))


@pytest.fixture(scope="session")
def simulator_place(simulator: Flask) -> Iterator[Place]:
    server = server_for(simulator)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.port}/api/"
    yield Place(url, DEMO.app_token, DEMO.agents[0].email)
    server.shutdown()
    server.server_close()
    thread.join()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a `place` on the simulator, and on a real tenant when one is named."""
    if "place" in metafunc.fixturenames:
        places = ["simulator"] + ["real tenant"] * all(os.environ.get(name) for name in REAL)
        metafunc.parametrize("place", places, indirect=True, scope="session")


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "simulator":
        found: Place = request.getfixturevalue("simulator_place")
        return found
    host, app_token, agent = (os.environ[name] for name in REAL)
    return Place(f"https://{host}/api/", app_token, agent)
