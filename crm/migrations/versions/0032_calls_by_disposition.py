"""An index of the calls by disposition: the log offers those on record, and filters by them.
"""
from alembic import op


revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

COLUMNS = ['tenant_id', 'disposition', 'started_at', 'id']


def upgrade():
    op.create_index('ix_call_tenant_id_disposition_started_at_id', 'call', COLUMNS)


def downgrade():
    op.drop_index('ix_call_tenant_id_disposition_started_at_id', table_name='call')
