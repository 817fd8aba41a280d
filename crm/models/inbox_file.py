"""The webhook inbox on SQLite: a file of its own beside the database.

SQLite allows one writer a file, and an import, a page or VACUUM may hold the lock for seconds. The
vendor sends once, and how long it waits for an answer is not known. So a webhook writes to this
file, whose lock is held for one row at most. Once a second the worker calls `move_to_database`.
PostgreSQL has many writers: there webhooks write to the table itself, and there is no such file.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakSet

from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Integer,
    MetaData,
    Table,
    delete,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from crm.extensions import db
from crm.models.base import UtcDateTime, words
from crm.models.call import EventSource
from crm.models.locking import in_one_transaction, one_write
from crm.models.tenant import Tenant
from crm.models.webhook_inbox import InboxEntry

SUFFIX = "-inbox"  # behind the name of the database's file
AT_ONCE = 2000

_BIND = "inbox"
_ready: WeakSet[Engine] = WeakSet()  # files that have their table
_TABLE = Table(
    "webhook_inbox",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("tenant_id", Integer, nullable=False),
    Column("source", words(EventSource), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("payload", JSON, nullable=False),
    sqlite_autoincrement=True,  # no id again, so what is taken over is deleted by its id
)
_FIELDS = [_TABLE.c.tenant_id, _TABLE.c.source, _TABLE.c.received_at, _TABLE.c.payload]


def binds(database_url: str, options: dict[str, object]) -> dict[str, dict[str, object]]:
    """Flask-SQLAlchemy's bind of the file; empty where there is none.

    options: the database's own.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return {}
    return {_BIND: {"url": url.set(database=url.database + SUFFIX), **options}}


def engine() -> Engine | None:
    """The file's engine, its table made; None where there is no file."""
    found: Engine | None = db.engines.get(_BIND)
    if found is not None and found not in _ready:
        with found.begin() as connection:
            connection.execute(CreateTable(_TABLE, if_not_exists=True))
        _ready.add(found)
    return found


def keep(file: Engine, entry: Mapping[Any, Any]) -> None:
    """Store an entry: tenant_id, source, received_at, payload."""
    with file.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with one_write(connection):
            connection.execute(insert(_TABLE), dict(entry))


def move_to_database(limit: int = AT_ONCE) -> int:
    """Move entries to the table `webhook_inbox`, the oldest first; returns how many. Commits.

    They are inserted there before they are deleted here. A worker that is killed in between, or a
    second worker, moves some twice; repeated entries count once.
    """
    file = engine()
    if file is None or count() == 0:
        return 0

    def move() -> list[int]:
        # Read with the database's lock held: an erasure of a person holds it too.
        with file.connect() as connection:
            found = select(_TABLE).order_by(_TABLE.c.id).limit(limit)
            rows = connection.execute(found).mappings().all()
        tenants = set(db.session.scalars(select(Tenant.id)))
        db.session.add_all(_as_entry(row) for row in rows if row["tenant_id"] in tenants)
        db.session.flush()
        return [row["id"] for row in rows]

    moved = in_one_transaction(move)
    with file.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with one_write(connection):
            connection.execute(delete(_TABLE).where(_TABLE.c.id.in_(moved)))
    return len(moved)


def count(tenant_id: int | None = None) -> int:
    """Number of entries in the file, of one tenant or of all."""
    file = engine()
    if file is None:
        return 0
    counted = select(func.count()).select_from(_TABLE)
    if tenant_id is not None:
        counted = counted.where(_TABLE.c.tenant_id == tenant_id)
    with file.connect() as connection:
        return connection.execute(counted).scalar_one()


def unread(tenant_id: int, source: EventSource, limit: int) -> list[InboxEntry]:
    """A tenant's entries in the file, newest first; not to be written."""
    file = engine()
    if file is None:
        return []
    theirs = (_TABLE.c.tenant_id == tenant_id, _TABLE.c.source == source)
    newest = select(*_FIELDS).where(*theirs).order_by(_TABLE.c.id.desc()).limit(limit)
    with file.connect() as connection:
        return [_as_entry(row) for row in connection.execute(newest).mappings()]


def oldest(tenant_id: int, source: EventSource) -> datetime | None:
    """When the tenant's oldest entry in the file was received."""
    file = engine()
    if file is None:
        return None
    theirs = (_TABLE.c.tenant_id == tenant_id, _TABLE.c.source == source)
    with file.connect() as connection:
        return connection.execute(select(func.min(_TABLE.c.received_at)).where(*theirs)).scalar()


def rewrite(change: Callable[[InboxEntry], bool]) -> None:
    """Call `change` with each entry; it returns whether it changed the payload. Commits."""
    file = engine()
    if file is None or count() == 0:
        return
    with file.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with one_write(connection):
            for row in connection.execute(select(_TABLE)).mappings().all():
                entry = _as_entry(row)
                if change(entry):
                    changed = update(_TABLE).where(_TABLE.c.id == row["id"])
                    connection.execute(changed.values(payload=entry.payload))


def _as_entry(row: Mapping[Any, Any]) -> InboxEntry:
    fields = {column.name: row[column.name] for column in _FIELDS}
    return InboxEntry(**fields, attempts=0, last_error="")
