"""What Call Center Studio posts to us: the report at the end of a call dialled by click2call.

The web layer gives the form of the request; what comes out is safe to store. The post has no
signature: put an unguessable secret into the path of ``hangup_url``, and expect duplicates,
losses and late arrivals (nobody published a rule for repeats).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from .values import Fields


@dataclass(frozen=True)
class HangupReport:
    """The form posted to ``hangup_url``; field names are the vendor's (vendor's wiki).

    ``call_id`` is what ``reportsCDRLogs`` takes as ``activecallkey`` (vendor's guide).
    ``transaction_id`` is what we sent as ``transactionid``. ``call_date`` is the tenant's local
    time, ``duration`` seconds, ``agent_username`` an e-mail address.
    ``disposition`` is one of ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION, CHANUNAVAIL, DONTCALL,
    TORTURE, INVALIDARGS, or a value yet unknown, kept as it came.
    """

    call_id: str
    caller_id: str
    called_num: str
    call_date: datetime | None
    transaction_id: str
    agent_username: str
    duration: int | None
    disposition: str
    tenant: str
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> Self:
        """Read the form; never raises. Missing is empty, nonsense is empty and in ``problems``."""
        fields = Fields(form)
        return cls(
            call_id=fields.text("call_id"),
            caller_id=fields.text("caller_id"),
            called_num=fields.text("called_num"),
            call_date=fields.moment("call_date"),
            transaction_id=fields.text("transaction_id"),
            agent_username=fields.text("agent_username"),
            duration=fields.seconds("duration"),
            disposition=fields.text("disposition"),
            tenant=fields.text("tenant"),
            problems=fields.problems,
        )
