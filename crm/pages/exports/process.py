"""Makes long lists in processes of their own, so that no screen pop waits for one.

`in_own_process` hands the request to such a process, which runs the same application with a lower
priority, and passes on its answer piece by piece. A list costs the server one thread that waits. An
agent gets one at a time, a machine makes few: others wait for their turn, or are told to try again.
Turns are locks on files, so a killed process releases its own.
"""

import fcntl
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, render_template, request
from werkzeug.exceptions import InternalServerError, default_exceptions

from crm import private_files
from crm.extensions import db
from crm.settings import Settings
from crm.web import current_agent

AT_ONCE = max(1, (os.cpu_count() or 1) // 2)  # on a machine: half of the cores are left for people
# Of a server process's eight threads; the others are for people.
WAITING_AT_MOST = 4
WAIT_SECONDS = 120
LOOK_AGAIN_SECONDS = 0.2
LOWER_PRIORITY = 10
IN_OWN_PROCESS = "crm.export"  # in the environ of such a process
PASSED_ON = ("Content-Type", "Content-Disposition", "Content-Length", "Cache-Control")

CreateApp = Callable[[], Flask]

# Fresh processes with the modules loaded: a server's process has threads and must not be forked.
_fresh = multiprocessing.get_context("forkserver")
_fresh.set_forkserver_preload(["crm.pages.exports.process"])
_threads = threading.BoundedSemaphore(WAITING_AT_MOST)


def in_own_process(make: Callable[[], Response]) -> Response:
    """The answer of `make`, made in another process.

    429 while another list of this agent's is being made, 503 while too many wait.
    """
    if IN_OWN_PROCESS in request.environ:
        return make()
    settings: Settings = current_app.extensions["settings"]
    folder = settings.queue_path.parent / "exports"
    private_files.make_folder(folder)
    agent_id = current_agent.get().id
    with ExitStack() as held:
        if not _locked(folder / f"agent-{agent_id}", held):
            abort(_later(429, own=True))
        if not _threads.acquire(blocking=False):
            abort(_later(503))
        held.callback(_threads.release)
        _wait_for_turn(folder, held)
        environ = {name: told for name, told in request.environ.items() if isinstance(told, str)}
        create_app = current_app.extensions["create_app"]
        ours, theirs = _fresh.Pipe(duplex=False)
        held.enter_context(closing(ours))
        with closing(theirs):  # the process has its own; when it ends, ours says so
            arguments = (theirs, create_app, environ)
            _fresh.Process(target=answer_into, args=arguments, daemon=True).start()
        status, headers = ours.recv()
        if status >= 400:  # noqa: PLR2004
            raise default_exceptions.get(status, InternalServerError)
        db.session.close()
        kept = held.pop_all()

    def pieces() -> Iterator[bytes]:
        """EOFError when the process has ended too early: the reader sees a broken transfer."""
        with kept:
            while piece := ours.recv_bytes():
                yield piece

    answer = Response(pieces(), status, headers, direct_passthrough=True)
    answer.call_on_close(kept.close)  # also when nobody has asked for the first piece
    return answer


def _later(status: int, *, own: bool = False) -> Response:
    return Response(render_template("errors/export.html", own=own), status, {"Retry-After": "60"})


def _locked(path: Path, held: ExitStack) -> bool:
    """Whether the lock is free; it is held until the stack is closed, or its process ends."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    held.callback(file.close)
    return True


def _wait_for_turn(folder: Path, held: ExitStack) -> None:
    db.session.close()  # no connection is held while waiting
    until = time.monotonic() + WAIT_SECONDS
    while not any(_locked(folder / f"turn-{number}", held) for number in range(AT_ONCE)):
        if time.monotonic() > until:
            abort(_later(503))
        time.sleep(LOOK_AGAIN_SECONDS)


def answer_into(theirs: Connection, create_app: CreateApp, environ: dict[str, Any]) -> None:
    """The process: answer one request into a pipe. It ends when the reader is gone."""
    os.nice(LOWER_PRIORITY)
    app = create_app()

    def started(status: str, headers: list[tuple[str, str]], *_error: Any) -> Callable[..., None]:
        theirs.send((int(status[:3]), [(name, v) for name, v in headers if name in PASSED_ON]))
        return theirs.send_bytes

    with suppress(BrokenPipeError), theirs:
        for piece in app(environ | {IN_OWN_PROCESS: True, "wsgi.input": BytesIO()}, started):
            if piece:
                theirs.send_bytes(piece)
        theirs.send_bytes(b"")
