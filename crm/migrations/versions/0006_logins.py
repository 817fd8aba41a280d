"""Logins are rows. Everybody who is logged in logs in once more.
"""
from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        'login',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('agent_id', sa.Integer(), nullable=False),
        sa.Column('began_at', MOMENT, nullable=False),
        sa.Column('last_seen_at', MOMENT, nullable=False),
        sa.Column('ends_at', MOMENT, nullable=False),
        sa.Column('address', sa.String(45), nullable=False),
        sa.Column('browser', sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], name=op.f('fk_login_agent_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_login')),
        sa.UniqueConstraint('digest', name=op.f('uq_login_digest')),
    )
    op.create_index('ix_login_agent_id', 'login', ['agent_id'])
    op.drop_column('agent', 'login_version')


def downgrade():
    op.add_column('agent', sa.Column('login_version', sa.Integer(), nullable=False, server_default='1'))
    op.drop_table('login')
