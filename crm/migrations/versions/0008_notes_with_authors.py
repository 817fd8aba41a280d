"""A call's row tells who wrote each of its notes, and when.

What stands now is taken from the events. Of a call whose events are deleted only the words are left.
"""
from datetime import UTC

from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

CALL = sa.table('call', sa.column('id', sa.Integer), sa.column('notes', sa.JSON))
EVENT = sa.table(
    'call_event',
    sa.column('call_id', sa.Integer),
    sa.column('agent_id', sa.Integer),
    sa.column('kind', sa.String),
    sa.column('occurred_at', sa.DateTime(timezone=True)),
    sa.column('payload', sa.JSON),
    sa.column('digest', sa.String),
)


def upgrade():
    op.add_column('call', sa.Column('notes', sa.JSON(), nullable=False, server_default='[]'))
    connection = op.get_bind()
    notes = sa.select(EVENT).where(EVENT.c.kind == 'note').order_by(EVENT.c.occurred_at, EVENT.c.digest)
    written = {}
    for event in connection.execute(notes):
        written.setdefault(event.call_id, []).append(event)
    for call_id, events in written.items():
        replaced = {digest for event in events for digest in event.payload.get('replaces') or ()}
        standing = [
            {
                'digest': event.digest,
                'agent_id': event.agent_id,
                'at': event.occurred_at.replace(tzinfo=event.occurred_at.tzinfo or UTC).isoformat(),
                'text': event.payload['note'],
            }
            for event in events
            if event.payload['note'] and event.digest not in replaced
        ]
        connection.execute(sa.update(CALL).where(CALL.c.id == call_id).values(notes=standing))


def downgrade():
    op.drop_column('call', 'notes')
