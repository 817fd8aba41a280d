"""One browser of an agent has the softphone.
"""
from alembic import op
import sqlalchemy as sa


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('login', sa.Column('has_softphone', sa.Boolean(), nullable=True))


def downgrade():
    op.drop_column('login', 'has_softphone')
