"""`/calls/<id>/recording`: plays a call's recording through the CRM, and logs who listens.

The page knows only the call's id; the vendor's address and its keys stay here. No database
connection is held while bytes are sent. The recording's address, and that no key is needed to fetch
it, are not confirmed; docs/vendor.md says how sure each fact is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import requests
from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from crm.callcenterstudio import (
    BadAnswer,
    CallCenterStudioError,
    ForeignAddress,
    Part,
    RangeNotThere,
    RateLimited,
    Recording,
    RecordingNotThere,
    Refused,
    TimedOut,
    origin_of,
)
from crm.callcenterstudio.recordings import fetch
from crm.callcenterstudio.transport import private_session
from crm.extensions import db
from crm.models import Call, Listen, utc_now
from crm.models.locking import in_one_transaction
from crm.telephony.session_store import my_account, my_session
from crm.web import current_agent, seen_calls
from crm.web.security import admin_only
from crm.web.vendor_words import in_words

blueprint = Blueprint("recordings", __name__)

TRY_AGAIN_AFTER = 5  # seconds
# The vendor needs some seconds (seen in a public client). Within this time after the call a missing
# recording may still come.
MADE_WITHIN = timedelta(minutes=10)
# A player asks for the rest of a recording and reads it as slowly as it plays; a thread of the
# server must not be held for so long. It asks again for what comes next.
LONGEST_PART = 2 * 1024 * 1024
LONGEST_WAIT = 10.0  # seconds until a recording begins
SAME_LISTENING = timedelta(hours=1)


class NotYetThereError(CallCenterStudioError):
    """The recording may come in the next minutes."""

    retryable = True


@blueprint.get("/calls/<int:call_id>/recording")
def play(call_id: int) -> Response:
    """The recording, or the part of it that `Range` asks for (206, 416).

    A refusal is a sentence as plain text, or a page if a person opens the address: 403 another
    agent's call, 404 not there (`Retry-After`: not yet), 502, 503 and 504 a fault of the vendor.
    """
    agent = current_agent.get()
    call = seen_calls.call(call_id)
    if not call.may_be_heard_by(agent.id, is_admin=agent.is_admin):
        return refusal(_("You can hear the recordings of your own calls only."), 403)
    # The id in the address may be that of a row that was merged into this one.
    own_id, location = call.id, Location.of(call)
    # A telephony session of another tenant cannot see this call.
    ask = ask_for_address if agent.tenant_id == call.tenant_id else None
    db.session.rollback()
    try:
        found = open_recording(location, wanted_part(), ask=ask, now=utc_now())
    except RangeNotThere as error:
        answer = refusal(_("The recording is shorter than that."), 416)
        answer.headers["Content-Range"] = f"bytes */{'*' if error.total is None else error.total}"
        return answer
    except CallCenterStudioError as error:
        return failure(error)
    try:
        if request.method == "GET":
            note_listening(own_id, agent_id=agent.id, agent_name=agent.name, now=utc_now())
    except BaseException:
        found.close()
        raise
    answer = Response(found.pieces, 206 if found.is_part else 200, mimetype=found.content_type)
    answer.call_on_close(found.close)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = "inline"
    answer.accept_ranges = "bytes" if found.total is not None else "none"
    if found.length is not None:
        answer.content_length = found.length
        if found.is_part:
            last = found.first + found.length - 1
            answer.headers["Content-Range"] = f"bytes {found.first}-{last}/{found.total}"
    return answer


@blueprint.get("/calls/<int:call_id>/listens")
@admin_only
def listens(call_id: int) -> str:
    """The listeners, newest first, for the call's page."""
    call = seen_calls.call(call_id)
    newest = Listen.listened_at.desc(), Listen.id.desc()
    found = select(Listen).where(Listen.call_id == call.id).order_by(*newest)
    return render_template("calls/_listens.html", listens=list(db.session.scalars(found)))


def wanted_part() -> Part | None:
    """The range that the request asks for, LONGEST_PART bytes at most.

    Several ranges, or one with a condition, get the whole recording: it has no version that
    `If-Range` could match. A range of the last bytes is short and is not cut.
    """
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    if "If-Range" in request.headers:
        return None
    first, end = wanted.ranges[0]
    last = end - 1 if end is not None else None
    if first < 0:
        return Part(first, last)
    longest = first + LONGEST_PART - 1
    return Part(first, longest if last is None else min(last, longest))


