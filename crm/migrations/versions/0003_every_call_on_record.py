"""Imports of records, webhooks' arrivals, missed calls, listening and retention.

The table of calls only gains columns, one by one: SQLite would copy the whole table otherwise.
"""
from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        'cdr_import',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('asked_by_id', sa.Integer(), nullable=True),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('start_local', sa.DateTime(), nullable=False),
        sa.Column('finish_local', sa.DateTime(), nullable=False),
        sa.Column('slice_start', sa.DateTime(), nullable=False),
        sa.Column('slice_finish', sa.DateTime(), nullable=False),
        sa.Column('cursor', sa.Text(), nullable=True),
        sa.Column('page_digests', sa.JSON(), nullable=False),
        sa.Column('reached_local', sa.DateTime(), nullable=True),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('restarts', sa.Integer(), nullable=False),
        sa.Column('lease_until', MOMENT, nullable=True),
        sa.Column('pages', sa.Integer(), nullable=False),
        sa.Column('records_read', sa.Integer(), nullable=False),
        sa.Column('records_new', sa.Integer(), nullable=False),
        sa.Column('records_changed', sa.Integer(), nullable=False),
        sa.Column('records_known', sa.Integer(), nullable=False),
        sa.Column('records_incomplete', sa.Integer(), nullable=False),
        sa.Column('without_contact', sa.Integer(), nullable=False),
        sa.Column('problems', sa.JSON(), nullable=False),
        sa.Column('last_error', sa.String(1000), nullable=False),
        sa.Column('started_at', MOMENT, nullable=False),
        sa.Column('finished_at', MOMENT, nullable=True),
        sa.Column('updated_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['asked_by_id'], ['agent.id'], name=op.f('fk_cdr_import_asked_by_id')),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_cdr_import_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_cdr_import')),
    )
    op.create_index('ix_cdr_import_tenant_id_kind_id', 'cdr_import', ['tenant_id', 'kind', 'id'])
    op.create_table(
        'arrival',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(20), nullable=False),
        sa.Column('received_at', MOMENT, nullable=False),
        sa.Column('payload', sa.JSON(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('next_try_at', MOMENT, nullable=True),
        sa.Column('last_error', sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_arrival_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_arrival')),
    )
    op.create_table(
        'tally',
        sa.Column('name', sa.String(50), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('last_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_tally')),
    )
    op.create_table(
        'retention_time',
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('days', sa.Integer(), nullable=False),
        sa.Column('updated_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('kind', name=op.f('pk_retention_time')),
    )
    op.create_table(
        'listen',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('call_id', sa.Integer(), nullable=False),
        sa.Column('agent_id', sa.Integer(), nullable=True),
        sa.Column('agent_name', sa.String(200), nullable=False),
        sa.Column('listened_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], name=op.f('fk_listen_agent_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_listen_call_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_listen')),
    )
    op.create_index('ix_listen_call_id', 'listen', ['call_id'])
    op.add_column('call', sa.Column('abandoned', sa.Boolean(), nullable=True))
    op.add_column('call', sa.Column('missed_done', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('call', sa.Column('record_problems', sa.String(500), nullable=False, server_default=''))
    op.add_column('call', sa.Column('erased_at', MOMENT, nullable=True))
    op.add_column('call', sa.Column('sealed_at', MOMENT, nullable=True))
    op.add_column('contact', sa.Column('merged_into_id', sa.Integer(), nullable=True))
    op.create_index('ix_contact_merged_into_id', 'contact', ['merged_into_id'])
    op.add_column('call', sa.Column('callback_of_id', sa.Integer(), nullable=True))
    op.create_index('ix_call_callback_of_id', 'call', ['callback_of_id'])
    op.drop_index('ix_call_normal_form', 'call')
    op.create_index('ix_call_normal_form_started_at', 'call', ['normal_form', 'started_at'])
    op.create_index('ix_call_started_at_id', 'call', ['started_at', 'id'])
    op.create_index(
        'ix_call_tenant_id_queue_started_at_id', 'call', ['tenant_id', 'queue', 'started_at', 'id']
    )
    missed = (
        "direction = 'inbound' AND state = 'ended' AND answered IS NOT {true}"
        " AND missed_done IS {false} AND erased_at IS NULL"
    )
    op.create_index(
        'ix_call_missed',
        'call',
        ['tenant_id', 'started_at', 'normal_form', 'caller_kind'],
        sqlite_where=sa.text(missed.format(true=1, false=0)),
        postgresql_where=sa.text(missed.format(true='true', false='false')),
    )
    op.create_index(
        'ix_call_answered',
        'call',
        ['tenant_id', 'normal_form', 'started_at'],
        sqlite_where=sa.text('answered IS 1'),
        postgresql_where=sa.text('answered IS true'),
    )
    op.create_index('ix_call_event_tenant_id_source_id', 'call_event', ['tenant_id', 'source', 'id'])
    op.add_column('tenant', sa.Column('reconcile', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('work', sa.Column('taken_at', MOMENT, nullable=True))


def downgrade():
    op.drop_column('work', 'taken_at')
    op.drop_column('tenant', 'reconcile')
    op.drop_index('ix_call_event_tenant_id_source_id', 'call_event')
    op.drop_index('ix_call_missed', 'call')
    op.drop_index('ix_call_answered', 'call')
    op.drop_index('ix_call_started_at_id', 'call')
    op.drop_index('ix_call_tenant_id_queue_started_at_id', 'call')
    op.drop_index('ix_call_normal_form_started_at', 'call')
    op.create_index('ix_call_normal_form', 'call', ['normal_form'])
    op.drop_index('ix_call_callback_of_id', 'call')
    op.drop_index('ix_contact_merged_into_id', 'contact')
    op.drop_column('contact', 'merged_into_id')
    for name in ('callback_of_id', 'sealed_at', 'erased_at', 'record_problems', 'missed_done', 'abandoned'):
        op.drop_column('call', name)
    op.drop_index('ix_listen_call_id', 'listen')
    for table in ('listen', 'retention_time', 'tally', 'arrival'):
        op.drop_table(table)
    op.drop_index('ix_cdr_import_tenant_id_kind_id', 'cdr_import')
    op.drop_table('cdr_import')
