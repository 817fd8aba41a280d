"""The one definition of what a report counts: each of its parts as a query over the calls.

`crm.calls.summary` fills the summary with these queries, and reads the days that the summary does
not have with the same ones. A call counts when it is over. Left out are dials that the softphone or
the vendor did not take, and inbound calls while no source says whether they were answered.

When a query here reads another column, the triggers of migration 0020 have to watch it too, and the
migration that adds it marks all days as changed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from crm.models import Call, CallLeg, CallState, Direction, SummaryPart

QUARTER = 15 * 60  # seconds; every zone's offset is a multiple of it
_NO_KEY: dict[str, Any] = {
    "quarter": literal(0, literal_execute=True),
    "agent_id": literal(0, literal_execute=True),
    "name": literal("", literal_execute=True),
}
KEYS = tuple(_NO_KEY)
SUMS = (
    *("answered", "in_time", "missed", "abandoned", "outbound", "reached"),
    *("waited", "wait_seconds", "talk_seconds"),
)


class quarter_hour(GenericFunction[int]):  # noqa: N801 - it reads as a function of SQL
    """The number of quarter hours since 1970 of a time column."""

    type = Integer()
    inherit_cache = True


@compiles(quarter_hour, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    # Cut to the second as text: strftime itself rounds 20:59:59.9999 up, into the next day.
    second = f"substr({compiler.process(element.clauses, **options)}, 1, 19)"
    return f"CAST(strftime('%s', {second}) AS INTEGER) / {QUARTER}"


@compiles(quarter_hour, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(floor(extract(epoch FROM {moment}) / {QUARTER}) AS INTEGER)"


def counted(
    part: SummaryPart, tenant_id: int, begin: datetime, end: datetime, *, in_time: int
) -> list[Select[Any]]:
    """Queries for the KEYS and SUMS of a part over the calls from `begin` to before `end`.

    in_time: seconds within which a call counts as answered in time; the tenant's own. Their rows
    belong together: an agent has calls, and legs of calls that several agents had.
    """
    inbound, outbound = Call.direction == Direction.INBOUND, Call.direction == Direction.OUTBOUND
    that_count = (
        Call.tenant_id == tenant_id,
        Call.started_at >= begin,
        Call.started_at < end,
        Call.state == CallState.ENDED,
        or_(outbound, inbound & Call.answered.is_not(None)),
        Call.dial_problem == "",
    )

    def sums(of: type[Call] | type[CallLeg], **keys: Any) -> Select[Any]:
        answered, missed = (inbound & of.answered.is_(known) for known in (True, False))
        values: tuple[ColumnElement[Any], ...] = (
            func.count().filter(answered),
            func.count().filter(answered & (of.wait_seconds <= in_time)),
            func.count().filter(missed),
            func.count().filter(missed & of.abandoned.is_(True)),
            func.count().filter(outbound),
            func.count().filter(outbound & of.answered.is_(True)),
            func.count(of.wait_seconds).filter(inbound),
            func.coalesce(func.sum(of.wait_seconds).filter(inbound), 0),
            func.coalesce(func.sum(of.talk_seconds), 0),
        )
        columns = [keys.get(name, none).label(name) for name, none in _NO_KEY.items()]
        columns += [value.label(name) for name, value in zip(SUMS, values, strict=True)]
        # Without keys there is one row, or none without calls.
        return select(*columns).where(*that_count).group_by(*(keys.values() or [Call.tenant_id]))

    def by_agent(of: type[Call] | type[CallLeg]) -> Select[Any]:
        # The name is that of an agent from the vendor with an address that no agent here has.
        stranger = case((of.agent_id.is_(None), of.agent_name), else_="")
        return sums(of, agent_id=func.coalesce(of.agent_id, 0), name=stranger)

    if part is SummaryPart.TIME:
        return [sums(Call, quarter=quarter_hour(Call.started_at))]
    if part is SummaryPart.QUEUE:
        return [sums(Call, name=Call.queue)]
    if part is SummaryPart.SHARED:
        return [sums(Call).where(Call.leg_count > 0)]
    legs = by_agent(CallLeg).join(Call, Call.id == CallLeg.call_id)
    known = or_(outbound, CallLeg.answered.is_not(None))
    return [by_agent(Call).where(Call.leg_count == 0), legs.where(known)]
