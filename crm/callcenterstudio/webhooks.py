"""Parses what Call Center Studio sends: the post at the end of a dial, and the IVR's notification.

The web layer passes the parameters of the request; the result is safe to store. Neither has a
signature: put an unguessable secret into the path of the address, and expect duplicates, losses and
late arrivals (a rule for repeats is not published).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from .values import Fields


@dataclass(frozen=True)
class HangupReport:
    """The form posted to ``hangup_url``; field names are the vendor's (vendor's wiki).

    ``call_id`` is what ``reportsCDRLogs`` takes as ``activecallkey`` (vendor's guide).
    ``transaction_id`` is what we sent as ``transactionid``. ``call_date`` is the tenant's local
    time, ``duration`` seconds, ``agent_username`` an e-mail address. ``disposition`` is one of
    `dispositions.DISPOSITIONS`, or an unknown word, kept as it came.
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
        """Read the form; never raises. Unreadable fields are empty and in ``problems``."""
        fields = Fields(form)
        return cls(
            call_id=fields.text("call_id"),
            caller_id=fields.number("caller_id"),
            called_num=fields.number("called_num"),
            call_date=fields.moment("call_date"),
            transaction_id=fields.text("transaction_id"),
            agent_username=fields.email("agent_username"),
            duration=fields.seconds("duration"),
            disposition=fields.text("disposition"),
            tenant=fields.text("tenant"),
            problems=fields.problems,
        )


#: What a parameter of a notification can mean, and the names by which it is known without being
#: told; capitals make no difference. ``CallID``, ``AgentID`` and ``MobilePhoneNumber`` are those of
#: one production set-up (seen, not confirmed); the rest are the vendor's names for the same things
#: elsewhere, so that a customer who copies them need not fill in anything.
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "activecallkey": ("activecallkey", "callid", "call_id", "call_activecallkey"),
    "number": ("number", "mobilephonenumber", "callerid", "caller_id", "call_callerid"),
    "called": ("called", "called_num"),
    "agent_email": ("agentid", "agent_email", "agent_username", "call_agent_email"),
    "queue": ("queue", "queue_name"),
    "duration": ("duration", "call_duration"),
    "disposition": ("disposition",),
    "call_date": ("call_date", "calldate"),
}


@dataclass(frozen=True)
class NotificationReport:
    """The report of a step of the tenant's IVR at the end of a call (vendor's guide).

    It comes as a GET with a query, or as a POST that has a query and no body (seen in one
    production set-up). The parameters' names are the customer's own (vendor's guide), so `parse`
    takes a map of them. Only ``activecallkey`` is needed: the call detail record has the rest.

    ``agent_told``: there is a parameter for the agent, even if it is empty. ``duration`` is in
    seconds; it is not published whether of the whole call or of the talk. ``call_date`` is the
    tenant's local time. ``understood``: name of a parameter -> what it was taken for.
    """

    activecallkey: str
    number: str
    called: str
    agent_email: str
    agent_told: bool
    queue: str
    duration: int | None
    disposition: str
    call_date: datetime | None
    understood: Mapping[str, str]
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, parameters: Mapping[str, Any], names: Mapping[str, str] | None = None) -> Self:
        """Read the parameters; never raises. Missing fields are empty, unreadable ones also in
        ``problems``, by their meaning.

        names: meaning -> the customer's name of that parameter. For a meaning without a name the
        usual names are tried (`MEANINGS`).
        """
        there = {name.lower(): name for name in reversed(list(parameters))}
        named = {meaning: name.lower() for meaning, name in (names or {}).items() if name}
        taken = set(named.values())  # what the customer has named is looked for as nothing else
        found: dict[str, str] = {}
        for meaning, usual in MEANINGS.items():
            wanted = [named[meaning]] if meaning in named else [n for n in usual if n not in taken]
            present = [there[name] for name in wanted if name in there]
            filled = [name for name in present if parameters[name] not in (None, "")]
            if present:
                found[meaning] = (filled or present)[0]
        fields = Fields({meaning: parameters[name] for meaning, name in found.items()})
        return cls(
            activecallkey=fields.text("activecallkey"),
            number=fields.number("number"),
            called=fields.number("called"),
            agent_email=fields.email("agent_email"),
            agent_told=fields.is_told("agent_email"),
            queue=fields.text("queue"),
            duration=fields.seconds("duration"),
            disposition=fields.text("disposition"),
            call_date=fields.moment("call_date"),
            understood={name: meaning for meaning, name in found.items()},
            problems=fields.problems,
        )
