"""The call panel: a call's card lives at `/call-panel/<cid>` and redraws itself from every POST.

`<cid>` is the id that the page gave the call. `static/js/call-panel.js` posts the softphone's
messages here; the card's own buttons do the rest.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound, UnprocessableEntity

from crm import calls
from crm.callcenterstudio import CallCenterStudioError
from crm.callcenterstudio.softphone import MESSAGE_TYPES
from crm.extensions import db
from crm.models import Call, CallState, utc_now
from crm.models.locking import in_one_transaction
from crm.models.tenant import KEY_LENGTH
from crm.telephony import call_ids, cards
from crm.telephony.complete import ask_to_complete
from crm.telephony.phone import keep_session, my_account, my_session, the_telephony
from crm.telephony.sessions import Account, Telephony, TelephonySession
from crm.web import call_notes
from crm.web.incoming import row_id

blueprint = Blueprint("call_panel", __name__, url_prefix="/call-panel")

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
WAITS_AT_MOST = timedelta(hours=12)  # without a network, or with the CRM's login lost


@blueprint.get("/<cid>")
def card(cid: str) -> str:
    """The card as it stands."""
    return _draw(_call(cid))


@blueprint.get("/<cid>/ring")
def ring(cid: str) -> Response:
    """Whether a colleague has answered: the card as it is now, or no card; 204 while it rings on.

    A ringing card asks every second, so this costs one look into an index while nothing happens.
    """
    card = calls.card_named(current_user.id, call_ids.checked(cid))
    # Without a card the message of the ring is still on its way.
    if card is None or cards.rings_or_just_ended(card):
        return Response(status=204)
    return make_response(_draw(_call(cid))) if card.open else _no_card()


@blueprint.post("/<cid>/messages")
def message(cid: str) -> str:
    """Record a message of the softphone.

    Form: type, number, activecallkey; at: when it came, sent: when it is sent, both by the
    browser's clock (ISO 8601, UTC).
    """
    kind = request.form.get("type", "")
    if kind not in MESSAGE_TYPES:
        raise UnprocessableEntity
    told = {
        "tenant_id": current_user.tenant_id,
        "agent_id": current_user.id,
        "browser_call_id": call_ids.checked(cid),
        "kind": kind,
        "number": request.form.get("number", "")[:255],
        # What is cut is still too long to be a key: the message counts without one.
        "activecallkey": request.form.get("activecallkey", "")[: KEY_LENGTH + 1] or None,
        "occurred_at": _occurred_at(request.form.get("at", ""), request.form.get("sent", "")),
    }
    call = in_one_transaction(lambda: _record(told))
    return _draw(call)


@blueprint.post("/<cid>/notes")
def notes(cid: str) -> str:
    """Keep the note and the outcome while they are being made.

    The answer is the card, also of a call that is done: another window of the agent's may have it.
    """
    call = call_notes.record_typed(_call(cid), current_user.id, call_ids.checked(cid))
    db.session.commit()
    return _draw(call, saved=True)


@blueprint.post("/<cid>/contact")
def contact(cid: str) -> str:
    """Tie the call to the contact that the agent chose."""
    chosen = request.form.get("contact_id", type=row_id)
    if chosen is None:
        raise UnprocessableEntity
    call = _call(cid)
    calls.record_wrap_up(call, current_user.id, contact_id=chosen)
    db.session.commit()
    return _draw(call)


@blueprint.post("/<cid>/done")
def done(cid: str) -> Response:
    """The agent is done with the call: note and outcome are kept, the card goes."""
    call = call_notes.record_typed(_call(cid), current_user.id, call_ids.checked(cid))
    calls.close_card(call, current_user.id)
    db.session.commit()
    return _no_card()


@blueprint.post("/<cid>/not-taken")
def not_taken(cid: str) -> str:
    """No `Dial` message came within ten seconds of the dial."""
    call = _call(cid)
    calls.record_dial_not_taken(call)
    db.session.commit()
    return _draw(call)


@blueprint.post("/<cid>/hang-up")
def hang_up(cid: str) -> Response:
    """Ask Call Center Studio to end the agent's active call."""
    return _tell_vendor(cid, lambda phone, account, session: phone.hang_up(account, session))


