"""`POST /dial`: "click2call" in the guide. A click dials once, even a double or repeated one.

`static/js/dial.js` gives each click an id of its own. It is the page's id of the call. Call Center
Studio gets it as `transactionid` and sends it back in the post to `hangup_url` (`account.py`), the
address of `hangup.py` with the tenant's own secret in it. The same id twice is one dial, and an
agent has one dial at a time, whichever tab or process asks.
"""

from datetime import datetime, timedelta
from json import dumps
from uuid import uuid4

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_, select, update

from crm import calls
from crm.callcenterstudio import AgentSession, CallCenterStudioError, Client
from crm.calls import missed, rows
from crm.extensions import db
from crm.models import Agent, Call, utc_now
from crm.models.locking import take_write_lock
from crm.phone_numbers import Problem, caller_kind, can_be_dialled, for_dialling, read
from crm.telephony.session_store import my_account, my_session
from crm.web.call_lines import who_calls_back
from crm.web.incoming import call_id, number_in, row_id
from crm.web.template_filters import local_time

blueprint = Blueprint("dial", __name__)

# How long an agent's dial holds up the next one. Longer than the vendor may take to accept - dial,
# log in, dial again, ten seconds each - so that no second dial overlaps the first.
LONGEST_DIAL = timedelta(seconds=35)
# The vendor may take ten seconds to accept a dial. Before that, its list of calls proves nothing.
ACCEPTED_WITHIN = timedelta(seconds=12)


class DialRefusedError(Exception):
    """The CRM does not send this dial. Holds the reason for the agent, and the HTTP status."""

    def __init__(self, reason: str, status: int = 409) -> None:
        super().__init__(reason)
        self.status = status


@blueprint.post("/dial")
def dial() -> Response:
    """Dial a number, or call back a withheld one.

    Form: number (as shown or normal form) or back (id of a call whose number is withheld);
    contact_id; callback_of (id of the missed call that it calls back); call (the click's own id).
    Answers with a word beside the number: 200 when the dial was sent, 409 when the agent or the
    number is busy, 422 when the number cannot be dialled, 502 when Call Center Studio refused or
    did not answer.
    """
    cid = call_id(request.form.get("call") or str(uuid4()))
    known = _call(cid)
    if known is not None:  # the same click arrived twice
        return _told_again(known, cid)
    try:
        return _send(cid)
    except DialRefusedError as refused:
        db.session.rollback()
        return _word(cid, str(refused), refused.status)
    except CallCenterStudioError as error:
        call = _call(cid)
        if call is not None:
            failed = calls.record_dial_failed(call, str(error))
            calls.close_card(failed, current_user.id)  # the reason is shown beside the number
            db.session.commit()
        return _word(cid, str(error), 502)


