"""What the vendor last said to a tenant's app token."""
from alembic import op
import sqlalchemy as sa


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('tenant', sa.Column('last_answer_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        'tenant',
        sa.Column('last_answer_problem', sa.String(500), nullable=False, server_default=''),
    )


def downgrade():
    op.drop_column('tenant', 'last_answer_problem')
    op.drop_column('tenant', 'last_answer_at')
