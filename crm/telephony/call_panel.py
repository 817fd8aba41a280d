"""The call panel: a call's card lives at `/call-panel/<cid>` and redraws itself from every POST.

`<cid>` is the id that the page gave the call. `static/js/call-panel.js` posts the softphone's
messages here; the card (`templates/call_panel/_card.html`) asks and posts the rest by itself.
`active_calls.py` has the question to the vendor for a masked caller.
"""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound, UnprocessableEntity

from crm import calls
from crm.callcenterstudio import CallCenterStudioError, Client
from crm.callcenterstudio.softphone import MESSAGE_TYPES
from crm.calls.contact_links import BY_NUMBER
from crm.contacts import directory
from crm.contacts.directory import PhoneMatch
from crm.extensions import db
from crm.models import Call, CallCard, CallState, Direction, utc_now
from crm.models.locking import in_one_transaction
from crm.models.tenant import KEY_LENGTH
from crm.telephony.records import ask_to_complete
from crm.telephony.screen_pop import Card
from crm.telephony.session_store import my_account, my_session
from crm.web import call_notes, current_agent
from crm.web.call_words import NOT_REACHED, history_of_caller, not_reached_text
from crm.web.incoming import call_id, row_id
from crm.web.outcome_names import outcome_names
from crm.web.vendor_words import in_words

blueprint = Blueprint("call_panel", __name__, url_prefix="/call-panel")

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
WAITS_AT_MOST = timedelta(hours=12)  # without a network, or with the CRM's login lost
RECORD_COMES_WITHIN = timedelta(minutes=2)
# A colleague's answer may be reported later than the end of the ring that it caused.
ANSWER_IS_HEARD_OF_WITHIN = timedelta(seconds=10)


@blueprint.get("/<cid>")
def card(cid: str) -> str:
    """The card as it is now."""
    return draw(call_of(cid))


@blueprint.post("/<cid>/messages")
def message(cid: str) -> str:
    """Record a message of the softphone.

    Form: type, number, activecallkey; at: when it came, sent: when it is sent, both by the
    browser's clock (ISO 8601, UTC).
    """
    kind = request.form.get("type", "")
    if kind not in MESSAGE_TYPES:
        raise UnprocessableEntity
    at = _occurred_at(request.form.get("at", ""), request.form.get("sent", ""))
    agent, number = current_agent.get(), request.form.get("number", "")[:255]
    dial = None
    # The page knows the dials of its own browser. Any other has an id that is new here.
    if kind == "Dial" and calls.card_named(agent.id, call_id(cid)) is None:
        dial = calls.dial_awaiting(agent.id, number, region=agent.region, now=utc_now())
    transaction_id = dial.transaction_id if dial else None

    def record() -> Call:
        call = calls.record_message(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id=call_id(cid),
            kind=kind,
            number=number,
            transaction_id=transaction_id,
            # A key that was cut is still too long to be valid: the message counts without one.
            activecallkey=request.form.get("activecallkey", "")[: KEY_LENGTH + 1] or None,
            occurred_at=at,
        )
        ask_to_complete(call)
        return call

    return draw(in_one_transaction(record))


@blueprint.get("/<cid>/ring")
def ring(cid: str) -> Response:
    """Whether a colleague has answered: the card as it is now, or no card; 204 while it rings on.

    A ringing card asks every second, so this costs one look into an index while nothing happens.
    """
    row = calls.card_named(current_user.id, call_id(cid))
    # If there is no card, the message of the ring has not arrived yet.
    if row is None or _rings_or_just_ended(row):
        return Response(status=204)
    return make_response(draw(call_of(cid))) if row.open else _no_card()


@blueprint.post("/<cid>/contact")
def contact(cid: str) -> str:
    """Link the call to the contact that the agent chose."""
    chosen = request.form.get("contact_id", type=row_id)
    if chosen is None:
        raise UnprocessableEntity
    call = call_of(cid)
    calls.record_wrap_up(call, current_user.id, contact_id=chosen)
    db.session.commit()
    return draw(call)


@blueprint.post("/<cid>/hold", defaults={"button": "hold"})
@blueprint.post("/<cid>/unhold", defaults={"button": "unhold"})
@blueprint.post("/<cid>/hang-up", defaults={"button": "hang-up"})
def press(cid: str, button: str) -> str:
    """Ask Call Center Studio to hold, resume or end the agent's active call."""
    call = call_of(cid)
    if call.state is CallState.ENDED:  # a card in another tab may not know yet
        return draw(call)
    # The vendor acts on "the active call" without a key, so it could end the wrong one of two.
    if calls.has_another_up(current_user.id, call, now=utc_now()):
        two = _("You have two calls. Hold or hang up in the softphone: it knows which is which.")
        return draw(call, problem=two)
    buttons = {"hold": Client.click2hold, "unhold": Client.click2unhold}
    try:
        my_session(my_account()).ask(buttons.get(button, Client.click2hang))
    except CallCenterStudioError as error:  # the agent can still use the softphone
        does = (
            _("The softphone's own button ends the call.")
            if button == "hang-up"
            else _("The softphone's own button holds and resumes the call.")
        )
        return draw(call_of(cid), problem=f"{in_words(str(error))} {does}")
    call = call_of(cid)
    if button != "hang-up":
        calls.record_hold(call, button == "hold", at=utc_now(), agent_id=current_user.id)
        db.session.commit()
    return draw(call)


