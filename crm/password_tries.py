"""How often a wrong password may be tried, counted in the database for all processes together.

A try is counted before the password is checked, so that many at once do not pass as one. A right
password is taken off again: only wrong ones count. Past its limit each further try waits until an
earlier one is forgotten. That slows guessing down, and whoever forgot a password waits a minute,
not a quarter of an hour. Used by the login and by "Change password"; see
docs/adr/0015-password-tries.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, text

from crm.extensions import db
from crm.models import PasswordTries
from crm.models.locking import in_one_transaction


@dataclass(frozen=True)
class Limit:
    """How many tries are allowed at once, and how fast they are forgotten."""

    tries: int
    seconds: int  # until one try is forgotten, one after the other

    @property
    def pace(self) -> timedelta:
        """The time in which one try is forgotten."""
        return timedelta(seconds=self.seconds)


#: One e-mail from one address; one agent in a known browser; one's own password.
ONE_ACCOUNT = Limit(tries=10, seconds=90)
#: All e-mails from one address: an office shares one, and so do attacks on many e-mails.
ONE_ADDRESS = Limit(tries=30, seconds=30)
#: One e-mail from all addresses: attacks from many of them.
ONE_EMAIL = Limit(tries=100, seconds=30)

#: What tries have in common, in words -> how many of them there may be.
Ways = Mapping[str, Limit]


def take(ways: Ways, *, now: datetime) -> timedelta | None:
    """Count one try and commit; or return how long to wait for it, and count nothing."""

    def count() -> timedelta | None:
        _lock_table()
        _forget(now)
        rows = _rows(ways)
        wait = _wait(rows, ways, now)
        if wait is None:
            for key, limit in _by_key(ways).items():
                before = _forgotten_at(rows.get(key), now)
                db.session.merge(PasswordTries(key=key, forgotten_at=before + limit.pace))
            db.session.flush()
        return wait

    wait = _wait(_rows(ways), ways, now)  # first without a lock: a flood of tries writes nothing
    return wait if wait is not None else in_one_transaction(count)


def give_back(ways: Ways, *, now: datetime) -> None:
    """The password was right: take back what `take` counted.

    Call it in a transaction that may write (`crm.models.locking`).
    """
    _lock_table()
    for key, row in _rows(ways).items():
        row.forgotten_at -= _by_key(ways)[key].pace
    db.session.flush()
    _forget(now)


def _forget(now: datetime) -> None:
    db.session.execute(delete(PasswordTries).where(PasswordTries.forgotten_at <= now))


def _wait(rows: Mapping[str, PasswordTries], ways: Ways, now: datetime) -> timedelta | None:
    """How long until every way has a try left; None when all have one now."""
    waits = [
        _forgotten_at(rows.get(key), now) + limit.pace - limit.pace * limit.tries - now
        for key, limit in _by_key(ways).items()
    ]
    return max(waits) if max(waits) > timedelta(0) else None


def _rows(ways: Ways) -> dict[str, PasswordTries]:
    found = select(PasswordTries).where(PasswordTries.key.in_(_by_key(ways)))
    fresh = found.execution_options(populate_existing=True)
    return {row.key: row for row in db.session.scalars(fresh)}


def _by_key(ways: Ways) -> dict[str, Limit]:
    """Of an e-mail or address that was tried, only a digest is stored."""
    return {sha256(way.encode()).hexdigest(): limit for way, limit in ways.items()}


def _forgotten_at(row: PasswordTries | None, now: datetime) -> datetime:
    return max(row.forgotten_at, now) if row is not None else now


def _lock_table() -> None:
    """One at a time, so that no two insert the same row; on SQLite the write lock does it."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE password_tries IN EXCLUSIVE MODE"))
