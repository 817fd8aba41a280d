"""Limits of the webhook inbox: a sender with a valid secret could send without end.

`is_full` limits the unread webhooks; it is checked when one comes. `tenants_without_room` limits
the calls without a record; it is checked when the worker folds, which then leaves the rest unread.
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
SECONDS_BETWEEN_LOOKS = 2.0  # so a flood costs a look now and then, not one for each request
BETWEEN_LOOKS_FOR_RECORDS = timedelta(minutes=1)


def is_full(tenant_id: int) -> bool:
    """Whether MOST_UNREAD webhooks of this tenant wait, so that no more are accepted now."""
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
    """The tenants with so many recent calls without a record that no more are made."""
    waits = (Call.complete.is_(False), Call.started_at > now - UNCONFIRMED_FOR)
    counted = select(Call.tenant_id).where(*waits).group_by(Call.tenant_id)
    return list(db.session.scalars(counted.having(func.count() >= MOST_UNCONFIRMED)))


def tenants_without_room(now: datetime) -> list[int]:
    """The same, checked once a minute, and only if that much work waits altogether."""
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
