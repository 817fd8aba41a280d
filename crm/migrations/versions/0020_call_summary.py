"""Sums for each day, so that reports need not count calls; triggers mark the days that change. And
the badge of missed calls finds in an index alone whether somebody has talked with a caller.

A migration that makes the table call or call_leg anew on SQLite (Alembic's batch mode) drops its
triggers, and has to make them again. One that changes what a report counts has to mark all days.
"""
from alembic import op
import sqlalchemy as sa


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

# What `crm.calls.counting` reads.
OF_CALL = (
    'tenant_id', 'started_at', 'state', 'direction', 'answered', 'dial_problem', 'leg_count',
    'agent_id', 'agent_name', 'queue', 'abandoned', 'wait_seconds', 'talk_seconds',
)
OF_LEG = (
    'call_id', 'agent_id', 'agent_name', 'answered', 'abandoned', 'wait_seconds', 'talk_seconds',
)
TABLES = {'call': OF_CALL, 'call_leg': OF_LEG}
EVENTS = ('insert', 'update', 'delete')

# One writer at a time, so a day that is marked already needs no second mark.
ON_SQLITE = """
    INSERT INTO changed_day (tenant_id, day)
    SELECT tenant_id, substr(started_at, 1, 10) FROM {rows} WHERE NOT EXISTS (
        SELECT 1 FROM changed_day
        WHERE tenant_id = {rows}.tenant_id AND day = substr({rows}.started_at, 1, 10)
    );
"""
# A mark of its own for each statement: nobody waits for another's, and one that is committed while
# the day is summed up stays.
ON_POSTGRESQL = """
    INSERT INTO changed_day (tenant_id, day)
    SELECT DISTINCT tenant_id, CAST(started_at AT TIME ZONE 'UTC' AS date) FROM {rows};
"""


def upgrade():
    _index_answered('tenant_id', 'normal_form', 'caller_kind', 'started_at')
    op.create_table(
        'call_summary',
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('part', sa.String(20), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('quarter', sa.Integer(), nullable=False),
        sa.Column('agent_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(254), nullable=False),
        sa.Column('answered', sa.Integer(), nullable=False),
        sa.Column('missed', sa.Integer(), nullable=False),
        sa.Column('abandoned', sa.Integer(), nullable=False),
        sa.Column('outbound', sa.Integer(), nullable=False),
        sa.Column('reached', sa.Integer(), nullable=False),
        sa.Column('waited', sa.Integer(), nullable=False),
        sa.Column('wait_seconds', sa.BigInteger(), nullable=False),
        sa.Column('talk_seconds', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_call_summary_tenant_id')),
        sa.PrimaryKeyConstraint(
            'tenant_id', 'part', 'day', 'quarter', 'agent_id', 'name', name=op.f('pk_call_summary')
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        'changed_day',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_changed_day')),
    )
    op.create_index('ix_changed_day_tenant_id_day', 'changed_day', ['tenant_id', 'day'])
    if op.get_bind().dialect.name == 'sqlite':
        _triggers_on_sqlite()
        day = 'substr(started_at, 1, 10)'
    else:
        _triggers_on_postgresql()
        day = "CAST(started_at AT TIME ZONE 'UTC' AS date)"
    op.execute(
        f'INSERT INTO changed_day (tenant_id, day) SELECT DISTINCT tenant_id, {day} FROM call'
    )


def _index_answered(*columns):
    op.drop_index('ix_call_answered', 'call')
    op.create_index(
        'ix_call_answered', 'call', columns,
        sqlite_where=sa.text('answered IS 1'), postgresql_where=sa.text('answered IS true'),
    )


def _triggers_on_sqlite():
    of_call = '(SELECT {row}.tenant_id AS tenant_id, {row}.started_at AS started_at) AS changed'
    of_leg = '(SELECT tenant_id, started_at FROM call WHERE id = {row}.call_id) AS changed'
    for table, columns in TABLES.items():
        source = of_call if table == 'call' else of_leg
        mark = {
            row: ON_SQLITE.replace('FROM {rows}', f'FROM {source.format(row=row)}').format(rows='changed')
            for row in ('old', 'new')
        }
        differs = ' OR '.join(f'old.{name} IS NOT new.{name}' for name in columns)
        op.execute(f"""
            CREATE TRIGGER {table}_changed_insert AFTER INSERT ON {table}
            BEGIN {mark['new']} END
        """)
        op.execute(f"""
            CREATE TRIGGER {table}_changed_update AFTER UPDATE OF {', '.join(columns)} ON {table}
            WHEN {differs}
            BEGIN {mark['old']} {mark['new']} END
        """)
        op.execute(f"""
            CREATE TRIGGER {table}_changed_delete AFTER DELETE ON {table}
            BEGIN {mark['old']} END
        """)


def _triggers_on_postgresql():
    """By statement for what comes and goes in numbers; by row for updates, most of which change
    nothing that counts: the condition is looked at before the function is called.
    """
    of_call = '(SELECT {row}.tenant_id, {row}.started_at) AS changed'
    of_leg = '(SELECT call.tenant_id, call.started_at FROM call WHERE call.id = {row}.call_id) AS changed'
    for table, columns in TABLES.items():
        if table == 'call':
            rows, row = 'changed_rows', of_call
        else:
            rows = '(SELECT call.tenant_id, call.started_at FROM changed_rows JOIN call ON call.id = changed_rows.call_id) AS changed'
            row = of_leg
        differs = ' OR '.join(f'old.{name} IS DISTINCT FROM new.{name}' for name in columns)
        op.execute(f"""
            CREATE FUNCTION {table}_changed_rows() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {ON_POSTGRESQL.format(rows=rows)} RETURN NULL; END $$
        """)
        op.execute(f"""
            CREATE FUNCTION {table}_changed_row() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                {ON_POSTGRESQL.format(rows=row.format(row='old'))}
                {ON_POSTGRESQL.format(rows=row.format(row='new'))}
                RETURN NULL;
            END $$
        """)
        for event, transition in (('insert', 'NEW'), ('delete', 'OLD')):
            op.execute(f"""
                CREATE TRIGGER {table}_changed_{event} AFTER {event.upper()} ON {table}
                REFERENCING {transition} TABLE AS changed_rows
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_changed_rows()
            """)
        op.execute(f"""
            CREATE TRIGGER {table}_changed_update AFTER UPDATE OF {', '.join(columns)} ON {table}
            FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION {table}_changed_row()
        """)


def downgrade():
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    for table in TABLES:
        for event in EVENTS:
            op.execute(f'DROP TRIGGER {table}_changed_{event}' + ('' if on_sqlite else f' ON {table}'))
        if not on_sqlite:
            op.execute(f'DROP FUNCTION {table}_changed_rows()')
            op.execute(f'DROP FUNCTION {table}_changed_row()')
    op.drop_table('changed_day')
    op.drop_table('call_summary')
    _index_answered('tenant_id', 'normal_form', 'started_at')