def _send(cid: str) -> Response:
    """Send this click's dial. Raises DialRefusedError, or the vendor's CallCenterStudioError."""
    number, withheld = _wanted()
    account = my_account()
    session = my_session(account)
    session.get()  # without a session nothing is recorded
    _give_up_lost_dials(session)
    is_free = reserve(current_user.id, now=utc_now())
    known = _call(cid)
    if known is not None:  # it arrived twice, and the other was a moment quicker
        db.session.rollback()
        return _told_again(known, cid)
    missed_call = _missed_call(number, withheld)
    # Checked after the reservation: before it, a dial that is just being sent would be missed.
    if not is_free:
        raise DialRefusedError(_what_to_do())
    if calls.is_up(current_user.id, number, withheld=withheld, now=utc_now()):
        raise DialRefusedError(_("You are on a call with this number."))
    under_way = missed_call and missed.being_called_back(missed_call, now=utc_now())
    if under_way:  # two calls at once would find each other busy
        raise DialRefusedError(who_calls_back(under_way, current_user))
    calls.record_dial(
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
    db.session.commit()
    try:
        # Sent once; once more only if the vendor refused the session itself. It always answers
        # success: the softphone's `Dial` message tells whether a call follows.
        session.ask(
            lambda client, key: client.click2call(
                key,
                for_dialling(number, account.dial_format.value, account.region),
                transactionid=cid,
                hangup_url=account.hangup_url,
                masked=withheld,
            )
        )
    finally:
        release(current_user.id)
        db.session.commit()
    return _word(cid, _("Dialling…"))


def _wanted() -> tuple[str, bool]:
    """The normal form to dial, and whether the agent may not see it."""
    back = request.form.get("back", type=row_id)
    if back is not None:
        call = db.session.get(Call, back)
        if call is None or call.tenant_id != current_user.tenant_id or not call.normal_form:
            why = _("Who called is not known, so there is no number to dial.")
            raise DialRefusedError(why, 422)
        return call.normal_form, True
    number = number_in(request.form, "number")
    typed = read(number, current_user.region)
    if typed.problem is Problem.SEVERAL:
        raise DialRefusedError(_("This is more than one number, so none was dialled."), 422)
    if caller_kind(number) != "number" or not can_be_dialled(typed.number):
        raise DialRefusedError(_("This number cannot be dialled."), 422)
    return typed.number, False


def _give_up_lost_dials(session: AgentSession) -> None:
    """Give up the agent's dials without any report, if Call Center Studio has no call.

    If the CRM was stopped in the middle of a dial, its result is unknown. The vendor's list of the
    agent's calls decides. It is asked only when there is such a dial. Commits.
    """
    long_ago = utc_now() - ACCEPTED_WITHIN
    since = under_way_since(current_user.id, now=utc_now())
    unheard = calls.unheard_dials(current_user.id, before=long_ago)
    if not unheard and (since is None or since > long_ago):
        return
    db.session.rollback()  # no database waits for the vendor
    try:
        active_calls = session.ask(Client.getmyactivecalls)
    except CallCenterStudioError:
        return
    if active_calls:
        return
    for call in unheard:
        calls.record_dial_not_taken(call)
    release(current_user.id, begun_before=long_ago)
    db.session.commit()


def reserve(agent_id: int, *, now: datetime) -> bool:
    """Reserve the agent's dial; False if another one is under way. The caller commits.

    The reservation is a column of the agent that one UPDATE sets, so two requests of the same
    moment cannot both get it. It ends by `release`, or by itself after LONGEST_DIAL.
    """
    take_write_lock()
    free = or_(Agent.dialling_until.is_(None), Agent.dialling_until < now)
    statement = (
        update(Agent)
        .where(Agent.id == agent_id, free)
        .values(dialling_until=now + LONGEST_DIAL)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(statement) is not None


def under_way_since(agent_id: int, *, now: datetime) -> datetime | None:
    """Since when a dial of this agent is under way, None when none is."""
    until = db.session.scalar(select(Agent.dialling_until).where(Agent.id == agent_id))
    return until - LONGEST_DIAL if until is not None and until >= now else None


def release(agent_id: int, *, begun_before: datetime | None = None) -> None:
    """End the reservation, so that the agent can dial again. The caller commits.

    begun_before: end only a reservation from before this time; a newer one stays.
    """
    take_write_lock()
    statement = update(Agent).where(Agent.id == agent_id).values(dialling_until=None)
    if begun_before is not None:
        statement = statement.where(Agent.dialling_until < begun_before + LONGEST_DIAL)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _missed_call(number: str, withheld: bool) -> Call | None:
    """The missed call that this dial calls back; its row is locked against a second call back.

    A typed number never counts as calling back a withheld one: that would confirm a guess.
    """
    missed_id = request.form.get("callback_of", type=row_id)
    known = calls.find(missed_id) if missed_id is not None else None
    if known is None or known.tenant_id != current_user.tenant_id:
        return None  # it is still dialled, as a call of its own
    if known.normal_form != number or withheld == (known.shown_number is not None):
        return None
    return rows.locked(known.id)


def _what_to_do() -> str:
    """Why no second dial is sent: since when the first is under way, and what to do."""
    since = under_way_since(current_user.id, now=utc_now())
    if since is None:  # it has ended this moment
        return str(_("A call was being dialled. Click again."))
    zone, form = current_user.timezone, "HH:mm:ss"
    began = local_time(since, zone, form)
    if utc_now() - since < ACCEPTED_WITHIN:
        again = local_time(since + ACCEPTED_WITHIN, zone, form)
        return str(
            _(
                "A call has been dialling since %(began)s. If the softphone does not show "
                "it, click again at %(again)s.",
                began=began,
                again=again,
            )
        )
    until = local_time(since + LONGEST_DIAL, zone, form)
    return str(
        _(
            "A call has been dialling since %(began)s, and Call Center Studio has a call of yours "
            "or cannot be asked. End the call in the softphone, or click again at %(until)s.",
            began=began,
            until=until,
        )
    )


def _call(cid: str) -> Call | None:
    return calls.by_browser_call_id(current_user.tenant_id, current_user.id, cid)


def _told_again(call: Call, cid: str) -> Response:
    """The answer to the first request of this click."""
    return _word(cid, call.dial_problem, 502) if call.dial_problem else _word(cid, _("Dialling…"))


def _word(cid: str, text: str, refused: int | None = None) -> Response:
    """A word beside the number that was clicked, and the event that tells the page.

    refused: the HTTP status when no dial was sent.
    """
    word = render_template("call_panel/_dial_word.html", text=text, error=refused is not None)
    answer = make_response(word, refused or 200)
    event = "dial-refused" if refused else "dialled"
    answer.headers["HX-Trigger"] = dumps({event: {"call": cid}})
    return answer
