"""The table `arrival` is called `webhook_inbox`, also in SQLite's file for webhooks."""
from contextlib import closing
from pathlib import Path
import sqlite3

from alembic import op
import sqlalchemy as sa


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

TALLIES = {'webhook_strangers': 'webhook_wrong_secret', 'webhook_refused': 'webhook_unreadable'}


def upgrade():
    rename('arrival', 'webhook_inbox', TALLIES)


def downgrade():
    rename('webhook_inbox', 'arrival', {new: old for old, new in TALLIES.items()})


def rename(before, after, tallies):
    bind = op.get_bind()
    rename_in_file(bind, before, after)
    op.rename_table(before, after)
    if bind.dialect.name == 'postgresql':
        op.execute(f'ALTER SEQUENCE {before}_id_seq RENAME TO {after}_id_seq')
        op.execute(f'ALTER INDEX pk_{before} RENAME TO pk_{after}')
        op.execute(
            f'ALTER TABLE {after} RENAME CONSTRAINT fk_{before}_tenant_id TO fk_{after}_tenant_id'
        )
    change = sa.text('UPDATE tally SET name = :new WHERE name = :old')
    for old, new in tallies.items():
        bind.execute(change, {'old': old, 'new': new})


def rename_in_file(bind, before, after):
    """SQLite's webhooks write into a file beside the database, which Alembic does not know."""
    database = bind.engine.url.database
    if bind.dialect.name != 'sqlite' or not database or database == ':memory:':
        return
    file = Path(f'{database}-inbox')
    if not file.exists():
        return
    with closing(sqlite3.connect(file)) as connection, connection:
        tables = {name for name, in connection.execute('SELECT name FROM sqlite_master')}
        if before in tables and after not in tables:
            connection.execute(f'ALTER TABLE {before} RENAME TO {after}')
