"""Tenants whose softphone page runs without a sandbox."""
from alembic import op
import sqlalchemy as sa


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        'tenant',
        sa.Column('softphone_unsandboxed', sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade():
    op.drop_column('tenant', 'softphone_unsandboxed')
