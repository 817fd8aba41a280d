"""When the page with the softphone was closed in a browser.
"""
from alembic import op
import sqlalchemy as sa


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('login', sa.Column('softphone_left_at', sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column('login', 'softphone_left_at')
