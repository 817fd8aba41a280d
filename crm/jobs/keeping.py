"""Deletes every night what is older than admins want it kept; `crm.jobs.schedule` names it."""

from crm import keeping
from crm.jobs.kinds import ClientFor
from crm.models import utc_now

NAME = "keeping"


def apply_retention(_subject: str, _client_for: ClientFor) -> None:
    """Delete it, some hundred rows at once."""
    keeping.apply(now=utc_now())
