"""The inspector: requests to the vendor, and until when a tenant's are written down."""
from alembic import op
import sqlalchemy as sa


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('tenant', sa.Column('inspected_until', sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        'logged_request',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('agent_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('function', sa.String(50), nullable=False),
        sa.Column('key', sa.String(10), nullable=False),
        sa.Column('params', sa.JSON(), nullable=False),
        sa.Column('call_key', sa.String(255), nullable=False),
        sa.Column('status', sa.Integer(), nullable=True),
        sa.Column('milliseconds', sa.Integer(), nullable=False),
        sa.Column('answer', sa.JSON(), nullable=True),
        sa.Column('problem', sa.String(40), nullable=False),
        sa.Column('reason', sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_logged_request_tenant_id')),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], name=op.f('fk_logged_request_agent_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_logged_request')),
        sqlite_autoincrement=True,
    )
    op.create_index('ix_logged_request_tenant_id_id', 'logged_request', ['tenant_id', 'id'])
    op.create_index('ix_logged_request_tenant_id_call_key', 'logged_request', ['tenant_id', 'call_key'])


def downgrade():
    op.drop_table('logged_request')
    op.drop_column('tenant', 'inspected_until')
