"""Secrets of webhooks are sealed and found by their digests; the addresses stay as they are.
"""
from alembic import op
from flask import current_app
import sqlalchemy as sa

from crm import secret_box


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('tenant', sa.Column('hook_secret_sealed', sa.String(1000), nullable=False, server_default=''))
    for tenant_id, secret in _rows('SELECT id, hook_secret FROM tenant'):
        sealed = secret_box.seal(secret, key=_secret_key())
        _set(tenant_id, secret_box.digest(secret), sealed)
    # The column keeps its unique constraint; to drop it, SQLite would have to copy the table.
    op.execute('ALTER TABLE tenant RENAME COLUMN hook_secret TO hook_secret_digest')


def downgrade():
    op.execute('ALTER TABLE tenant RENAME COLUMN hook_secret_digest TO hook_secret')
    for tenant_id, sealed in _rows('SELECT id, hook_secret_sealed FROM tenant'):
        _set(tenant_id, secret_box.unseal(sealed, keys=current_app.extensions['settings'].secret_keys), '')
    op.drop_column('tenant', 'hook_secret_sealed')


def _rows(statement):
    return op.get_bind().execute(sa.text(statement)).all()


def _set(tenant_id, secret, sealed):
    statement = sa.text('UPDATE tenant SET hook_secret = :secret, hook_secret_sealed = :sealed WHERE id = :id')
    op.get_bind().execute(statement, {'secret': secret, 'sealed': sealed, 'id': tenant_id})


def _secret_key():
    return current_app.extensions['settings'].secret_key
