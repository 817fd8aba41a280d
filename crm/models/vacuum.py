"""Leaves nothing of deleted rows in SQLite's files: not in the search, free pages or the WAL.

`crm.worker.vacuum` calls these after a person was erased. SQLite's `secure_delete`, which every
connection has on, blanks what is deleted from then on; what pages keep between their cells when
they are split and merged, only VACUUM takes away. PostgreSQL cleans up by itself (docs/calls.md).
"""

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from crm.extensions import db

PAGES_AT_ONCE = 200  # of the search index; some milliseconds under the write lock


class BusyError(Exception):
    """Somebody was reading or writing all the while; to be tried again."""


def file_size() -> int:
    """Bytes of the database's file; 0 where the database is no file of SQLite."""
    if db.engine.dialect.name != "sqlite":
        return 0
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def clean_search() -> None:
    """Drop the words of deleted contacts from the segments of the search index.

    FTS5 only marks them as deleted until segments are merged. Merged here a piece at a time, so
    that other writers get the lock in between.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        merge = "INSERT INTO contact_search(contact_search, rank) VALUES ('merge', ?)"
        pages = -PAGES_AT_ONCE  # negative: all segments are to become one
        while True:
            before = _total_changes(connection)
            connection.exec_driver_sql(merge, (pages,))
            if pages > 0 and _total_changes(connection) - before <= 1:  # the command itself
                return
            pages = PAGES_AT_ONCE


def vacuum() -> None:
    """Write the files anew without what was deleted, and empty their WALs.

    Nobody else can write meanwhile, but for the webhooks: theirs is a file of its own, and small.
    Raises BusyError when somebody else had the lock.
    """
    for engine in db.engines.values():
        _vacuum(engine)


def _vacuum(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.exec_driver_sql("VACUUM")
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise BusyError from None
            raise
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        if busy:
            raise BusyError


def _total_changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())
