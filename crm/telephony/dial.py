"""`POST /dial`: click-to-call. A click dials once, however often it is made or arrives."""

from json import dumps
from uuid import uuid4

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from crm import calls
from crm.callcenterstudio import CallCenterStudioError
from crm.calls import missed, rows
from crm.extensions import db
from crm.models import Call, utc_now
from crm.phone_numbers import Problem, caller_kind, can_be_dialled, read
from crm.telephony import dial_lock, lost_dial
from crm.telephony.phone import keep_session, my_account, my_session, the_telephony
from crm.web.call_lines import who_calls_back
from crm.web.incoming import call_id, number_in, row_id

blueprint = Blueprint("dial", __name__)


class DialRefusedError(Exception):
    """The CRM does not send this dial; says why, to the agent, with the HTTP status."""

    def __init__(self, reason: str, status: int = 409) -> None:
        super().__init__(reason)
        self.status = status


@blueprint.post("/dial")
def dial() -> Response:
    """Dial a number, or call back a withheld one.

    Form: number (as shown or normal form) or back (id of a call whose number is withheld);
    contact_id; callback_of (id of the missed call that it calls back); call (the click's own id).
    Answers with a word beside the number: 200 when the dial was sent, 409 when it is not the
    moment, 422 when the number cannot be dialled, 502 when Call Center Studio refused or did not
    answer.
    """
    cid = call_id(request.form.get("call") or str(uuid4()))
    known = _call(cid)
    if known is not None:  # the same click arrived twice
        return _said(known, cid)
    try:
        return _dial(cid)
    except DialRefusedError as refused:
        db.session.rollback()
        return _refused(cid, str(refused), refused.status)
    except CallCenterStudioError as error:
        return _failed(cid, str(error))


def _dial(cid: str) -> Response:
    number, withheld = _wanted()
    account = my_account()
    session = my_session(account)
    lost_dial.give_up(account, session)
    is_free = dial_lock.reserve(current_user.id, now=utc_now())
    known = _call(cid)
    if known is not None:  # it arrived twice, and the other was a moment quicker
        db.session.rollback()
        return _said(known, cid)
    missed_call = _missed_call(number, withheld)
    _check(is_free, number, withheld, missed_call)
    _record(cid, number, withheld, missed_call)
    db.session.commit()
    try:
        working = the_telephony().dial(
            account, session, number=number, transaction_id=cid, masked=withheld
        )
    finally:
        dial_lock.release(current_user.id)
        db.session.commit()
    keep_session(working)
    return _dialling(cid)


def _wanted() -> tuple[str, bool]:
    """The normal form to dial, and whether the agent may not see it."""
    back = request.form.get("back", type=row_id)
    if back is not None:
        return _number_of(db.session.get(Call, back)), True
    number = number_in(request.form, "number")
    typed = read(number, current_user.region)
    if typed.problem is Problem.SEVERAL:
        raise DialRefusedError(_("This is more than one number, so none was dialled."), 422)
    if caller_kind(number) != "number" or not can_be_dialled(typed.number):
        raise DialRefusedError(_("This number cannot be dialled."), 422)
    return typed.number, False


def _number_of(call: Call | None) -> str:
    if call is None or call.tenant_id != current_user.tenant_id or not call.normal_form:
        raise DialRefusedError(_("Who called is not known, so there is no number to dial."), 422)
    return call.normal_form


def _missed_call(number: str, withheld: bool) -> Call | None:
    """The missed call that this dial calls back, kept from others who do the same meanwhile.

    A number that was typed calls no withheld one back: that would tell a guess from a miss.
    """
    call_id = request.form.get("callback_of", type=row_id)
    known = calls.find(call_id) if call_id is not None else None
    if known is None or known.tenant_id != current_user.tenant_id:
        return None  # dialled all the same, as a call of its own
    if known.normal_form != number or withheld == (known.shown_number is not None):
        return None
    return rows.locked(known.id)


def _check(is_free: bool, number: str, withheld: bool, missed_call: Call | None) -> None:
    """Asked after the reservation: before it, a dial that is just being sent would be missed."""
    if not is_free:
        raise DialRefusedError(lost_dial.what_to_do())
    if calls.is_up(current_user.id, number, withheld=withheld, now=utc_now()):
        raise DialRefusedError(_("You are on a call with this number."))
    under_way = missed_call and missed.being_called_back(missed_call, now=utc_now())
    if under_way:  # two calls at once would find each other busy
        raise DialRefusedError(who_calls_back(under_way, current_user))


def _record(cid: str, number: str, withheld: bool, missed_call: Call | None) -> Call:
    return calls.record_dial(
        tenant_id=current_user.tenant_id,
        agent_id=current_user.id,
        browser_call_id=cid,
        transaction_id=cid,
        number=number,
        contact_id=request.form.get("contact_id", type=row_id),
        masked=withheld,
        callback_of=missed_call.id if missed_call else None,
        occurred_at=utc_now(),
    )


def _failed(cid: str, reason: str) -> Response:
    call = _call(cid)
    if call is not None:
        failed = calls.record_dial_failed(call, reason)
        calls.close_card(failed, current_user.id)  # told beside the number; no card is needed
        db.session.commit()
    return _refused(cid, reason, 502)


def _call(cid: str) -> Call | None:
    return calls.by_browser_call_id(current_user.tenant_id, current_user.id, cid)


def _said(call: Call, cid: str) -> Response:
    """What the first of two arrivals of a click is told, told again."""
    return _refused(cid, call.dial_problem, 502) if call.dial_problem else _dialling(cid)


def _dialling(cid: str) -> Response:
    answer = make_response(_word(_("Dialling…")))
    answer.headers["HX-Trigger"] = dumps({"dialled": {"call": cid}})
    return answer


def _refused(cid: str, reason: str, status: int) -> Response:
    answer = make_response(_word(reason, error=True), status)
    answer.headers["HX-Trigger"] = dumps({"dial-refused": {"call": cid}})
    return answer


def _word(text: str, *, error: bool = False) -> str:
    return render_template("call_panel/_dial_word.html", text=text, error=error)
