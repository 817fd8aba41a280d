"""The result of a call in one word, and a summary of each contact's calls.

A contact has a row of `ContactCalls` for each tenant, so that a screen pop counts nothing. Code
that changes an ended call, or its contact, calls `refresh_contacts`. The results are codes:
templates turn them into words (`state_mark`), `label_of` does it for outcomes.
"""

from collections.abc import Iterable
from typing import Any

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import Row, case, delete, func, insert, select, true

from crm.extensions import db
from crm.models import Call, CallState, Contact, ContactCalls, Direction, EventSource, Tenant
from crm.models.call import NOT_TAKEN, UNDATED

OUTCOMES: list[tuple[str, LazyString]] = [
    ("resolved", lazy_gettext("Resolved")),
    ("follow_up", lazy_gettext("Follow-up")),
    ("sale", lazy_gettext("Sale")),
    ("voicemail", lazy_gettext("Voicemail")),
    ("wrong_number", lazy_gettext("Wrong number")),
    ("other", lazy_gettext("Other")),
]

# Disposition of a dial that nobody answered -> result. Others are "failed": the vendor's wiki
# lists CONGESTION, CHANUNAVAIL, DONTCALL, TORTURE and INVALIDARGS.
_NOT_REACHED = {
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "ANSWER": "no_answer",
    "": "no_answer",
    "CANCEL": "cancelled",
}
SEPARATOR = " · "
LONGEST_SUMMARY = 300
_KEPT = ContactCalls.__table__
_SPOKEN_AT = case((Call.answered.is_(True) & (Call.started_at != UNDATED), Call.started_at))


def result_of(call: Call) -> str:
    """One of: dialling, ringing, talking, held; then answered, missed, abandoned, no_answer, busy,
    cancelled, failed, not_taken; ended while no source has said whether the call was answered.
    For a dial the softphone alone cannot say it: it ends a busy line and a cancelled call alike.

    abandoned is a kind of missed: the caller gave up in the queue before anybody answered.
    """
    if call.state is not CallState.ENDED:
        return call.state.value
    if call.dial_problem:
        return NOT_TAKEN if call.dial_problem == NOT_TAKEN else "failed"
    if call.answered is not False:
        return "answered" if call.answered else "ended"
    if call.direction is Direction.OUTBOUND:
        unsaid = not call.disposition and call.sources.get("answered") == EventSource.BROWSER
        return "ended" if unsaid else _NOT_REACHED.get(call.disposition, "failed")
    if call.direction is Direction.INBOUND:
        return "abandoned" if call.abandoned else "missed"
    return "ended"


def label_of(outcome: str) -> str:
    """The outcome in words; one that is no longer offered as it is stored."""
    return str(dict(OUTCOMES).get(outcome, outcome))


def summary_of(call: Call) -> str:
    """A contact's last call in a line: its result, then the note's first line, then nothing.

    "missed", or "answered · wants the invoice again".
    """
    line = next(iter(call.note.strip().splitlines()), "")
    text = SEPARATOR.join(part for part in (result_of(call), line) if part)
    return text[:LONGEST_SUMMARY]


def result_and_note(summary: str) -> tuple[str, str]:
    """The two parts of a contact's `last_call_summary`."""
    result, _separator, line = summary.partition(SEPARATOR)
    return result, line


def refresh_contacts(contact_ids: Iterable[int | None], *, tenant_id: int | None = None) -> None:
    """Count again the ended calls of contacts, and find each contact's last call.

    tenant_id: only this tenant's calls have changed; None for any. A call that rings or is up does
    not count as the last call yet, because its own card would show itself.
    """
    wanted = sorted({one for one in contact_ids if one is not None})
    if not wanted:
        return
    # Locked before the counting, so that of two processes the second counts the first's call;
    # "no key": the foreign key of a call that was just written holds the weakest lock already.
    statement = select(Contact.id).where(Contact.id.in_(wanted)).order_by(Contact.id)
    locked = list(db.session.scalars(statement.with_for_update(key_share=True)))
    if not locked:
        return
    ended = [Call.contact_id.in_(locked), Call.state == CallState.ENDED]
    outdated = [_KEPT.c.contact_id.in_(locked)]
    if tenant_id is not None:
        ended.append(Call.tenant_id == tenant_id)
        outdated.append(_KEPT.c.tenant_id == tenant_id)
    whose = Call.contact_id, Call.tenant_id
    figures = func.count().label("calls"), func.max(_SPOKEN_AT).label("spoken_at")
    counted = select(*whose, *figures).where(*ended).group_by(*whose)
    counts = db.session.execute(counted).all()
    last_calls = _last_calls(counts)
    connection = db.session.connection()
    connection.execute(delete(_KEPT).where(*outdated))
    rows = []
    for one in counts:
        last = last_calls[one.contact_id, one.tenant_id]
        rows.append(
            {
                "contact_id": one.contact_id,
                "tenant_id": one.tenant_id,
                "calls_count": one.calls,
                "last_call_at": last.started_at,
                "last_call_summary": summary_of(last),
                "last_spoken_at": one.spoken_at,
            }
        )
    if rows:
        connection.execute(insert(_KEPT), rows)


def _last_calls(counts: Iterable[Row[Any]]) -> dict[tuple[int, int], Any]:
    """The last call of each contact with each tenant, as plain rows: loading objects for a page of
    contacts is slow. The index over contact and start finds each at once.
    """
    newest = (
        select(Call.id)
        .where(
            Call.contact_id == Contact.id,
            Call.tenant_id == Tenant.id,
            Call.state == CallState.ENDED,
        )
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    ids = select(newest).select_from(Contact).join(Tenant, true())
    ids = ids.where(
        Contact.id.in_({row.contact_id for row in counts}),
        Tenant.id.in_({row.tenant_id for row in counts}),
    )
    last = db.session.execute(select(Call.__table__).where(Call.id.in_(ids)))
    return {(call.contact_id, call.tenant_id): call for call in last}
