"""Agents choose whether the CRM plays a sound of its own when a call rings.
"""
from alembic import op
import sqlalchemy as sa


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        'agent', sa.Column('ring_sound', sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade():
    op.drop_column('agent', 'ring_sound')
