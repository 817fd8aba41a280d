"""What a card of the call panel shows: one plain object, made from a ring or from a call.

`templates/call_panel/_card.html` draws it; `screen_pop`, `call_panel` and the page's dock make it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _

from crm import calls, contacts
from crm.contacts import PhoneMatch, PopContact
from crm.models import Call, CallState, utc_now
from crm.phone_numbers import CallerKind, caller_kind, display, normal_form, region_of
from crm.web.current_agent import CurrentAgent
from crm.web.territories import territory_name

STATES = {
    CallState.DIALLING: "dialling",
    CallState.RINGING: "ringing",
    CallState.TALKING: "talking",
    CallState.HELD: "held",
    CallState.ENDED: "wrap_up",
}


@dataclass(frozen=True, kw_only=True)
class Card:
    """One call in the panel.

    caller: none, one or several contacts found; masked or anonymous when there is no number to
    show. number is the normal form, None when it is withheld. since: when the state began.
    opens: address of the contact's page when it may open by itself.
    """

    cid: str
    state: str
    direction: str
    caller: str
    number: str | None = None
    number_display: str | None = None
    place: str = ""
    resolved: bool = False
    contact: PopContact | None = None
    candidates: tuple[PopContact, ...] = ()
    since: str = ""
    queue: str = ""
    note: str = ""
    outcome: str = ""
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    message: str | None = None
    saved: bool = False
    opens: str | None = None
    asks_who: bool = False


def of_ring(cid: str, number: str, agent: CurrentAgent) -> Card:
    """The card of a call that begins to ring: one look-up, nothing written."""
    kind = caller_kind(number)
    normal = normal_form(number, agent.region) if kind is CallerKind.NUMBER else None
    match = contacts.find_by_phone(normal) if normal else PhoneMatch.nobody()
    found = match.contacts[0] if match.kind == "one" else None
    return Card(
        cid=cid,
        state="ringing",
        direction="inbound",
        caller=match.kind if normal else kind.value,
        number=normal,
        number_display=display(normal, agent.region) if normal else None,
        place=_place(normal, agent),
        contact=found,
        candidates=match.contacts if match.kind == "several" else (),
        since=utc_now().isoformat(),
        opens=f"/contacts/{found.id}" if found and agent.pop_opens_contact else None,
    )


def of_call(
    call: Call, agent: CurrentAgent, *, message: str | None = None, saved: bool = False
) -> Card:
    """The card of a call that is on record."""
    withheld = call.caller_kind != "number"
    found = contacts.pop_contact(call.contact_id) if call.contact_id else None
    match = PhoneMatch.nobody()
    if found is None and call.normal_form:
        match = contacts.find_by_phone(call.normal_form)
        found = match.contacts[0] if match.kind == "one" else None
    caller = "one" if found else match.kind
    shown = None if withheld else call.normal_form
    state = _state(call)
    return Card(
        cid=call.browser_call_id or "",
        state=state,
        direction=call.direction.value if call.direction else "inbound",
        caller=call.caller_kind if withheld else caller,
        number=shown,
        number_display=display(shown, agent.region) if shown else None,
        place=_place(shown, agent),
        resolved=withheld and call.normal_form is not None,
        contact=found,
        candidates=match.contacts if caller == "several" and not withheld else (),
        since="" if state in ("failed", "not_taken") else _since(call).isoformat(),
        queue=call.queue,
        note=call.note,
        outcome=call.outcome,
        outcomes=[(value, str(label)) for value, label in calls.OUTCOMES],
        message=message or _message(call),
        saved=saved,
        asks_who=call.caller_kind == "masked" and not call.normal_form and state != "wrap_up",
    )


def open_cards(agent: CurrentAgent) -> list[Card]:
    """The cards that stand in the agent's panel, newest first."""
    return [of_call(call, agent) for call in calls.open_cards(agent.id)]


def _state(call: Call) -> str:
    if call.dial_problem == calls.NOT_TAKEN:
        return "not_taken"
    return "failed" if call.dial_problem else STATES[call.state]


def _message(call: Call) -> str | None:
    if call.dial_problem == calls.NOT_TAKEN:
        return _("The softphone did not take this call. Is it open and logged in? Then dial again.")
    return call.dial_problem or None


def _since(call: Call) -> datetime:
    if call.state is CallState.ENDED:
        return call.ended_at or call.started_at
    return call.answered_at or call.started_at


def _place(normal: str | None, agent: CurrentAgent) -> str:
    region = region_of(normal) if normal else ""
    return territory_name(region) if region and region != agent.region else ""
