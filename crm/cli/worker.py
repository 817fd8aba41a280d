"""`flask worker`: does the background work until it is stopped.

The rows of `Work` are the memory (`crm.worker`); huey runs them, a few at once, in threads. Once a
second the worker looks for rows that are due, so whoever asks for work writes a row and need not
reach the queue; a thread that is done takes the next row at once: see
docs/adr/0005-background-work.md.
"""

import logging
import threading
import time
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from huey import RedisHuey, SqliteHuey
from huey.consumer import Consumer, Scheduler
from huey.exceptions import ConfigurationError
from huey.serializer import SignedSerializer
from sqlalchemy.exc import SQLAlchemyError

from crm import private_files
from crm.models import Tenant, utc_now
from crm.settings import Settings
from crm.telephony import account
from crm.telephony.inbox import fold_inbox
from crm.worker import schedule, work
from crm.worker.catch_up import catch_up

log = logging.getLogger(__name__)

THREADS = 4
SECONDS_TO_STOP = 1
SECONDS_BETWEEN_LOOKS_AT_THE_SCHEDULE = 60.0


@click.command("worker")
@with_appcontext
def command() -> None:
    """Do the background work: fetch records, import, reconcile. Ctrl-C stops it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    click.echo("Worker: waiting for work. Ctrl-C stops it.")
    make_consumer(app).run()


def make_consumer(app: Flask) -> Consumer:
    """huey's consumer for this application: THREADS threads, and a clock that finds due work."""
    settings: Settings = app.extensions["settings"]
    queue = make_queue(settings)
    stopping = threading.Event()

    @queue.task(name="run_work")  # type: ignore[untyped-decorator]
    def run_work(work_id: int) -> None:
        """Do one row, and then what else is due, as long as nothing is queued for this thread."""
        mine: int | None = work_id
        while mine is not None:
            with app.app_context():
                work.run_work(mine, client_for=client_for)
                mine = next_due()

    def next_due() -> int | None:
        if stopping.is_set() or len(queue):
            return None
        return next(iter(work.take_due(now=utc_now(), limit=1)), None)

    def client_for(tenant: Tenant) -> Any:
        return account.client_for(tenant, settings.secret_keys)

    def queue_due_work() -> None:
        room = THREADS - len(queue)  # no more than is done long before the lease is over
        if room > 0:
            with app.app_context():
                for work_id in work.take_due(now=utc_now(), limit=room):
                    run_work(work_id)

    class Clock(Scheduler):  # type: ignore[misc]
        """huey's own, which also looks for work whose time has come."""

        look_at_schedule_at = 0.0

        def loop(self, now: Any = None) -> None:
            """Once a second."""
            try:
                with app.app_context():
                    fold_inbox()
                    catch_up(utc_now())
                self.look_at_schedule()
                queue_due_work()
            except SQLAlchemyError:
                log.exception("The database cannot be asked for work; trying again.")
            super().loop(now)

        def look_at_schedule(self) -> None:
            """Once a minute, and when the worker starts."""
            if time.monotonic() >= self.look_at_schedule_at:
                with app.app_context():
                    schedule.ensure(utc_now())
                self.look_at_schedule_at = time.monotonic() + SECONDS_BETWEEN_LOOKS_AT_THE_SCHEDULE

    class Worker(Consumer):  # type: ignore[misc]
        scheduler_class = Clock

        def stop(self, graceful: bool = False) -> None:
            """Let no thread take another row, then stop as huey does."""
            stopping.set()
            super().stop(graceful)

    return Worker(
        queue,
        workers=THREADS,
        periodic=False,
        max_delay=0.2,
        scheduler_interval=1,
        shutdown_timeout=SECONDS_TO_STOP,
    )


def make_queue(settings: Settings) -> Any:
    """The queue: a SQLite file, or Redis with REDIS_URL. Its messages are signed."""
    signed = SignedSerializer(secret=settings.secret_key, salt="contact-desk queue")
    if settings.redis_url is None:
        private_files.make_folder(settings.queue_path.parent)
        private_files.make_sqlite_file(settings.queue_path)
        path = str(settings.queue_path)
        return SqliteHuey("contact-desk", filename=path, results=False, serializer=signed)
    try:
        return RedisHuey("contact-desk", url=settings.redis_url, results=False, serializer=signed)
    except ConfigurationError as error:
        raise click.ClickException(f"REDIS_URL cannot be used: {error}") from None
