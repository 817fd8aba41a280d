"""What a ringing card tells of a known caller beside the last call: missed calls that nobody has
answered since, what the calls are usually about, and the last notes.

One query of the contact's last calls, along an index: it is asked while the phone rings.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from crm.calls.outcomes import Choice
from crm.extensions import db
from crm.models import Call, CallState, Direction, Outcome

LAST_CALLS = 10
MOST_OUTCOMES = 2
MOST_NOTES = 2
LONGEST_NOTE = 120  # characters


@dataclass(frozen=True)
class CallerHistory:
    """Of the last calls with a contact."""

    missed: int = 0  # how many came in since somebody talked with the contact, and wait
    outcomes: tuple[str, ...] = ()  # in words, the most frequent first
    notes: tuple[tuple[datetime, str], ...] = ()  # of calls before the last: when, the first line


_CALL, _OUTCOME = Call.__table__.c, Outcome.__table__.c
# "+ 0": or SQLite takes the index by tenant and walks through all of its calls.
_LAST = (
    select(
        _CALL.started_at,
        _CALL.direction,
        _CALL.state,
        _CALL.answered,
        _CALL.missed_done,
        _CALL.outcome,
        func.coalesce(_OUTCOME.name, "").label("name"),
        func.substr(_CALL.note, 1, LONGEST_NOTE).label("note"),
    )
    .select_from(
        Call.__table__.outerjoin(
            Outcome.__table__,
            and_(_OUTCOME.tenant_id == _CALL.tenant_id, _OUTCOME.code == _CALL.outcome),
        )
    )
    .where(
        _CALL.contact_id == bindparam("contact_id"),
        (_CALL.tenant_id + 0).in_(bindparam("tenant_ids", expanding=True)),
    )
    .order_by(_CALL.started_at.desc(), _CALL.id.desc())
    .limit(LAST_CALLS)
)


def of_contact(contact_id: int, tenant_ids: Collection[int]) -> CallerHistory:
    """Read the last calls of a contact with these tenants."""
    asked = {"contact_id": contact_id, "tenant_ids": tenant_ids}
    every = db.session.execute(_LAST, asked).all()
    last = [call for call in every if call.state is CallState.ENDED]  # one may ring just now
    missed = 0
    for call in last:
        if call.answered is not False:
            break
        missed += call.direction is Direction.INBOUND and not call.missed_done
    words = Counter(Choice(call.outcome, call.name).label for call in last if call.outcome)
    written = [(call.started_at, call.note.split("\n")[0].strip()) for call in last[1:]]
    return CallerHistory(
        missed,
        tuple(word for word, _times in words.most_common(MOST_OUTCOMES)),
        tuple((at, note) for at, note in written if note)[:MOST_NOTES],
    )
