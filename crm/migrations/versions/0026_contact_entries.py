"""Notes on contacts without a call, and what was changed in a contact, by whom.
"""
from alembic import op
import sqlalchemy as sa


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'contact_entry',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('agent_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('changes', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], name=op.f('fk_contact_entry_agent_id')),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_entry_contact_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_contact_entry_tenant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_entry')),
    )
    op.create_index('ix_contact_entry_contact_id_at_id', 'contact_entry', ['contact_id', 'at', 'id'])
    op.create_index(op.f('ix_contact_entry_at'), 'contact_entry', ['at'])


def downgrade():
    op.drop_table('contact_entry')
