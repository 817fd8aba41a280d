"""How much of what a tenant's webhooks send is kept before the vendor has confirmed any of it.

Whoever has a valid secret can send without end. What waits to be read is bounded at the door
(`crm.telephony.webhooks`), what was read and has no record yet by the worker
(`crm.telephony.webhooks.folding`), which leaves the rest unread until records come; so the one
bound leads to the other.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from crm.extensions import db
from crm.models import inbox
from crm.models.arrival import Arrival
from crm.models.call import Call

MOST_UNREAD = 20_000  # of a tenant; each has at most 16 kB
MOST_UNCONFIRMED = 20_000
UNCONFIRMED_FOR = timedelta(days=7)


def is_unread_full(tenant_id: int) -> bool:
    """Whether so much of this tenant waits to be read that no more is taken."""
    theirs = select(Arrival.id).where(Arrival.tenant_id == tenant_id).limit(MOST_UNREAD)
    with db.engine.connect() as connection:
        read = connection.execute(select(func.count()).select_from(theirs.subquery())).scalar_one()
    return inbox.count(tenant_id) + int(read) >= MOST_UNREAD


def tenants_without_records(now: datetime) -> list[int]:
    """The tenants of which so many calls of the last days have no record that no more are made."""
    waits = (Call.complete.is_(False), Call.started_at > now - UNCONFIRMED_FOR)
    counted = select(Call.tenant_id).where(*waits).group_by(Call.tenant_id)
    return list(db.session.scalars(counted.having(func.count() >= MOST_UNCONFIRMED)))
