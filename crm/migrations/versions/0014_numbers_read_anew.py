"""Numbers are read anew: extensions and codes stand beside them, and what is not one number is none.

What cannot be read as one number keeps its text and gets no normal form: the contact's page says so.
Of calls, the number is what counts, without an extension; a hidden caller has none.
"""
import re

from alembic import op
import sqlalchemy as sa

from crm.contacts.search_text import search_text_of
from crm.phone_numbers import caller_kind, is_complete, read, region_of


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

AT_ONCE = 1_000
LONGEST = 50

NUMBER = sa.table('phone_number', *map(sa.column, (
    'id', 'contact_id', 'raw', 'normal_form', 'extension', 'codes', 'label', 'position')))
CONTACT = sa.table('contact', *map(sa.column, (
    'id', 'name', 'company', 'email', 'search_text', 'deleted_at')))
CALL = sa.table('call', *map(sa.column, (
    'id', 'tenant_id', 'number', 'normal_form', 'caller_kind', 'erased_at')))
TENANT = sa.table('tenant', *map(sa.column, ('id', 'region')))

# A whole number of digits and usual signs is read as it was.
PLAIN = re.compile(r'\+?[0-9 ().-]{7,18}')


def upgrade():
    op.add_column('phone_number', sa.Column('extension', sa.String(7), nullable=False, server_default=''))
    op.add_column('phone_number', sa.Column('codes', sa.String(50), nullable=False, server_default=''))
    op.drop_index('uq_phone_number_contact_id_normal_form', 'phone_number')
    op.create_index('ix_phone_number_contact_id_normal_form', 'phone_number', ['contact_id', 'normal_form'])
    database = op.get_bind()
    regions = dict(tuple(row) for row in database.execute(
        sa.select(TENANT.c.id, TENANT.c.region).order_by(TENANT.c.id)))
    if regions:
        changed = read_numbers(database, next(iter(regions.values())))
        write_search_texts(database, sorted(changed))
        read_calls(database, regions)


def read_numbers(database, region):
    """Read what was typed; whose numbers have changed. Where it was typed is not on record: a number
    of another country was typed there, every other one at home.
    """
    changed = set()
    for row in in_pieces(database, NUMBER):
        if is_complete(row.normal_form) and PLAIN.fullmatch(row.raw):
            continue
        found = read(row.raw, region_of(row.normal_form.partition(';')[0]) or region)
        values = {'normal_form': found.number, 'extension': found.extension, 'codes': found.codes,
                  'label': row.label or found.label[:LONGEST]}
        if all(getattr(row, name) == value for name, value in values.items()):
            continue
        database.execute(NUMBER.update().where(NUMBER.c.id == row.id).values(**values))
        changed.add(row.contact_id)
    return changed


def write_search_texts(database, contact_ids):
    for contact_id in contact_ids:
        contact = database.execute(sa.select(CONTACT).where(CONTACT.c.id == contact_id)).one()
        if contact.deleted_at is not None:
            continue
        numbers = database.scalars(
            sa.select(NUMBER.c.normal_form).where(NUMBER.c.contact_id == contact_id).order_by(NUMBER.c.position))
        text = search_text_of(contact.name, contact.company, contact.email, numbers)
        database.execute(CONTACT.update().where(CONTACT.c.id == contact_id).values(search_text=text))


def read_calls(database, regions):
    """Numbers of calls; a masked caller stays one, whatever is known of the number."""
    for row in in_pieces(database, CALL):
        if row.erased_at is not None or not row.number or is_complete(row.normal_form or ''):
            continue
        kind = caller_kind(row.number)
        number = read(row.number, regions[row.tenant_id]).number if kind == 'number' else ''
        values = {'normal_form': number if 0 < len(number) <= LONGEST else None,
                  'caller_kind': row.caller_kind if row.caller_kind == 'masked' else kind}
        if (row.normal_form, row.caller_kind) != (values['normal_form'], values['caller_kind']):
            database.execute(CALL.update().where(CALL.c.id == row.id).values(**values))


def in_pieces(database, table):
    last = 0
    while True:
        piece = database.execute(
            sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(AT_ONCE)).all()
        if not piece:
            return
        yield from piece
        last = piece[-1].id


def downgrade():
    op.drop_index('ix_phone_number_contact_id_normal_form', 'phone_number')
    op.create_index('uq_phone_number_contact_id_normal_form', 'phone_number', ['contact_id', 'normal_form'])
    op.drop_column('phone_number', 'codes')
    op.drop_column('phone_number', 'extension')
