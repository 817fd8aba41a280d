"""Waiting for SQLite's write lock: in even steps, and not for ever."""

import sqlite3
import threading
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError

from crm.extensions import db
from crm.models import Tally, locking
from crm.models.locking import in_one_transaction, one_write, take_write_lock
from crm.telephony.record_import import BusyError


@pytest.fixture
def other_writer(app: Flask) -> sqlite3.Connection:
    """Somebody else who has the write lock."""
    path = db.engine.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_the_lock_is_waited_for_until_it_is_free(
    other_writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        looked.set()
        freed.wait(60)

    freed = threading.Event()
    monkeypatch.setattr("crm.models.locking.time.sleep", pause)

    def free() -> None:
        looked.wait(60)
        other_writer.commit()
        freed.set()

    thread = threading.Thread(target=free)
    thread.start()
    take_write_lock()
    thread.join()
    assert pauses == [locking.PAUSE]
    assert db.session.scalar(text("PRAGMA busy_timeout")) == 10_000


@pytest.mark.usefixtures("impatient")
def test_a_writer_that_does_not_end_is_told_after_a_while(other_writer: sqlite3.Connection) -> None:
    with pytest.raises(OperationalError, match="locked"):
        take_write_lock()
    db.session.rollback()
    other_writer.commit()
    take_write_lock()


@pytest.mark.both_databases
def test_one_write_is_kept(app: Flask) -> None:
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with one_write(connection):
            connection.execute(insert(Tally).values(name="knocks", count=1))
    assert db.session.get_one(Tally, "knocks").count == 1


def test_what_fails_in_one_write_leaves_nothing_and_frees_the_lock(app: Flask) -> None:
    def write() -> None:
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            with one_write(connection):
                connection.execute(insert(Tally).values(name="knocks", count=1))
                connection.execute(text("SELECT nothing_of_that_name"))

    with pytest.raises(OperationalError, match="no such"):
        write()
    take_write_lock()
    assert db.session.get(Tally, "knocks") is None


@pytest.mark.parametrize("told", [BusyError, KeyError, KeyboardInterrupt])
def test_work_that_cannot_be_done_keeps_the_lock_from_nobody(
    app: Flask, told: type[BaseException]
) -> None:
    """An import that another terminal reads waits a second: it kept everybody else waiting."""

    def work() -> None:
        raise told

    with pytest.raises(told):
        in_one_transaction(work)
    path = db.engine.url.database
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
