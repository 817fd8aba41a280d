"""What agents have promised to do about a contact or a call, and by when.
"""
from alembic import op
import sqlalchemy as sa


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'follow_up',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('agent_id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=True),
        sa.Column('call_id', sa.Integer(), nullable=True),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('due_minute', sa.Integer(), nullable=False),
        sa.Column('what', sa.String(300), nullable=False),
        sa.Column('by_outcome', sa.Boolean(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('done_by_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], name=op.f('fk_follow_up_agent_id')),
        sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_follow_up_call_id')),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_follow_up_contact_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['done_by_id'], ['agent.id'], name=op.f('fk_follow_up_done_by_id')),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_follow_up_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up')),
    )
    op.create_index(
        'ix_follow_up_open', 'follow_up', ['agent_id', 'due_on', 'due_minute', 'id'],
        sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'),
    )
    for column in ('tenant_id', 'contact_id', 'call_id'):
        op.create_index(op.f(f'ix_follow_up_{column}'), 'follow_up', [column])


def downgrade():
    op.drop_table('follow_up')
