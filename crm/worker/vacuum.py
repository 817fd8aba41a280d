"""After an erasure nothing of the person is left in SQLite's files, the search index included.

Pages that erase ask for it (`ask_to_vacuum`); the worker does it, at once where it takes a moment,
else in the coming night.
"""

from datetime import timedelta

from crm.background import ClientFor, NotYetError, enqueue
from crm.extensions import db
from crm.models import utc_now, vacuum
from crm.worker.nights import next_night, own_zone

VACUUM = "vacuum"
AT_ONCE_UP_TO = 200_000_000  # bytes; the write lock is held for about a second
NIGHT_LASTS = timedelta(hours=1)


def ask_to_vacuum() -> None:
    """Have the files cleaned; flushes, the caller commits."""
    enqueue(VACUUM, "files")


def clean_files(_subject: str, _client_for: ClientFor) -> float | None:
    """Clean them; a large file waits for the night. Raises NotYetError while others are writing."""
    now = utc_now()
    night = next_night(now - NIGHT_LASTS, own_zone())
    db.session.rollback()
    vacuum.clean_search()
    if now < night and vacuum.file_size() > AT_ONCE_UP_TO:
        return (night - now).total_seconds()
    try:
        vacuum.vacuum()
    except vacuum.BusyError:
        raise NotYetError("Others were writing to the database all the while.") from None
    return None
