"""The newest telephony session of an agent is shared by all processes.
"""
from alembic import op
import sqlalchemy as sa


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'newest_session',
        sa.Column('agent_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('key_sealed', sa.String(1000), nullable=True),
        sa.Column('made_for', sa.String(32), nullable=True),
        sa.Column('failure', sa.String(40), nullable=True),
        sa.Column('failure_text', sa.Text(), nullable=True),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ticket', sa.String(16), nullable=True),
        sa.Column('ticket_ends_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], name=op.f('fk_newest_session_agent_id')),
        sa.PrimaryKeyConstraint('agent_id', name=op.f('pk_newest_session')),
    )


def downgrade():
    op.drop_table('newest_session')
