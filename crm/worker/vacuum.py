"""Removes what is left of an erased person in SQLite's files: search index, free pages and WAL.

Pages that erase call `ask_to_vacuum`. The worker does it at once if the file is small, else the
next night. `secure_delete`, which is on for every connection, blanks deleted data. Only VACUUM
removes what pages keep between their cells when they are split and merged. PostgreSQL cleans up by
itself (docs/calls.md).
"""

from datetime import timedelta

from sqlalchemy.exc import OperationalError

from crm.background import ClientFor, NotYetError, enqueue
from crm.extensions import db
from crm.models import utc_now
from crm.worker.schedule import next_night, own_zone

VACUUM = "vacuum"
AT_ONCE_UP_TO = 200_000_000  # bytes; the write lock is held for about a second
NIGHT_LASTS = timedelta(hours=1)
PAGES_AT_ONCE = 200  # of the search index; some milliseconds under the write lock


def ask_to_vacuum() -> None:
    """Ask the worker to clean the files; flushes, the caller commits."""
    enqueue(VACUUM, "files")


def clean_files(_subject: str, _client_for: ClientFor) -> float | None:
    """Clean the files; a large one waits for the night. Raises NotYetError while others write."""
    if db.engine.dialect.name != "sqlite":
        return None
    now = utc_now()
    night = next_night(now - NIGHT_LASTS, own_zone())
    db.session.rollback()
    clean_search()
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    if now < night and size > AT_ONCE_UP_TO:
        return (night - now).total_seconds()
    vacuum()
    return None


def clean_search() -> None:
    """Drop the words of deleted contacts from the segments of the search index.

    FTS5 only marks them as deleted until segments are merged. They are merged a piece at a time, so
    that other writers get the lock in between.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        merge = "INSERT INTO contact_search(contact_search, rank) VALUES ('merge', ?)"
        pages = -PAGES_AT_ONCE  # negative: merges all segments into one

        def total_changes() -> int:
            return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())

        while True:
            before = total_changes()
            connection.exec_driver_sql(merge, (pages,))
            if pages > 0 and total_changes() - before <= 1:  # the command itself
                return
            pages = PAGES_AT_ONCE


def vacuum() -> None:
    """Rewrite the files without deleted data, and empty their WALs.

    Nobody else can write meanwhile, except webhooks: they have a small file of their own. Raises
    NotYetError if another writer had the lock.
    """
    busy = NotYetError("Others were writing to the database all the while.")
    for engine in db.engines.values():
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                connection.exec_driver_sql("VACUUM")
            except OperationalError as error:
                if "locked" in str(error.orig):
                    raise busy from None
                raise
            if connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
                raise busy
