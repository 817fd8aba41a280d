"""What one line of the missed calls shows: a caller who waits; templates/missed draws it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from crm import calls
from crm.calls import missed
from crm.calls.missed import WaitingCaller
from crm.models import Call
from crm.phone_numbers import display
from crm.web.agent_names import names
from crm.web.call_lines import name_of
from crm.web.call_words import RESULTS
from crm.web.current_agent import CurrentAgent
from crm.web.template_filters import local_time


@dataclass(frozen=True, kw_only=True)
class MissedLine:
    """A caller who waits. id: of the newest call, which stands for those before it too.

    who: the contact's name, the number, or words for a caller who cannot be shown. number: normal
    form, None when it is withheld. can_call_back: the number is known, shown or not, and this agent
    calls for the tenant that was called. tenant: its name where there are several.
    called_back: "called back 10:31, no answer", or who is calling back.
    """

    id: int
    who: str
    contact_id: int | None
    number: str | None
    number_display: str
    can_call_back: bool
    times: int
    first_at: datetime
    last_at: datetime
    zone: str
    longest_wait: int | None
    last_wait: int | None
    gave_up: bool
    queues: str
    tenant: str
    called_back: str


def of_caller(
    caller: WaitingCaller, agent: CurrentAgent, *, now: datetime, several_tenants: bool
) -> MissedLine:
    """The line of a caller as this agent may see it."""
    call = caller.newest
    contact = call.contact if call.contact and call.contact.deleted_at is None else None
    number = call.shown_number
    shown = display(number, agent.region) if number else ""
    return MissedLine(
        id=call.id,
        who=who(call, agent),
        contact_id=contact.id if contact else None,
        number=number,
        number_display=shown,
        can_call_back=bool(call.normal_form) and call.tenant_id == agent.tenant_id,
        times=caller.times,
        first_at=caller.first_at,
        last_at=call.started_at,
        zone=agent.timezone,
        longest_wait=caller.longest_wait,
        last_wait=call.wait_seconds,
        gave_up=bool(call.abandoned),
        queues=", ".join(caller.queues),
        tenant=call.tenant.name if several_tenants else "",
        called_back=_called_back(caller.called_back, agent, now) if caller.called_back else "",
    )


def who(call: Call, agent: CurrentAgent) -> str:
    """The caller of a call: the contact, the number, or words for one who cannot be shown."""
    return name_of(call) or display(call.shown_number or "", agent.region)


def who_calls_back(call: Call, agent: CurrentAgent) -> str:
    """In words: who is being connected with the caller at this moment."""
    if call.agent_id == agent.id:
        return str(_("You are calling back."))
    name = names().of_call(call) or _("Somebody")
    return str(_("%(name)s is calling back.", name=name))


def _called_back(call: Call, agent: CurrentAgent, now: datetime) -> str:
    if missed.is_up(call, now=now):
        return who_calls_back(call, agent)
    zone = ZoneInfo(agent.timezone)
    today = call.started_at.astimezone(zone).date() == now.astimezone(zone).date()
    time = local_time(call.started_at, agent.timezone, "HH:mm" if today else "d MMM HH:mm")
    code = calls.result_of(call)
    return str(_("Called back %(time)s, %(result)s", time=time, result=RESULTS.get(code, code)))
