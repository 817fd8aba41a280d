"""One dial at a time for an agent, whichever tab or process asks; used by `POST /dial`.

The reservation is a column of the agent that a single UPDATE takes, so two requests of the same
moment cannot both have it.
"""

from datetime import datetime

from sqlalchemy import or_, update

from crm.extensions import db
from crm.models import Agent
from crm.models.locking import take_write_lock


def reserve(agent_id: int, *, now: datetime, until: datetime) -> bool:
    """Whether this dial may be sent. The caller commits.

    The reservation ends by `release`, or by itself at `until`.
    """
    take_write_lock()
    free = or_(Agent.dialling_until.is_(None), Agent.dialling_until < now)
    statement = (
        update(Agent)
        .where(Agent.id == agent_id, free)
        .values(dialling_until=until)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(statement) is not None


def release(agent_id: int) -> None:
    """The dial was sent or refused; the next one may be. The caller commits."""
    take_write_lock()
    statement = update(Agent).where(Agent.id == agent_id).values(dialling_until=None)
    db.session.execute(statement.execution_options(synchronize_session=False))
