"""Serving the simulator: a threaded server, since each softphone page keeps a stream open.

Called by the command line (`flask simulator`) and by browser tests.
"""

from pathlib import Path

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from crm.simulator import create_simulator


class QuietRequestHandler(WSGIRequestHandler):
    """Writes no line per request: the addresses carry session keys."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def server_for(app: Flask, *, host: str = "127.0.0.1", port: int = 0) -> BaseWSGIServer:
    """A server that is bound and not yet running; port 0 takes a free one (`server.port`).

    `serve_forever()` runs it, `shutdown()` from another thread stops it. Raises OSError when the
    port is taken. Its threads are daemons.
    """
    return make_server(host, port, app, threaded=True, request_handler=QuietRequestHandler)


def run(
    port: int,
    *,
    host: str = "127.0.0.1",
    scenarios: Path | None = None,
    with_history: bool = True,
) -> None:
    """Run a freshly seeded simulator until Ctrl-C. Recordings can be fetched from itself, so that
    the demo never asks a host of the vendor's for them. Raises ScenarioError for a bad file among
    the scenarios.
    """
    app = create_simulator(
        recordings_at=f"http://{host}:{port}", scenarios=scenarios, with_history=with_history
    )
    server = server_for(app, host=host, port=port)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
