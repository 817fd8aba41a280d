"""The simulator as a process, and a client of its console.

`python -m tests.soak.vendor PORT [DESKS]`; without DESKS it has the people of the simulated day.

The day's actors and its troubles use the client; nothing of it is the CRM's.
"""

import http.client
import json
import sys
from typing import Any

from crm.simulator import create_simulator
from crm.simulator.server import server_for
from tests.soak import company

HOST = "127.0.0.1"
MOST_OPEN_CALLS = 500
SECONDS = 20.0


class VendorError(Exception):
    """The simulator refused; its sentence."""


class Vendor:
    """The simulator's console, over HTTP. A connection for each request, as its server wants."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"

    def get(self, path: str) -> Any:
        """The answer as JSON."""
        return self._ask("GET", f"/console/api/{path}", None)

    def post(self, path: str, **fields: Any) -> Any:
        """The answer as JSON."""
        return self._ask("POST", f"/console/api/{path}", fields)

    def press(self, call: int, button: str, *, page: str, session: str, **fields: str) -> None:
        """A button of the softphone page, for a call that it shows."""
        told = {"page": page, "session": session, **fields}
        self._ask("POST", f"/generic/calls/{call}/{button}", told)

    def faults(self) -> dict[str, int]:
        """What happened so far -> how often."""
        counted: dict[str, int] = self.get("state")["faults"]
        return counted

    def _ask(self, method: str, path: str, fields: dict[str, Any] | None) -> Any:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=SECONDS)
        body = None if fields is None else json.dumps(fields)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise VendorError(f"{method} {path}: {answer.status} {text[:200].decode()}")
        return json.loads(text) if text else None


def main(port: int, desks: int | None = None) -> None:
    """Serve until the process is ended."""
    app = create_simulator(
        seed=company.with_desks(desks) if desks else company.TENANTS,
        recordings_at=f"http://{HOST}:{port}",
        most_open_calls=max(MOST_OPEN_CALLS, desks or 0),
        with_history=False,
    )
    server_for(app, host=HOST, port=port).serve_forever()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