@dataclass(frozen=True, kw_only=True)
class Location:
    """The address of a call's recording, read once so that no database waits for the vendor."""

    address: str | None = field(repr=False)  # as the record told it
    activecallkey: str | None = field(repr=False)
    origins: frozenset[str]  # the tenant's own; no others are requested
    # A recording that is missing before then is "not yet"; None while the call is up.
    comes_until: datetime | None

    @classmethod
    def of(cls, call: Call) -> "Location":
        """The location of a call's recording."""
        own = (origin_of(f"https://{call.tenant.host}"), origin_of(call.tenant.api_url))
        return cls(
            address=call.recording_url,
            activecallkey=call.activecallkey if call.erased_at is None else None,
            origins=frozenset(own) - {""},
            comes_until=call.ended_at + MADE_WITHIN if call.ended_at else None,
        )


def ask_for_address(activecallkey: str) -> str | None:
    """Ask for the recording's address with the agent's telephony session."""
    session = my_session(my_account())
    return session.ask(lambda client, key: client.getrecordingurl(key, activecallkey))


def open_recording(
    location: Location,
    part: Part | None,
    *,
    ask: Callable[[str], str | None] | None = None,
    now: datetime,
) -> Recording:
    """Open a recording or a part of it.

    ask: asks the vendor for the address by the activecallkey, if the record has none or its address
    is refused; None if there is no telephony session to ask with. Raises NotYetThereError and what
    `crm.callcenterstudio.recordings.fetch` raises.
    """

    def fetched(address: str) -> Recording:
        return fetch(
            address, origins=location.origins, part=part, http=_http(), total_timeout=LONGEST_WAIT
        )

    def asked_for() -> Recording | None:
        """None if it cannot be asked, or if the answer is the record's address again."""
        if ask is None or location.activecallkey is None:
            return None
        try:
            address = ask(location.activecallkey)
        except CallCenterStudioError:
            return None
        return None if address in (None, location.address) else fetched(address)

    try:
        if location.address is None:
            found = asked_for()
            if found is None:
                raise RecordingNotThere("Nobody has told where the recording is.")
            return found
        try:
            return fetched(location.address)
        except (Refused, BadAnswer, ForeignAddress):
            found = asked_for()
            if found is None:
                raise
            return found
    except RecordingNotThere:
        if location.comes_until is None or now < location.comes_until:
            raise NotYetThereError("The recording is not there yet.") from None
        raise RecordingNotThere("Call Center Studio has no recording of this call.") from None


@cache
def _http() -> requests.Session:
    """Connections are kept from one part to the next; cookies are not."""
    return private_session()


def note_listening(call_id: int, *, agent_id: int, agent_name: str, now: datetime) -> None:
    """Log a listener, once for all the parts that a player asks for. Commits.

    One agent's requests for one call within SAME_LISTENING are one entry.
    """
    same = (Listen.call_id == call_id, Listen.agent_id == agent_id)
    recent = select(Listen.id).where(*same, Listen.listened_at > now - SAME_LISTENING).limit(1)

    def write() -> None:
        # Locked, so that if two parts are requested at once, the second sees the first's row.
        locked = select(Call.id).where(Call.id == call_id).with_for_update(key_share=True)
        if db.session.scalar(locked) is None or db.session.scalar(recent) is not None:
            return
        db.session.add(
            Listen(call_id=call_id, agent_id=agent_id, agent_name=agent_name, listened_at=now)
        )

    known = db.session.scalar(recent)
    db.session.rollback()
    if known is None:
        in_one_transaction(write)


def failure(error: CallCenterStudioError) -> Response:
    """What went wrong, for the player."""
    match error:
        case NotYetThereError():
            words = _(
                "The recording is not there yet: Call Center Studio needs a moment after the call."
            )
            answer = refusal(words, 404)
            answer.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
            return answer
        case RecordingNotThere():
            return refusal(
                _("Call Center Studio has no recording of this call, or no longer has it."), 404
            )
        case ForeignAddress():
            return refusal(
                _(
                    "Call Center Studio's record names an address outside this tenant's host for "
                    "the recording, so it was not fetched. An admin can check the tenant's host."
                ),
                502,
            )
        case RateLimited():
            return refusal(str(error), 503)
        case TimedOut():
            return refusal(str(error), 504)
    return refusal(str(error), 502)


def refusal(sentence: str, status: int) -> Response:
    """The sentence alone for the player, a page for a person who opened the address."""
    sentence, accepted = in_words(sentence), request.accept_mimetypes
    if accepted.quality("text/html") > accepted.quality("text/plain"):
        page = render_template("errors/recording.html", status=status, sentence=sentence)
        return make_response(page, status)
    return Response(sentence, status, mimetype="text/plain")
