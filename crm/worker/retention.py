"""Deletes every night what is older than admins want it kept; `crm.worker.schedule` names it."""

from crm import retention
from crm.background import ClientFor
from crm.models import utc_now

NAME = "retention"


def apply_retention(_subject: str, _client_for: ClientFor) -> None:
    """Delete it, some hundred rows at once."""
    retention.apply(now=utc_now())
