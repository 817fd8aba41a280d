"""Decisions about agents: who they are, whether a password fits, when their logins end.

Used by the login, the settings pages and `flask agent`.
"""

from sqlalchemy import select
from werkzeug.security import check_password_hash, generate_password_hash

from crm.extensions import db
from crm.models import Agent

# Compared against when the address is unknown, so that the answer takes as long as for a known one.
_NOBODY = generate_password_hash("nobody has this password")


def normal_email(email: str) -> str:
    """The form in which addresses are stored and compared: trimmed, lower case."""
    return email.strip().lower()


def authenticate(email: str, password: str) -> Agent | None:
    """The active agent whose address and password these are, or None."""
    agent = db.session.scalar(select(Agent).where(Agent.email == normal_email(email)))
    fits = check_password_hash(agent.password_hash if agent else _NOBODY, password)
    return agent if agent is not None and agent.active and fits else None
