"""What came into an import's range while it was read."""
from alembic import op
import sqlalchemy as sa


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('cdr_import', sa.Column('pass_reached', sa.DateTime(), nullable=True))
    for name in ('pass_new', 'passes', 'records_late'):
        op.add_column(
            'cdr_import', sa.Column(name, sa.Integer(), nullable=False, server_default='0')
        )
    op.add_column(
        'cdr_import', sa.Column('grew', sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade():
    for name in ('grew', 'records_late', 'passes', 'pass_new', 'pass_reached'):
        op.drop_column('cdr_import', name)
