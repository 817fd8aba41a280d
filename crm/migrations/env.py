"""How Alembic reaches the application's database; run by Flask-Migrate's `flask db …`."""

from typing import Any

from alembic import context
from flask import current_app

SEARCH_INDEX = "contact_search"  # FTS5 and its shadow tables on SQLite, an index on PostgreSQL


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Keep what the search is made of out of comparisons with the models."""
    return not (kind in ("table", "index") and (name or "").startswith(SEARCH_INDEX))


def run() -> None:
    """Apply migrations over the application's own engine."""
    extension = current_app.extensions["migrate"]
    with extension.db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=extension.db.metadata,
            include_name=include_name,
            **extension.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
