"""Each tenant may have outcomes of its own, and a time after which wrap-up ends by itself.

A tenant without rows has the usual outcomes under the codes that its calls have already.
"""
from alembic import op
import sqlalchemy as sa


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'outcome',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(50), nullable=False),
        sa.Column('name', sa.String(50), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('makes_follow_up', sa.Boolean(), nullable=False),
        sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_outcome_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome')),
        sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_outcome_tenant_id_code')),
    )
    op.create_index('ix_outcome_tenant_id_position', 'outcome', ['tenant_id', 'position'])
    op.add_column('tenant', sa.Column('wrap_up_seconds', sa.Integer(), nullable=True))


def downgrade():
    op.drop_column('tenant', 'wrap_up_seconds')
    op.drop_table('outcome')
