"""`GET /screen-pop`: who is calling. Asked at the moment of the ring; writes nothing."""

from flask import Blueprint, render_template, request
from werkzeug.exceptions import UnprocessableEntity

from crm.telephony import call_ids, cards
from crm.web import current_agent
from crm.web.incoming import number_in

blueprint = Blueprint("screen_pop", __name__)

LONGEST_NUMBER = 100
LONGEST_ADDRESS = 255  # "Name" <sip:number@host>


@blueprint.get("/screen-pop")
def screen_pop() -> str:
    """The card of a ringing call. Query: call (the page's own id), number (as the vendor sent it).

    422 when the id is none or the number is too long to be one.
    """
    number = number_in(request.args, "number")
    if len(number) > (LONGEST_ADDRESS if "@" in number else LONGEST_NUMBER):
        raise UnprocessableEntity
    cid = call_ids.checked(request.args.get("call", ""))
    card = cards.of_ring(cid, number, current_agent.get())
    return render_template("call_panel/_card.html", card=card)
