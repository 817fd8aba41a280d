"""A call that came in is missed when somebody says that nobody answered, not while nobody knows."""
from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

KEYS = ['tenant_id', 'started_at', 'normal_form', 'caller_kind']
MISSED = (
    "direction = 'inbound' AND state = 'ended' AND answered {answered}"
    " AND missed_done IS {false} AND erased_at IS NULL"
)


def upgrade():
    # What folding their records now says: a record without a word of an answer tells of none.
    op.execute(
        sa.text(
            "UPDATE call SET answered = :no WHERE answered IS NULL AND direction = 'inbound'"
            " AND complete = :yes AND disposition = ''"
        ).bindparams(sa.bindparam('no', False, sa.Boolean()), sa.bindparam('yes', True, sa.Boolean()))
    )
    _index_missed('IS {false}')


def downgrade():
    _index_missed('IS NOT {true}')


def _index_missed(answered):
    op.drop_index('ix_call_missed', 'call')
    of_sqlite, of_postgresql = {'true': 1, 'false': 0}, {'true': 'true', 'false': 'false'}
    where = MISSED.replace('{answered}', answered)
    op.create_index(
        'ix_call_missed',
        'call',
        KEYS,
        sqlite_where=sa.text(where.format(**of_sqlite)),
        postgresql_where=sa.text(where.format(**of_postgresql)),
    )
