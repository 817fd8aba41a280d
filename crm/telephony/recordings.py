"""Recordings of calls: who may hear one, where it is, who has listened to it.

`crm.telephony.recording_player` plays them. Where a recording lies and that no key is needed to
fetch it are guesses; docs/vendor.md says how sure each fact is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import requests
from sqlalchemy import select

from crm.callcenterstudio import (
    BadAnswer,
    CallCenterStudioError,
    ForeignAddress,
    Part,
    Recording,
    RecordingNotThere,
    Refused,
    origin_of,
)
from crm.callcenterstudio.http_session import private_session
from crm.callcenterstudio.recordings import fetch
from crm.extensions import db
from crm.models import Call, Listen
from crm.models.locking import in_one_transaction

AskForAddress = Callable[[str], str | None]

# The vendor needs some seconds (seen in a public client); so long a missing one may still come.
MADE_WITHIN = timedelta(minutes=10)
# A player asks for the rest of a recording and reads it as slowly as it plays; a thread of the
# server must not be held for so long. It asks again for what comes next.
LONGEST_PART = 2 * 1024 * 1024
LONGEST_WAIT = 10.0  # seconds until a recording begins
SAME_LISTENING = timedelta(hours=1)


class NotYetThereError(CallCenterStudioError):
    """The recording may come in the next minutes."""

    retryable = True


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a call's recording may be, read once so that no database waits for the vendor.

    address: as the record told it. origins: the tenant's own, the only ones that are asked.
    comes_until: a recording that is missing before then is "not yet"; None while the call is up.
    """

    call_id: int
    tenant_id: int
    address: str | None = field(repr=False)
    activecallkey: str | None = field(repr=False)
    origins: frozenset[str]
    comes_until: datetime | None


def place_of(call: Call) -> Place:
    """Where to look for a call's recording."""
    own = (origin_of(f"https://{call.tenant.host}"), origin_of(call.tenant.api_url))
    return Place(
        call_id=call.id,
        tenant_id=call.tenant_id,
        address=call.recording_url,
        activecallkey=call.activecallkey if call.erased_at is None else None,
        origins=frozenset(own) - {""},
        comes_until=call.ended_at + MADE_WITHIN if call.ended_at else None,
    )


def open_recording(
    place: Place, part: Part | None, *, ask: AskForAddress | None = None, now: datetime
) -> Recording:
    """Open a recording, at most LONGEST_PART bytes when a part is wanted.

    ask: asks the vendor for the address of the recording with this activecallkey, where the record
    has none or its address is refused; None when nobody's telephony session can be used. Raises
    NotYetThereError and what `crm.callcenterstudio.recordings.fetch` raises.
    """
    try:
        return _found(place, _short(part), ask)
    except RecordingNotThere:
        raise _missing(place, now) from None


def note_listening(call_id: int, *, agent_id: int, agent_name: str, now: datetime) -> None:
    """Keep that somebody listens, once for all the parts that a player asks for. Commits.

    What the same agent hears of the same call within SAME_LISTENING is one listening.
    """
    same = (Listen.call_id == call_id, Listen.agent_id == agent_id)
    recent = select(Listen.id).where(*same, Listen.listened_at > now - SAME_LISTENING).limit(1)

    def write() -> None:
        # Locked, so that of two parts asked for at once the second sees the first's row.
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


def listens_of(call_id: int) -> list[Listen]:
    """Who has listened to a call's recording, the last first."""
    statement = select(Listen).where(Listen.call_id == call_id)
    return list(db.session.scalars(statement.order_by(Listen.listened_at.desc(), Listen.id.desc())))


def _found(place: Place, part: Part | None, ask: AskForAddress | None) -> Recording:
    if place.address is None:
        found = _at_address_asked_for(place, part, ask)
        if found is None:
            raise RecordingNotThere("Nobody has told where the recording is.")
        return found
    try:
        return _fetched(place.address, place, part)
    except (Refused, BadAnswer, ForeignAddress):
        found = _at_address_asked_for(place, part, ask)
        if found is None:
            raise
        return found


def _at_address_asked_for(
    place: Place, part: Part | None, ask: AskForAddress | None
) -> Recording | None:
    """None when nobody can be asked, or the answer leads no further than the record did."""
    if ask is None or place.activecallkey is None:
        return None
    try:
        address = ask(place.activecallkey)
    except CallCenterStudioError:
        return None
    if address is None or address == place.address:
        return None
    return _fetched(address, place, part)


def _fetched(address: str, place: Place, part: Part | None) -> Recording:
    return fetch(
        address, origins=place.origins, part=part, http=_http(), total_timeout=LONGEST_WAIT
    )


def _missing(place: Place, now: datetime) -> CallCenterStudioError:
    if place.comes_until is None or now < place.comes_until:
        return NotYetThereError("The recording is not there yet.")
    return RecordingNotThere("Call Center Studio has no recording of this call.")


def _short(part: Part | None) -> Part | None:
    """The beginning of a part. The last bytes of a recording are few, and are left as they are."""
    if part is None or part.first < 0:
        return part
    end = part.first + LONGEST_PART - 1
    return Part(part.first, end if part.last is None else min(part.last, end))


@cache
def _http() -> requests.Session:
    """Connections are kept from one part to the next; cookies are not."""
    return private_session()
