"""The legs of calls that more than one agent had, and what records tell of them."""
from alembic import op
import sqlalchemy as sa


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.add_column(
        'call', sa.Column('transferred', sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column('call', sa.Column('leg_count', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('call', sa.Column('voicemail_text', sa.Text(), nullable=False, server_default=''))
    op.create_table(
        'call_leg',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('call_id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('agent_id', sa.Integer(), nullable=True),
        sa.Column('agent_name', sa.String(254), nullable=False),
        sa.Column('callkey', sa.String(255), nullable=False),
        sa.Column('transaction_id', sa.String(255), nullable=False),
        sa.Column('queue', sa.String(200), nullable=False),
        sa.Column('started_at', MOMENT, nullable=False),
        sa.Column('answered_at', MOMENT, nullable=True),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.Column('wait_seconds', sa.Integer(), nullable=True),
        sa.Column('talk_seconds', sa.Integer(), nullable=True),
        sa.Column('hold_seconds', sa.Integer(), nullable=True),
        sa.Column('answered', sa.Boolean(), nullable=True),
        sa.Column('abandoned', sa.Boolean(), nullable=True),
        sa.Column('disposition', sa.String(50), nullable=False),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], name=op.f('fk_call_leg_agent_id')),
        sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_leg_call_id')),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_call_leg_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_call_leg')),
    )
    op.create_index('ix_call_leg_call_id', 'call_leg', ['call_id'])
    op.create_index('ix_call_leg_tenant_id_callkey', 'call_leg', ['tenant_id', 'callkey'])
    op.create_index(
        'ix_call_leg_tenant_id_transaction_id', 'call_leg', ['tenant_id', 'transaction_id']
    )
    op.create_index('ix_call_leg_agent_id_call_id', 'call_leg', ['agent_id', 'call_id'])


def downgrade():
    op.drop_table('call_leg')
    op.drop_column('call', 'voicemail_text')
    op.drop_column('call', 'leg_count')
    op.drop_column('call', 'transferred')
