"""Imports of contacts, and an index that finds a contact by its e-mail address."""
from alembic import op
import sqlalchemy as sa


revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'contact_import',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('asked_by_id', sa.Integer(), nullable=True),
        sa.Column('stage', sa.String(20), nullable=False),
        sa.Column('file_name', sa.String(200), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('region', sa.String(2), nullable=False),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('encoding', sa.String(20), nullable=False),
        sa.Column('delimiter', sa.String(1), nullable=False),
        sa.Column('has_header', sa.Boolean(), nullable=False),
        sa.Column('columns', sa.JSON(), nullable=False),
        sa.Column('filled', sa.JSON(), nullable=False),
        sa.Column('targets', sa.JSON(), nullable=False),
        sa.Column('same', sa.String(10), nullable=False),
        sa.Column('shared', sa.String(10), nullable=False),
        sa.Column('rows', sa.Integer(), nullable=False),
        sa.Column('reached', sa.Integer(), nullable=False),
        sa.Column('found', sa.JSON(), nullable=False),
        sa.Column('done', sa.JSON(), nullable=False),
        sa.Column('problem', sa.String(40), nullable=False),
        sa.Column('stopped', sa.String(1000), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['asked_by_id'], ['agent.id'], name=op.f('fk_contact_import_asked_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_import')),
    )
    op.create_table(
        'contact_import_piece',
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('data', sa.LargeBinary(), nullable=False),
        _of_import('contact_import_piece'),
        sa.PrimaryKeyConstraint('import_id', 'position', name=op.f('pk_contact_import_piece')),
    )
    op.create_table(
        'contact_import_row',
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('problems', sa.JSON(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=True),
        sa.Column('repeats', sa.Integer(), nullable=True),
        sa.Column('version', sa.Integer(), nullable=True),
        sa.Column('before', sa.JSON(), nullable=True),
        _of_import('contact_import_row'),
        sa.PrimaryKeyConstraint('import_id', 'number', name=op.f('pk_contact_import_row')),
    )
    op.create_index('ix_contact_import_row_contact_id', 'contact_import_row', ['contact_id'])
    op.create_table(
        'contact_import_key',
        sa.Column('key', sa.String(254), nullable=False),
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        _of_import('contact_import_key'),
        sa.PrimaryKeyConstraint('key', 'import_id', 'number', name=op.f('pk_contact_import_key')),
        sqlite_with_rowid=False,
    )
    op.create_index(
        'ix_contact_import_key_import_id_number', 'contact_import_key', ['import_id', 'number']
    )
    op.create_index(
        'ix_contact_lower_email', 'contact', [sa.text('lower(email)')],
        sqlite_where=sa.text("email != ''"), postgresql_where=sa.text("email != ''"),
    )


def _of_import(table):
    return sa.ForeignKeyConstraint(
        ['import_id'], ['contact_import.id'], name=op.f(f'fk_{table}_import_id'), ondelete='CASCADE'
    )


def downgrade():
    op.drop_index('ix_contact_lower_email', 'contact')
    for table in ('contact_import_key', 'contact_import_row', 'contact_import_piece', 'contact_import'):
        op.drop_table(table)
