"""How two processes write the same rows at the same time, on both databases.

SQLite has one writer. A transaction that began by reading cannot write once another one has written
("database is locked", at once, whatever the timeout). So a transaction that will write takes the
write lock first and reads then. PostgreSQL locks rows; when two transactions want each other's
rows, one of them fails and begins again. Used by `crm.calls`, `crm.worker` and the webhooks.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from crm.extensions import db

Result = TypeVar("Result")

TRIES = 4
PAUSE = 0.004  # seconds between two looks at it
_BEGIN_AGAIN = ("40001", "40P01")  # PostgreSQL: serialization failure, deadlock detected
_SQLITE_BEGIN_AGAIN = ("SQLITE_BUSY", "SQLITE_LOCKED")


def take_write_lock() -> None:
    """Make this transaction the writer on SQLite, waiting for the one before; nothing elsewhere.

    Call it before the first read that a write depends on. Raises OperationalError when another
    writer holds on for longer than the connection's timeout.
    """
    connection = db.session.connection()
    driver = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        _begin_writing(connection, driver)


@contextmanager
def one_write(connection: Connection, *, wait: float | None = None) -> Iterator[None]:
    """The write lock of a SQLite file for what the block writes on a connection in autocommit.

    wait: seconds for the lock; the connection's timeout if not given. Nothing elsewhere. Raises
    OperationalError as `take_write_lock`.
    """
    driver = connection.connection.dbapi_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    _begin_writing(connection, driver, wait)
    with driver:  # commits, or rolls back what failed
        yield


def in_one_transaction(work: Callable[[], Result]) -> Result:
    """Do `work` and commit; begin again when it conflicts with another transaction.

    `work` must read everything it needs itself. The session is rolled back before it, so unwritten
    changes are lost.
    """
    db.session.rollback()
    for attempt in range(1, TRIES + 1):
        try:
            take_write_lock()
            result = work()
            db.session.commit()
        except OperationalError as error:
            db.session.rollback()
            sqlite = getattr(error.orig, "sqlite_errorname", "")
            postgresql = getattr(error.orig, "sqlstate", None)
            is_conflict = postgresql in _BEGIN_AGAIN or sqlite.startswith(_SQLITE_BEGIN_AGAIN)
            if attempt == TRIES or not is_conflict:
                raise
        except BaseException:
            db.session.rollback()  # or the lock would be held on
            raise
        else:
            return result
    raise AssertionError("unreachable")


def _begin_writing(
    connection: Connection, driver: sqlite3.Connection, wait: float | None = None
) -> None:
    """Look again and again in even steps, for as long as the connection's `busy_timeout` says.

    SQLite's own waiting looks less and less often, so that under load the lock lies idle while
    who has waited longest is overtaken until it gives up: measured, twelve writers at once got
    27 writes a second and waited up to ten seconds; this way 63, and little more than one.
    """
    before = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    until = time.monotonic() + (before / 1000 if wait is None else wait)
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _may_write(driver):
            if time.monotonic() >= until:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails with the database's own words
                return
            time.sleep(PAUSE)
    finally:
        driver.execute(f"PRAGMA busy_timeout={before}")


def _may_write(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            return False
        raise
    return True
