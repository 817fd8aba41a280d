"""The service level: calls that were answered within a time that the tenant sets.

What a report counts has changed, so all days are summarised again.
"""
from alembic import op
import sqlalchemy as sa


revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('tenant', sa.Column(
        'answer_within_seconds', sa.Integer(), nullable=False, server_default='20'
    ))
    op.add_column('call_summary', sa.Column('in_time', sa.Integer(), nullable=False, server_default='0'))
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    day = 'substr(started_at, 1, 10)' if on_sqlite else "CAST(started_at AT TIME ZONE 'UTC' AS date)"
    op.execute(
        f'INSERT INTO changed_day (tenant_id, day) SELECT DISTINCT tenant_id, {day} FROM call'
    )


def downgrade():
    op.drop_column('call_summary', 'in_time')
    op.drop_column('tenant', 'answer_within_seconds')
