"""Counts refused requests to the webhooks: wrong secret, too large, unreadable, too many.

`crm.telephony.inbox` and the server call `count`; the notifications page shows the counts. Nothing
else of such requests is stored, and at most one write a second is made, so that nobody can fill
the database from outside.
"""

import logging
import threading
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from crm.extensions import db
from crm.models import Tally, utc_now

log = logging.getLogger(__name__)

WRONG_SECRET = "webhook_wrong_secret"  # noqa: S105 - the name of a count
UNREADABLE = "webhook_unreadable"
TOO_MANY = "webhook_too_many"
WORDS = {
    WRONG_SECRET: "Somebody used a webhook's address with a wrong secret.",
    TOO_MANY: "More came to a webhook's address than the worker reads; it is not kept.",
    UNREADABLE: "A request to a webhook's address was too large or could not be read.",
}
SECONDS_BETWEEN = 1.0

_lock = threading.Lock()
_uncounted: dict[tuple[Flask, str], int] = {}


def count(name: str) -> None:
    """Count a request. The count is written a second later, with all others until then."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with _lock:
        is_first = (app, name) not in _uncounted
        _uncounted[app, name] = _uncounted.get((app, name), 0) + 1
    if is_first:
        log.warning(WORDS[name])
        timer = threading.Timer(SECONDS_BETWEEN, write, (app,))
        timer.daemon = True
        timer.start()


def write(app: Flask) -> None:
    """Add the requests counted since the last write to the database. Raises nothing."""
    for name, words in WORDS.items():
        with _lock:
            more = _uncounted.pop((app, name), 0)
        if not more:
            continue
        try:
            with app.app_context():
                _add(name, more, utc_now())
        except SQLAlchemyError:
            log.exception("%d requests could not be counted: %s", more, words)


def _add(name: str, more: int, now: datetime) -> None:
    tally = Tally.__table__
    values = {"count": tally.c.count + more, "last_at": now}
    more_of_them = update(tally).where(tally.c.name == name).values(values)
    with db.engine.begin() as connection:
        if connection.execute(more_of_them).rowcount:
            return
    try:
        with db.engine.begin() as connection:
            connection.execute(insert(tally).values(name=name, count=more, last_at=now))
    except IntegrityError:  # another process was first
        with db.engine.begin() as connection:
            connection.execute(more_of_them)
