"""What happens to a single duplicate of an imported file.
"""
from alembic import op
import sqlalchemy as sa


revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade():
    choice = sa.Column('choice', sa.String(10), nullable=False, server_default='')
    op.add_column('contact_import_row', choice)


def downgrade():
    op.drop_column('contact_import_row', 'choice')
