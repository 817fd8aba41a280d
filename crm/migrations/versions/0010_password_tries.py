"""Wrong passwords are counted over all processes.
"""
from alembic import op
import sqlalchemy as sa


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'password_tries',
        sa.Column('key', sa.String(64), nullable=False),
        sa.Column('forgotten_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_password_tries')),
    )
    op.create_index('ix_password_tries_forgotten_at', 'password_tries', ['forgotten_at'])


def downgrade():
    op.drop_table('password_tries')
