"""How much the webhook inbox holds: a sender with a valid secret could send without end.

`is_full` bounds what waits to be read, when a webhook comes. `tenants_without_room` bounds what was
read and has no record yet, when the worker folds: it then leaves the rest unread.
"""

import time
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from crm.extensions import db
from crm.models import Call, InboxEntry, Work, WorkState, inbox_file
from crm.telephony.records import COMPLETE_CALL

MOST_UNREAD = 20_000  # of a tenant; each has at most 16 kB
MOST_UNCONFIRMED = 20_000
UNCONFIRMED_FOR = timedelta(days=7)
SECONDS_BETWEEN_LOOKS = 2.0  # at what waits; so a flood costs a look now and then, not one each
BETWEEN_LOOKS_FOR_RECORDS = timedelta(minutes=1)


def is_full(tenant_id: int) -> bool:
    """Whether so much of this tenant waits to be read that no more is taken at the moment."""
    looks: dict[int, tuple[float, bool]] = current_app.extensions.setdefault("webhooks' room", {})
    looked_at, full = looks.get(tenant_id, (0.0, False))
    now = time.monotonic()
    if now - looked_at > SECONDS_BETWEEN_LOOKS:
        theirs = select(InboxEntry.id).where(InboxEntry.tenant_id == tenant_id).limit(MOST_UNREAD)
        counted = select(func.count()).select_from(theirs.subquery())
        with db.engine.connect() as connection:
            unread = int(connection.execute(counted).scalar_one())
        full = unread + inbox_file.count(tenant_id) >= MOST_UNREAD
        looks[tenant_id] = (now, full)
    return full


def tenants_without_records(now: datetime) -> list[int]:
    """The tenants of which so many calls of the last days have no record that no more are made."""
    waits = (Call.complete.is_(False), Call.started_at > now - UNCONFIRMED_FOR)
    counted = select(Call.tenant_id).where(*waits).group_by(Call.tenant_id)
    return list(db.session.scalars(counted.having(func.count() >= MOST_UNCONFIRMED)))


def tenants_without_room(now: datetime) -> list[int]:
    """The same, looked at once a minute, and only when so much work waits altogether."""
    kept_at = "tenants without room"
    last: tuple[datetime, list[int]] | None = current_app.extensions.get(kept_at)
    if last is not None and timedelta() <= now - last[0] < BETWEEN_LOOKS_FOR_RECORDS:
        return last[1]
    undone = Work.state.in_((WorkState.WAITING, WorkState.GIVEN_UP))
    waits = select(Work.id).where(undone, Work.kind == COMPLETE_CALL).limit(MOST_UNCONFIRMED)
    many = db.session.scalar(select(func.count()).select_from(waits.subquery())) or 0
    full = tenants_without_records(now) if many >= MOST_UNCONFIRMED else []
    current_app.extensions[kept_at] = (now, full)
    return full
