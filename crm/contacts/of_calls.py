"""What lists and pops show of a contact's calls, as columns of a query over contacts.

Only of the tenants whose calls the reader may see: each query that has these columns takes their
ids as `tenant_ids`. Without a tenant there is nothing to show.
"""

from sqlalchemy import bindparam, func, select

from crm.models import Contact, ContactCalls

_KEPT = ContactCalls.__table__.c
# One row for an agent, found by its key; one for each tenant for an admin.
_SEEN = (
    _KEPT.contact_id == Contact.__table__.c.id,
    _KEPT.tenant_id.in_(bindparam("tenant_ids", expanding=True)),
)

CALLS_COUNT = func.coalesce(select(func.sum(_KEPT.calls_count)).where(*_SEEN).scalar_subquery(), 0)
LAST_CALL_AT = select(func.max(_KEPT.last_call_at)).where(*_SEEN).scalar_subquery()
LAST_CALL_SUMMARY = func.coalesce(
    select(_KEPT.last_call_summary)
    .where(*_SEEN)
    .order_by(_KEPT.last_call_at.desc(), _KEPT.tenant_id)
    .limit(1)
    .scalar_subquery(),
    "",
)
