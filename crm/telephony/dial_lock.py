"""One dial at a time for an agent, whichever tab or process asks; used by `POST /dial`.

The reservation is a column of the agent that a single UPDATE takes, so two requests of the same
moment cannot both have it.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from crm.extensions import db
from crm.models import Agent
from crm.models.locking import take_write_lock

# Longer than the vendor may take to accept - dial, log in, dial again, ten seconds each - so that
# no second dial overlaps the first.
LONGEST = timedelta(seconds=35)


def reserve(agent_id: int, *, now: datetime) -> bool:
    """Whether this dial may be sent. The caller commits.

    The reservation ends by `release`, or by itself after LONGEST.
    """
    take_write_lock()
    free = or_(Agent.dialling_until.is_(None), Agent.dialling_until < now)
    statement = (
        update(Agent)
        .where(Agent.id == agent_id, free)
        .values(dialling_until=now + LONGEST)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(statement) is not None


def under_way_since(agent_id: int, *, now: datetime) -> datetime | None:
    """Since when a dial of this agent is under way, None when none is."""
    until = db.session.scalar(select(Agent.dialling_until).where(Agent.id == agent_id))
    return until - LONGEST if until is not None and until >= now else None


def release(agent_id: int, *, begun_before: datetime | None = None) -> None:
    """The dial was sent or refused, or came to nothing; the next one may be. The caller commits.

    begun_before: only one that began before; another may have been reserved meanwhile.
    """
    take_write_lock()
    statement = update(Agent).where(Agent.id == agent_id).values(dialling_until=None)
    if begun_before is not None:
        statement = statement.where(Agent.dialling_until < begun_before + LONGEST)
    db.session.execute(statement.execution_options(synchronize_session=False))