@blueprint.post("/<cid>/hold")
def hold(cid: str) -> Response:
    """Ask Call Center Studio to put the agent's active call on hold."""
    return _tell_vendor(
        cid, lambda phone, account, session: phone.hold(account, session), held=True
    )


@blueprint.post("/<cid>/unhold")
def unhold(cid: str) -> Response:
    """Ask Call Center Studio to take the agent's active call off hold."""
    return _tell_vendor(
        cid, lambda phone, account, session: phone.unhold(account, session), held=False
    )


@blueprint.get("/<cid>/check")
def check(cid: str) -> Response:
    """Ask which calls are up: resolves a masked caller, ends a call whose last message was lost.

    A request of its own, so that neither the pop nor the recording of messages waits for it.
    """
    _call(cid)  # 404 when it is nobody's
    try:
        account = my_account()
        answered = the_telephony().active_calls(account, my_session(account))
    except CallCenterStudioError:
        return make_response(_draw(_call(cid)))
    keep_session(answered.session)
    for active in answered.answer:
        calls.record_active_call(
            tenant_id=current_user.tenant_id, agent_id=current_user.id, active=active
        )
    call = _call(cid)
    keys = {active.activecallkey for active in answered.answer}
    ask_to_complete(calls.settle(call, current_user.id, keys, now=utc_now()))
    db.session.commit()
    return make_response(_draw(_call(cid)))


def _tell_vendor(
    cid: str,
    tell: Callable[[Telephony, Account, TelephonySession], TelephonySession],
    *,
    held: bool | None = None,
) -> Response:
    call = _call(cid)
    if call.state is CallState.ENDED:  # a card in another tab may not know yet
        return make_response(_draw(call))
    if calls.has_another_up(current_user.id, call, now=utc_now()):
        return make_response(_draw(call, problem=_two_calls()))
    try:
        account = my_account()
        working = tell(the_telephony(), account, my_session(account))
    except CallCenterStudioError as error:
        return make_response(_draw(_call(cid), problem=_do_it_there(str(error), held)))
    keep_session(working)
    call = _call(cid)
    if held is not None:
        calls.record_hold(call, held, at=utc_now(), agent_id=current_user.id)
        db.session.commit()
    return make_response(_draw(call))


def _call(cid: str) -> Call:
    call = calls.by_browser_call_id(current_user.tenant_id, current_user.id, call_ids.checked(cid))
    if call is None:
        raise NotFound
    return call


def _draw(call: Call, *, problem: str | None = None, saved: bool = False) -> str:
    card = cards.of_call(call, current_user, problem=problem, saved=saved, also_done=saved)
    return render_template("call_panel/_card.html", card=card) if card else ""


def _no_card() -> Response:
    """The card leaves the panel."""
    answer = make_response("")
    answer.headers["HX-Reswap"] = "delete"
    answer.headers["HX-Trigger"] = "calls-changed"
    return answer


def _record(told: dict[str, Any]) -> Call:
    call = calls.record_message(**told)
    ask_to_complete(call)
    return call


def _two_calls() -> str:
    """The vendor is told "the active call" and no key, so the wrong one of two could be ended."""
    return str(_("You have two calls. Hold or hang up in the softphone: it knows which is which."))


def _do_it_there(problem: str, held: bool | None) -> str:
    """Why it did not work, and what works all the same: the softphone does not need the CRM."""
    ends = _("The softphone's own button ends the call.")
    holds = _("The softphone's own button holds and resumes the call.")
    return f"{problem} {ends if held is None else holds}"


def _occurred_at(at: str, sent: str) -> datetime:
    """The browser's time when it can be right; a clock that is far off is not believed.

    Even a wrong clock tells how long the message waited to be sent.
    """
    now = utc_now()
    came = _browser_time(at) or now
    left = _browser_time(sent) or came
    if abs(now - left) < CLOCKS_MAY_DIFFER and left - came < WAITS_AT_MOST:
        return came
    return now - min(max(left - came, timedelta()), WAITS_AT_MOST)


def _browser_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
