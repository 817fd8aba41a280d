"""A filter of the call log as a value, and the calls that pass it.

The calls page and its exports use it. An empty filter lets every call pass.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from crm.calls.queries import newest_first
from crm.contacts import directory
from crm.extensions import db
from crm.models import Call, CallLeg, CallState, Direction
from crm.models.paging import Cursor
from crm.names import sort_key
from crm.phone_numbers import digits, is_complete, normal_form

MOST_COUNTED = 1000
FEWEST_DIGITS = 3  # fewer match too many numbers
MOST_VALUES = 200


class Result(StrEnum):
    """The results that people filter by. ABANDONED calls are MISSED calls too."""

    ANSWERED = "answered"
    MISSED = "missed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, kw_only=True)
class CallFilter:
    """The conditions that a call must meet; None and "" are no condition."""

    tenant_ids: tuple[int, ...] | None = None  # tenants whose calls may be seen at all
    agent_id: int | None = None
    contact_id: int | None = None
    direction: Direction | None = None
    result: Result | None = None
    since: datetime | None = None  # the start of the call, UTC
    until: datetime | None = None  # not included
    queue: str = ""  # exactly this, as disposition and outcome
    disposition: str = ""
    outcome: str = ""
    who: str = ""  # words of a contact's name, company or e-mail, or digits of a number
    region: str = ""  # "TR": the country of national numbers


_MISSED = and_(
    Call.direction == Direction.INBOUND,
    Call.state == CallState.ENDED,
    Call.answered.is_(False),
)
_RESULTS = {
    Result.ANSWERED: Call.answered.is_(True),
    Result.MISSED: _MISSED,
    Result.ABANDONED: and_(_MISSED, Call.abandoned.is_(True)),
}


def matching(wanted: CallFilter, *, before: Cursor | None = None, limit: int = 50) -> list[Call]:
    """A page of the calls that pass, newest first; `before` is the last call of the page before."""
    return newest_first(select(Call).where(*conditions(wanted)), before, limit)


def count_matching(wanted: CallFilter) -> int:
    """How many calls pass, MOST_COUNTED at most: counting a million takes too long for a page."""
    some = select(Call.id).where(*conditions(wanted)).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """The filter as conditions, for any statement about `Call`."""
    found: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Call.contact_id, wanted.contact_id),
            (Call.direction, wanted.direction),
            (Call.queue, wanted.queue),
            (Call.disposition, wanted.disposition),
            (Call.outcome, wanted.outcome),
        )
        if value
    ]
    if wanted.agent_id is not None:
        found.append(_had_by(wanted.agent_id))
    if wanted.tenant_ids is not None:
        by_person = bool(wanted.agent_id or wanted.contact_id)
        found.append(_of_tenants(wanted.tenant_ids, by_person=by_person))
    if wanted.result:
        found.append(_RESULTS[wanted.result])
    if wanted.since:
        found.append(Call.started_at >= wanted.since)
    if wanted.until:
        found.append(Call.started_at < wanted.until)
    if wanted.who.strip():
        found.append(_is_with(wanted.who, wanted.region))
    return found


def queues(tenant_ids: Collection[int]) -> list[str]:
    """The queues that calls of these tenants came through, by name."""
    return sorted(_values_of(Call.queue, tenant_ids), key=sort_key)


def dispositions(tenant_ids: Collection[int]) -> list[str]:
    """The dispositions that calls of these tenants have on record, by the vendor's words."""
    return sorted(_values_of(Call.disposition, tenant_ids))


def _of_tenants(tenant_ids: Collection[int], *, by_person: bool) -> ColumnElement[bool]:
    """Written for SQLite, which does not know how many calls there are. One tenant needs =, because
    with IN it sorts all calls. Calls of an agent or a contact must not use the tenant's index,
    because those have shorter indexes of their own.
    """
    unindexed = by_person and db.engine.dialect.name == "sqlite"
    tenant_id = Call.tenant_id + 0 if unindexed else Call.tenant_id
    if len(tenant_ids) == 1:
        return tenant_id == next(iter(tenant_ids))
    return tenant_id.in_(tenant_ids)


def _had_by(agent_id: int) -> ColumnElement[bool]:
    """Calls of an agent, also transferred ones.

    For an agent who never had a leg the agent's own index is enough.
    """
    legs = select(CallLeg.call_id).where(CallLeg.agent_id == agent_id)
    if db.session.scalar(legs.limit(1)) is None:
        return Call.agent_id == agent_id
    return or_(Call.agent_id == agent_id, Call.id.in_(legs))


def _is_with(who: str, region: str) -> ColumnElement[bool]:
    """A withheld number is not found by its digits: that would reveal the caller."""
    fitting = directory.ids_matching(who, region=region)
    found: list[ColumnElement[bool]] = []
    if fitting is not None:
        found.append(Call.contact_id.in_(fitting))
    number = normal_form(who, region)
    typed = digits(number if is_complete(number) else who).lstrip("0")
    if len(typed) >= FEWEST_DIGITS:
        same = Call.normal_form == number
        found.append(
            and_(Call.caller_kind == "number", or_(same, Call.normal_form.contains(typed)))
        )
    return or_(*found) if found else literal(False)


def _values_of(column: InstrumentedAttribute[str], tenant_ids: Collection[int]) -> set[str]:
    """The values of a column. Jumps from one to the next along the index that begins with tenant
    and column, because reading every call for ten words is slow.
    """
    found: set[str] = set()
    for tenant_id in tenant_ids:

        def after(value: object, tenant_id: int = tenant_id) -> Select[str]:
            return select(func.min(column)).where(Call.tenant_id == tenant_id, column > value)

        leap = after("").add_columns(literal(1).label("count")).cte("leap", recursive=True)
        value = leap.c[0]
        further = select(after(value).scalar_subquery(), leap.c.count + 1)
        leap = leap.union_all(further.where(value.is_not(None), leap.c.count < MOST_VALUES))
        found |= {one for one in db.session.scalars(select(leap.c[0])) if one}
    return found