@blueprint.post("/<cid>/notes")
def notes(cid: str) -> str:
    """Save the note and the outcome while the agent is still writing.

    Answers with the card even if the call is done: another window may still show it.
    """
    call = call_notes.record_typed(call_of(cid), current_user.id, call_id(cid))
    db.session.commit()
    return draw(call, saved=True)


@blueprint.post("/<cid>/done")
def done(cid: str) -> Response:
    """The agent is done with the call: note and outcome are saved, the card leaves the panel."""
    call = call_notes.record_typed(call_of(cid), current_user.id, call_id(cid))
    calls.close_card(call, current_user.id)
    db.session.commit()
    return _no_card()


@blueprint.post("/<cid>/not-taken")
def not_taken(cid: str) -> str:
    """No `Dial` message came within ten seconds of the dial."""
    call = call_of(cid)
    calls.record_dial_not_taken(call)
    db.session.commit()
    return draw(call)


def call_of(cid: str) -> Call:
    """The current agent's call with this id; answers with 404 if there is none."""
    call = calls.by_browser_call_id(current_user.tenant_id, current_user.id, call_id(cid))
    if call is None:
        raise NotFound
    return call


def draw(call: Call, *, problem: str | None = None, saved: bool = False) -> str:
    """The card as HTML, "" when it is closed."""
    card = card_of(call, problem=problem, saved=saved)
    return render_template("call_panel/_card.html", card=card) if card else ""


def open_cards() -> list[Card]:
    """The cards in the agent's panel, newest first; the dock of a whole page shows them."""
    cards = (card_of(call) for call in calls.open_cards(current_user.id))
    return [card for card in cards if card is not None]


def card_of(call: Call, *, problem: str | None = None, saved: bool = False) -> Card | None:
    """The card of a recorded call for this agent; None when it is closed.

    saved: a note was just saved, and the card says so, even if it is closed.
    """
    agent = current_agent.get()
    row = calls.card_of(call, agent.id)
    if row is None or not (row.open or saved):
        return None
    seen = agent.tenants_seen()
    tied = directory.get(call.contact_id, seen) if call.contact_id else None
    number = call.shown_number or ""
    match = PhoneMatch((tied,)) if tied else directory.find_by_number(number, seen)
    is_shown = call.caller_kind == "number"
    is_shared = call.contact_id is not None and directory.find_by_number(number).kind == "several"

    state = "wrap_up" if row.state is CallState.ENDED else row.state.value
    if call.dial_problem:
        state = "not_taken" if call.dial_problem == calls.NOT_TAKEN else "failed"
    result = calls.result_of(call) if state == "wrap_up" else ""
    reached_nobody = call.direction is Direction.OUTBOUND and call.answered is False
    says_why = reached_nobody and result in {*NOT_REACHED, "failed"}
    rings_here = state == "ringing" or result in ("missed", "abandoned")

    ended_at = call.ended_at or call.started_at
    record_comes = not call.complete and utc_now() - ended_at < RECORD_COMES_WITHIN
    asks_who = None
    if call.caller_kind == "masked" and not call.is_resolved:
        # While the call is up the vendor's list has the caller; then the record, which is fetched.
        if call.state is not CallState.ENDED:
            asks_who = url_for("active_calls.ask", cid=row.browser_call_id)
        elif record_comes:
            asks_who = url_for("call_panel.card", cid=row.browser_call_id)

    written = call_notes.lines_of(call)
    return Card(
        cid=row.browser_call_id,
        state=state,
        caller=match.kind if is_shown else call.caller_kind,
        number=call.shown_number,
        contacts=match.contacts,
        since=None if call.dial_problem else row.state_since,
        asks_ring=rings_here and _rings_or_just_ended(row),
        call=call,
        result=result,
        reason=not_reached_text(result, call.disposition) if says_why else "",
        asks_record=says_why and record_comes,
        asks_who=asks_who,
        found_by_number=call.sources.get("contact") == BY_NUMBER,
        may_be_other=not is_shown or is_shared,
        own_notes=tuple(note for note in written if note.author_id == agent.id),
        other_notes=tuple(note for note in written if note.author_id != agent.id),
        saved=saved,
        problem=problem,
    )


def _no_card() -> Response:
    """The card leaves the panel."""
    answer = make_response("")
    answer.headers["HX-Reswap"] = "delete"
    answer.headers["HX-Trigger"] = "calls-changed"
    return answer


def _rings_or_just_ended(row: CallCard) -> bool:
    """Whether a colleague's answer could still take away a card that nobody has answered here."""
    just_ended = utc_now() - row.state_since < ANSWER_IS_HEARD_OF_WITHIN
    rings = row.state is CallState.RINGING
    return row.open and (rings or (row.state is CallState.ENDED and just_ended))


def _occurred_at(at: str, sent: str) -> datetime:
    """The browser's time if it can be right; a clock that is far off is not believed.

    Even a wrong clock shows how long the message waited to be sent.
    """

    def read(text: str) -> datetime | None:
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    now = utc_now()
    came = read(at) or now
    left = read(sent) or came
    if abs(now - left) < CLOCKS_MAY_DIFFER and left - came < WAITS_AT_MOST:
        return came
    return now - min(max(left - came, timedelta()), WAITS_AT_MOST)


@blueprint.app_template_global()
def outcomes_of_call(call: Call) -> list[tuple[str, str]]:
    """The outcomes that a card offers: codes and words."""
    return outcome_names().offered(call)


blueprint.add_app_template_global(history_of_caller, "caller_history")
