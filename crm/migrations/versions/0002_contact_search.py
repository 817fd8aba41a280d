"""Search over contacts, the order of their list, and a version to notice changes by.

The index is kept in step with contact.search_text by the database: on SQLite by triggers over an
FTS5 table that stores no text of its own, on PostgreSQL by being an index over that text.
"""
from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# Prefix indexes of one to seven characters let a half-typed word read one list instead of merging
# thousands: at a million contacts 0.3 ms instead of 80. Nothing is ranked or highlighted, so
# neither positions nor sizes are kept. Words come folded; the tokenizer need only split at spaces.
SQLITE = (
    """
    CREATE VIRTUAL TABLE contact_search USING fts5(
        search_text, content='contact', content_rowid='id', detail='none', columnsize=0,
        prefix='1 2 3 4 5 6 7', tokenize="ascii tokenchars '<>'"
    )
    """,
    """
    CREATE TRIGGER contact_search_insert AFTER INSERT ON contact WHEN new.search_text <> ''
    BEGIN
        INSERT INTO contact_search(rowid, search_text) VALUES (new.id, new.search_text);
    END
    """,
    """
    CREATE TRIGGER contact_search_update AFTER UPDATE OF search_text ON contact
    WHEN old.search_text <> new.search_text
    BEGIN
        INSERT INTO contact_search(contact_search, rowid, search_text)
            SELECT 'delete', old.id, old.search_text WHERE old.search_text <> '';
        INSERT INTO contact_search(rowid, search_text)
            SELECT new.id, new.search_text WHERE new.search_text <> '';
    END
    """,
    """
    CREATE TRIGGER contact_search_delete AFTER DELETE ON contact WHEN old.search_text <> ''
    BEGIN
        INSERT INTO contact_search(contact_search, rowid, search_text)
            VALUES ('delete', old.id, old.search_text);
    END
    """,
)
POSTGRESQL = """
    CREATE INDEX contact_search_words ON contact
    USING gin (array_to_tsvector(string_to_array(search_text, ' ')))
"""


def upgrade():
    op.add_column('contact', sa.Column('sort_name', sa.String(200), nullable=False, server_default=''))
    op.add_column('contact', sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
    op.create_index('ix_contact_sort_name_id', 'contact', ['sort_name', 'id'])
    op.create_index(
        'uq_phone_number_contact_id_normal_form',
        'phone_number', ['contact_id', 'normal_form'], unique=True,
    )
    op.drop_index('ix_phone_number_contact_id', 'phone_number')
    if op.get_bind().dialect.name == 'sqlite':
        for statement in SQLITE:
            op.execute(statement)
    else:
        op.execute(POSTGRESQL)


def downgrade():
    if op.get_bind().dialect.name == 'sqlite':
        for event in ('insert', 'update', 'delete'):
            op.execute(f'DROP TRIGGER contact_search_{event}')
        op.execute('DROP TABLE contact_search')
    else:
        op.drop_index('contact_search_words', 'contact')
    op.create_index('ix_phone_number_contact_id', 'phone_number', ['contact_id'])
    op.drop_index('uq_phone_number_contact_id_normal_form', 'phone_number')
    op.drop_index('ix_contact_sort_name_id', 'contact')
    op.drop_column('contact', 'version')
    op.drop_column('contact', 'sort_name')
