"""SQLite's own file for what webhooks write: it is moved into the database and nothing is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from crm.calls.erase import erase_calls
from crm.extensions import db
from crm.factory import create_app
from crm.models import Call, EventSource, InboxEntry, inbox_file
from crm.settings import Settings
from crm.telephony.inbox import fold_inbox
from tests.unit.calls_world import ELIF_NORMAL, World, after, in_the_inbox, make_world


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def waiting() -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(select(InboxEntry.payload).order_by(InboxEntry.id)))


def test_it_is_moved_in_the_order_it_came(world: World) -> None:
    for key in "abc":
        in_the_inbox(world.tenant.id, CallID=key)
    assert (inbox_file.move_to_database(2), inbox_file.count()) == (2, 1)
    assert (inbox_file.move_to_database(2), inbox_file.count()) == (1, 0)
    assert [payload["CallID"] for payload in waiting()] == ["a", "b", "c"]


def test_a_worker_that_is_killed_between_writing_and_deleting_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_inbox(world.tenant.id, CallID="a", MobilePhoneNumber="05320000001")
    with monkeypatch.context() as killed:
        killed.setattr(inbox_file, "delete", lambda _table: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            inbox_file.move_to_database()
    assert (inbox_file.count(), len(waiting())) == (1, 1)
    fold_inbox(seconds=60)
    assert (inbox_file.count(), len(waiting())) == (0, 0)
    ours = select(Call).where(Call.tenant_id == world.tenant.id)
    assert [call.activecallkey for call in db.session.scalars(ours)] == ["a"]


@pytest.mark.usefixtures("impatient")
def test_while_the_database_cannot_be_written_it_stays(world: World) -> None:
    in_the_inbox(world.tenant.id, CallID="a")
    with create_engine(db.engine.url).connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError):
            inbox_file.move_to_database()
        writer.rollback()
    assert inbox_file.count() == 1
    assert inbox_file.move_to_database() == 1


def test_what_came_for_a_tenant_that_is_gone_holds_up_nothing(world: World) -> None:
    in_the_inbox(4711, CallID="a")
    in_the_inbox(world.tenant.id, CallID="b")
    inbox_file.move_to_database()
    assert [payload["CallID"] for payload in waiting()] == ["b"]
    assert inbox_file.count() == 0


def test_an_erased_person_is_in_nothing_that_has_not_been_moved(world: World) -> None:
    in_the_inbox(world.tenant.id, CallID="a", MobilePhoneNumber="0532 000 00 01", who="Elif")
    in_the_inbox(4711, MobilePhoneNumber="0532 000 00 01")
    in_the_inbox(world.tenant.id, CallID="b", MobilePhoneNumber="0532 000 00 02")
    erase_calls(0, {ELIF_NORMAL}, now=after(100))
    db.session.commit()
    inbox_file.move_to_database()
    assert "05320000001" not in str(waiting()).replace(" ", "")
    assert [payload["CallID"] for payload in waiting()] == ["a", "b"]
    assert "Elif" not in str(waiting())


def test_the_file_is_made_by_whoever_comes_first(app: Flask, settings: Settings) -> None:
    """Several processes of gunicorn get their first webhooks at the same moment."""
    tenant_id = make_world().tenant.id
    together = threading.Barrier(6, timeout=30)

    def first_webhook(other: Flask) -> None:
        with other.app_context():
            together.wait()
            in_the_inbox(tenant_id, CallID="a")
            for engine in db.engines.values():
                engine.dispose()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(first_webhook, [create_app(settings) for _process in range(6)]))
    assert inbox_file.count() == 6


def test_nobody_is_told_that_a_new_file_is_locked(app: Flask, tmp_path: Path) -> None:
    together = threading.Barrier(6, timeout=30)

    def connect(number: int) -> None:
        engine = create_engine(f"sqlite:///{tmp_path}/{number // 6}.db", poolclass=NullPool)
        together.wait()
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA user_version")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(connect, range(6 * 100)))


@pytest.mark.both_databases
def test_postgresql_has_no_such_file(app: Flask, world: World) -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"
    assert (inbox_file.engine() is not None) is is_sqlite
    assert inbox_file.move_to_database() == inbox_file.count() == 0
    assert inbox_file.unread(world.tenant.id, EventSource.NOTIFICATION, 5) == []
