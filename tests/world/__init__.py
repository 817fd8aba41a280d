"""The simulator as a server of its own, and a tenant of the CRM that points at it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from flask import Flask, request

from crm import secret_box
from crm.extensions import db
from crm.models import Tenant
from crm.simulator import create_simulator
from crm.simulator import seed as simulator_seed
from crm.simulator.calls import Call
from crm.simulator.server import server_for
from crm.simulator.switchboard import Switchboard


@dataclass(frozen=True)
class Simulator:
    """A running simulator. `url` has no slash at its end."""

    url: str
    app: Flask
    asked: Counter[str]  # how often each function of the API was called

    @property
    def switchboard(self) -> Switchboard:
        """Its state."""
        switchboard: Switchboard = self.app.extensions["switchboard"]
        return switchboard

    def wait_for_call(self) -> Call:
        """The one call that is open; click2call is asynchronous, so it may come a moment later."""
        board = self.switchboard
        with board.changed:
            assert board.changed.wait_for(board.open_calls, timeout=60), "no call came"
            (call,) = board.open_calls()
        return call

    def console(self, action: str, **content: Any) -> Any:
        """Do what the console does, through its control API."""
        answer = requests.post(f"{self.url}/console/api/{action}", json=content, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


@contextmanager
def running_simulator(**options: Any) -> Iterator[Simulator]:
    """A simulator on a free port of this machine, until the block ends."""
    app = create_simulator(**options)
    asked: Counter[str] = Counter()

    @app.before_request
    def count() -> None:
        if request.path == "/api/":
            asked[request.values.get("function", "")] += 1

    server = server_for(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Simulator(url=f"http://127.0.0.1:{server.server_port}", app=app, asked=asked)
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Look again until something holds that another thread or process brings about."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def tenant_at(
    simulator_url: str, secret_key: str, seed: simulator_seed.Tenant = simulator_seed.DEMO
) -> Tenant:
    """A tenant of the CRM whose vendor is the simulator; committed."""
    tenant = Tenant(
        name=seed.name,
        host=seed.host,
        api_url=f"{simulator_url}/api/",
        softphone_url=f"{simulator_url}/generic/sso/",
        app_token_sealed=secret_box.seal(seed.app_token, key=secret_key),
        timezone=seed.timezone,
        region="TR" if seed.name == "demo" else "DE",
        hook_secret=f"the-hook-secret-of-{seed.name}",
    )
    db.session.add(tenant)
    db.session.commit()
    return tenant
