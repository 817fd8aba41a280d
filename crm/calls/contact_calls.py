"""Keeps what a contact's calls were, in short, a row for each tenant: `ContactCalls`.

Whoever changes a call that has ended, or its contact, calls `refresh_contacts`. `crm.contacts`
reads the rows.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, select, true

from crm.calls.results import summary_of
from crm.extensions import db
from crm.models import Call, CallState, Contact, ContactCalls, Tenant
from crm.models.call import UNDATED

_KEPT = ContactCalls.__table__
_SPOKEN_AT = case((Call.answered.is_(True) & (Call.started_at != UNDATED), Call.started_at))


def refresh_contacts(contact_ids: Iterable[int | None], *, tenant_id: int | None = None) -> None:
    """Count again the calls of contacts that have ended, and find each one's last.

    tenant_id: whose calls alone have changed; None for any. A call that rings or is up is not its
    contact's last call yet: its own card would say so.
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
    """The last call of each contact with each tenant, as a plain row: objects of a page of
    contacts take their time. The index over contact and start finds each at once.
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
