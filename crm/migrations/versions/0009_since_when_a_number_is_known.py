"""Since when a contact has a number. Those that are there already stay without: from before."""
from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('phone_number', sa.Column('created_at', sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column('phone_number', 'created_at')
