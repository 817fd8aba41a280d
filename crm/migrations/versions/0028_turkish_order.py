"""Contacts stand in lists in Turkish order: ç after c, ı before i, ş after s.

PostgreSQL compares the keys by their bytes, as SQLite does, whatever the language of the database is.
"""
from alembic import op
import sqlalchemy as sa

from crm.names import sort_key


revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

AT_ONCE = 5_000
LONGEST = 200

CONTACT = sa.table('contact', *map(sa.column, ('id', 'name', 'sort_name')))


def upgrade():
    database = op.get_bind()
    if database.dialect.name == 'postgresql':
        op.execute('ALTER TABLE contact ALTER COLUMN sort_name TYPE varchar(200) COLLATE "C"')
    write = CONTACT.update().where(CONTACT.c.id == sa.bindparam('contact')).values(sort_name=sa.bindparam('key'))
    last = 0
    while rows := database.execute(
        sa.select(CONTACT).where(CONTACT.c.id > last).order_by(CONTACT.c.id).limit(AT_ONCE)
    ).all():
        last = rows[-1].id
        keys = [(row, sort_key(row.name)[:LONGEST]) for row in rows]
        changed = [{'contact': row.id, 'key': key} for row, key in keys if key != row.sort_name]
        if changed:
            database.execute(write, changed)


def downgrade():
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE contact ALTER COLUMN sort_name TYPE varchar(200) COLLATE "default"')
