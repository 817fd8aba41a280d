"""Flask's extensions, made once and bound to an application by `create_app`."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Dialect, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase

from crm import private_files, translations

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


LONGEST_SWITCH = 10.0  # seconds


class Base(DeclarativeBase):
    """What every table shares: names of constraints that migrations can rely on."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory="crm/migrations", render_as_batch=True)
login_manager = LoginManager()
# A login is bound to its cookie; an address that changes, as laptops' do, is nothing to react to.
login_manager.session_protection = None
csrf = CSRFProtect()
babel = Babel()
babel.domain_instance = translations.Catalogues()


@event.listens_for(Engine, "do_connect")
def _make_private(dialect: Dialect, _record: object, args: Any, _options: object) -> None:
    """A database in a file is for this user's eyes alone, from its first byte on."""
    if dialect.name == "sqlite" and args and not args[0].startswith((":memory:", "file:")):
        private_files.make_sqlite_file(Path(args[0]))


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Readers never wait for the writer (WAL), a second writer waits, foreign keys hold, and what
    is deleted is blanked.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=10000")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Two connections that switch a new file at one moment do not wait for each other, whatever
    the timeout says: one of them is told "database is locked" at once.
    """
    until = time.monotonic() + LONGEST_SWITCH
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
