"""What is kept of a contact's calls becomes one row for each tenant, filled from the calls."""
from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
AT_ONCE = 1_000
NOT_REACHED = {'BUSY': 'busy', 'NOANSWER': 'no_answer', 'ANSWER': 'no_answer', '': 'no_answer',
               'CANCEL': 'cancelled'}

# The newest call of each contact with each tenant, with the figures of all of them.
CALLS = sa.text("""
    SELECT * FROM (
        SELECT contact_id, tenant_id, started_at, direction, disposition, answered, abandoned,
               dial_problem, note,
               count(*) OVER theirs AS calls_count,
               max(CASE WHEN answered THEN started_at END) OVER theirs AS last_spoken_at,
               row_number() OVER (theirs ORDER BY started_at DESC, id DESC) AS place
        FROM call WHERE contact_id IS NOT NULL AND state = 'ended'
        WINDOW theirs AS (PARTITION BY contact_id, tenant_id)
    ) AS ranked WHERE place = 1
""")


def upgrade():
    op.create_table(
        'contact_calls',
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('calls_count', sa.Integer(), nullable=False),
        sa.Column('last_call_at', MOMENT, nullable=False),
        sa.Column('last_call_summary', sa.String(300), nullable=False),
        sa.Column('last_spoken_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_contact_calls_contact_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_contact_calls_tenant_id')),
        sa.PrimaryKeyConstraint('contact_id', 'tenant_id', name=op.f('pk_contact_calls')),
        sqlite_with_rowid=False,
    )
    op.create_index(
        'ix_contact_calls_tenant_id_last_spoken_at', 'contact_calls', ['tenant_id', 'last_spoken_at']
    )
    # The driver's own values for times go in as they come out.
    insert = sa.text("""
        INSERT INTO contact_calls VALUES (
            :contact_id, :tenant_id, :calls_count, :last_call_at, :last_call_summary, :last_spoken_at
        )
    """)
    connection = op.get_bind()
    rows = [_kept(call) for call in connection.execute(CALLS)]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(insert, rows[start : start + AT_ONCE])
    op.drop_index('ix_contact_last_call_at', 'contact')
    for name in ('calls_count', 'last_call_at', 'last_call_summary'):
        op.drop_column('contact', name)


def downgrade():
    op.add_column('contact', sa.Column('calls_count', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('contact', sa.Column('last_call_at', MOMENT, nullable=True))
    op.add_column('contact', sa.Column('last_call_summary', sa.String(300), nullable=False, server_default=''))
    op.create_index('ix_contact_last_call_at', 'contact', ['last_call_at'])
    op.execute("""
        UPDATE contact SET
            calls_count = (SELECT sum(calls_count) FROM contact_calls WHERE contact_id = contact.id),
            last_call_at = (SELECT max(last_call_at) FROM contact_calls WHERE contact_id = contact.id),
            last_call_summary = (SELECT last_call_summary FROM contact_calls
                WHERE contact_id = contact.id ORDER BY last_call_at DESC LIMIT 1)
        WHERE id IN (SELECT contact_id FROM contact_calls)
    """)
    op.drop_table('contact_calls')


def _kept(call):
    line = next(iter((call.note or '').strip().splitlines()), '')
    return {
        'contact_id': call.contact_id,
        'tenant_id': call.tenant_id,
        'calls_count': call.calls_count,
        'last_call_at': call.started_at,
        'last_call_summary': ' · '.join(part for part in (_result(call), line) if part)[:300],
        'last_spoken_at': call.last_spoken_at,
    }


def _result(call):
    if call.dial_problem:
        return 'not_taken' if call.dial_problem == 'not_taken' else 'failed'
    if call.answered:
        return 'answered'
    if call.direction == 'outbound':
        return NOT_REACHED.get(call.disposition, 'failed')
    if call.direction == 'inbound':
        return 'abandoned' if call.abandoned else 'missed'
    return 'ended'
