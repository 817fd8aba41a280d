"""`/calls/<id>/recording`: plays a call's recording through the CRM, and who has listened.

The page knows the call's id alone: the vendor's address and its keys stay here. While bytes pass
through, no database connection is held.
"""

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _

from crm.callcenterstudio import (
    CallCenterStudioError,
    ForeignAddress,
    Part,
    RangeNotThere,
    RateLimited,
    Recording,
    RecordingNotThere,
    TimedOut,
)
from crm.extensions import db
from crm.models import utc_now
from crm.telephony import recordings
from crm.telephony.recordings import NotYetThereError, Place
from crm.telephony.session_store import my_account, my_session
from crm.web import current_agent, seen_calls
from crm.web.current_agent import CurrentAgent
from crm.web.security import admin_only

blueprint = Blueprint("recordings", __name__)

TRY_AGAIN_AFTER = 5  # seconds


@blueprint.get("/calls/<int:call_id>/recording")
def play(call_id: int) -> Response:
    """The recording, or the part of it that `Range` asks for (206, 416).

    A refusal is a sentence as plain text, for a person who opens the address a page: 403 another
    agent's call, 404 not there (`Retry-After`: not yet), 502, 503 and 504 the vendor's trouble.
    """
    agent = current_agent.get()
    call = seen_calls.call(call_id)
    if not call.may_be_heard_by(agent.id, is_admin=agent.is_admin):
        return _said(_("You can hear the recordings of your own calls only."), 403)
    place = recordings.place_of(call)
    # A telephony session of another tenant knows nothing of this call.
    ask = _address_of if agent.tenant_id == place.tenant_id else None
    db.session.rollback()
    try:
        found = recordings.open_recording(place, _part(), ask=ask, now=utc_now())
    except RangeNotThere as error:
        return _behind_the_end(error)
    except CallCenterStudioError as error:
        return _problem(error)
    return _answer(found, agent, place)


@blueprint.get("/calls/<int:call_id>/listens")
@admin_only
def listens(call_id: int) -> str:
    """Who has listened, for the call's detail."""
    call = seen_calls.call(call_id)
    return render_template("calls/_listens.html", listens=recordings.listens_of(call.id))


def _address_of(activecallkey: str) -> str | None:
    """Where the recording lies, asked with the agent's telephony session."""
    session = my_session(my_account())
    return session.ask(lambda client, key: client.getrecordingurl(key, activecallkey))


def _part() -> Part | None:
    """What `Range` asks for; several ranges, or one with a condition, get the whole."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    if "If-Range" in request.headers:  # there is no mark of the version that it could fit
        return None
    first, end = wanted.ranges[0]
    return Part(first, end - 1 if end is not None else None)


def _answer(found: Recording, agent: CurrentAgent, place: Place) -> Response:
    try:
        if request.method == "GET":
            now, call_id = utc_now(), place.call_id
            recordings.note_listening(call_id, agent_id=agent.id, agent_name=agent.name, now=now)
    except BaseException:
        found.close()
        raise
    answer = Response(found.pieces, 206 if found.is_part else 200, mimetype=found.content_type)
    answer.call_on_close(found.close)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = "inline"
    answer.accept_ranges = "bytes" if found.total is not None else "none"
    if found.length is None:
        return answer
    answer.content_length = found.length
    if found.is_part:
        last = found.first + found.length - 1
        answer.headers["Content-Range"] = f"bytes {found.first}-{last}/{found.total}"
    return answer


def _behind_the_end(error: RangeNotThere) -> Response:
    answer = _said(_("The recording is shorter than that."), 416)
    answer.headers["Content-Range"] = f"bytes */{'*' if error.total is None else error.total}"
    return answer


def _problem(error: CallCenterStudioError) -> Response:
    match error:
        case NotYetThereError():
            words = _(
                "The recording is not there yet: Call Center Studio needs a moment after the call."
            )
            return _said(words, 404, retry_after=TRY_AGAIN_AFTER)
        case RecordingNotThere():
            return _said(
                _("Call Center Studio has no recording of this call, or no longer has it."), 404
            )
        case ForeignAddress():
            return _said(
                _(
                    "Call Center Studio's record names an address outside this tenant's host for "
                    "the recording, so it was not fetched. An admin can check the tenant's host."
                ),
                502,
            )
        case RateLimited():
            return _said(str(error), 503)
        case TimedOut():
            return _said(str(error), 504)
    return _said(str(error), 502)


def _said(sentence: str, status: int, *, retry_after: int | None = None) -> Response:
    """The sentence alone for the player, a page for who has opened the address."""
    accepted = request.accept_mimetypes
    if accepted.quality("text/html") > accepted.quality("text/plain"):
        answer = make_response(
            render_template("errors/recording.html", status=status, sentence=sentence), status
        )
    else:
        answer = Response(sentence, status, mimetype="text/plain")
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
