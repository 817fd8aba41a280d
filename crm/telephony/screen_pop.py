"""`GET /screen-pop`: shows who is calling when a call rings.

"Pop-Up of the Contact Card for Inbound Calls" in the guide. `call-panel.js` asks when the softphone
posts `IncomingCall`: one look-up, one card, nothing written. Another request records the message
(`call_panel.message`). The card itself asks for a masked caller (`active_calls.py`).
"""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request
from werkzeug.exceptions import UnprocessableEntity

from crm.contacts import directory
from crm.contacts.directory import PopContact
from crm.models import Call, utc_now
from crm.phone_numbers import caller_kind, display, normal_form, region_of
from crm.web import current_agent
from crm.web.call_notes import NoteLine
from crm.web.call_words import last_call_text
from crm.web.incoming import call_id, number_in
from crm.web.template_filters import territory_name

blueprint = Blueprint("screen_pop", __name__)

LONGEST_NUMBER = 100
LONGEST_ADDRESS = 255  # "Name" <sip:number@host>


@dataclass(frozen=True, kw_only=True)
class Card:
    """One call in the panel; `templates/call_panel/_card.html` draws it.

    The first fields are filled at the ring. The others come from the call's row;
    `call_panel.card_of` fills them in.
    """

    cid: str  # the page's own id of the call
    state: str  # ringing, dialling, talking, held, wrap_up; not_taken or failed: a dial's problem
    caller: str  # none, one, several: how many contacts have the number; masked, anonymous
    number: str | None  # normal form; None when it is withheld
    contacts: tuple[PopContact, ...]
    since: datetime | None  # when the state began
    opens: bool = False  # the contact's page may open by itself
    asks_ring: bool = False  # a colleague may answer it, or may just have

    call: Call | None = None
    result: str = ""  # how the call went, once it is over; see `calls.result_of`
    reason: str = ""  # why a dial that the vendor took reached nobody, in a sentence
    asks_record: bool = False  # the record may still give the reason
    asks_who: str | None = None  # address to ask who a masked caller is
    found_by_number: bool = False  # the contact follows from the number
    may_be_other: bool = False  # it may be wrong: the number is withheld, or several have it
    own_notes: tuple[NoteLine, ...] = ()  # the agent's own, which the field holds
    other_notes: tuple[NoteLine, ...] = ()  # what colleagues wrote about the same call
    saved: bool = False
    problem: str | None = None  # why a button of the card did not work

    @property
    def contact(self) -> PopContact | None:
        """The contact, if exactly one has the number."""
        return self.contacts[0] if len(self.contacts) == 1 else None


@blueprint.get("/screen-pop")
def screen_pop() -> str:
    """The card of a ringing call. Query: call (the page's own id), number (as the vendor sent it).

    422 if the id is invalid or the number is too long.
    """
    number = number_in(request.args, "number")
    if len(number) > (LONGEST_ADDRESS if "@" in number else LONGEST_NUMBER):
        raise UnprocessableEntity
    agent = current_agent.get()
    kind = caller_kind(number)  # number, masked or anonymous
    normal = normal_form(number, agent.region) if kind == "number" else ""
    found = directory.find_by_number(normal, agent.tenants_seen() if normal else ())
    card = Card(
        cid=call_id(request.args.get("call", "")),
        state="ringing",
        caller=found.kind if normal else kind,
        number=normal or None,
        contacts=found.contacts,
        since=utc_now(),
        opens=found.kind == "one" and agent.pop_opens_contact,
        asks_ring=True,
    )
    return render_template("call_panel/_card.html", card=card)


@blueprint.app_template_filter()
def country(number: str | None, home: str) -> str:
    """The country of a foreign number; "" for the region `home` or an unknown one."""
    region = region_of(number) if number else ""
    return territory_name(region) if region and region != home else ""


blueprint.add_app_template_filter(display)
blueprint.add_app_template_filter(last_call_text)
