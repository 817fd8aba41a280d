"""When the night begins, in which the worker does what would be in people's way by day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.extensions import db
from crm.models import Tenant

NIGHT = time(2, 30)


def next_night(now: datetime, timezone: str) -> datetime:
    """The next half past two in a zone, in UTC."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    tonight = datetime.combine(local.date(), NIGHT, zone)
    if tonight <= local:
        tonight = datetime.combine(local.date() + timedelta(days=1), NIGHT, zone)
    return tonight.astimezone(UTC)


def own_zone() -> str:
    """The installation's time zone: that of its first tenant."""
    first = select(Tenant.timezone).order_by(Tenant.id).limit(1)
    return db.session.scalar(first) or "UTC"
