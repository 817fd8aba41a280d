"""The trade's words: a call without its events is archived, and data is kept for its retention time."""
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    # SQLite knows this too, and writes no table anew for it.
    op.execute('ALTER TABLE "call" RENAME COLUMN sealed_at TO archived_at')
    op.execute("UPDATE work SET subject = 'retention' WHERE kind = 'at_night' AND subject = 'keeping'")


def downgrade():
    op.execute("UPDATE work SET subject = 'keeping' WHERE kind = 'at_night' AND subject = 'retention'")
    op.execute('ALTER TABLE "call" RENAME COLUMN archived_at TO sealed_at')
