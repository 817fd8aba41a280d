"""Takes a person out of what belongs to no call: posts that wait to be folded, or named no call.

`crm.calls.erase` calls it. Such a post is the person's when it holds one of the numbers, as a
value, within one, or as a name; then nothing but keys, times and figures stays of it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm.calls.events import HANGUP_POST, NOTIFICATION, Event
from crm.calls.person import without_person
from crm.extensions import db
from crm.models import Arrival, CallEvent, EventSource, Tenant, inbox
from crm.phone_numbers import digits, read

AT_ONCE = 200
TELLING_DIGITS = 9  # the last digits of a full number, the same in each way of writing it


def erase_loose(numbers: Collection[str]) -> None:
    """Strip what holds one of these numbers (normal forms); flushes."""
    tenants = {tenant.id: tenant for tenant in db.session.scalars(select(Tenant))}
    inbox.rewrite(
        lambda row: row.tenant_id in tenants and _strip(row, numbers, tenants[row.tenant_id])
    )
    nobodys = select(CallEvent).where(CallEvent.call_id.is_(None))
    for statement in (select(Arrival), nobodys):
        locked = statement.with_for_update().execution_options(yield_per=AT_ONCE)
        for row in db.session.scalars(locked):
            _strip(row, numbers, tenants[row.tenant_id])
    db.session.flush()


def _strip(row: Arrival | CallEvent, numbers: Collection[str], tenant: Tenant) -> bool:
    """Take the person out of it, if it is the person's; whether it was."""
    telling = _Telling(numbers, tenant.region)
    if not telling.is_in(row.payload):
        return False
    row.payload = telling.without(_left(row, tenant))
    if isinstance(row, Arrival):
        row.last_error = ""  # it may quote what came
    return True


class _Telling:
    """Knows these numbers again, however they are written; region: of who wrote them."""

    def __init__(self, numbers: Collection[str], region: str) -> None:
        full = (digits(number.partition(";")[0]) for number in numbers if number[:1] == "+")
        self._ends = {number[-TELLING_DIGITS:] for number in full}
        self._numbers = numbers
        self._region = region

    def is_in(self, value: Any) -> bool:
        if isinstance(value, dict):
            return any(self.is_in(one) for pair in value.items() for one in pair)
        if isinstance(value, list):
            return any(self.is_in(inner) for inner in value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            return False
        found = digits(str(value))
        written = read(str(value), self._region)
        # "12 min" is not the person at 12; a whole number is known by its end.
        known = not written.label and written.number in self._numbers
        return known or any(end in found for end in self._ends)

    def without(self, payload: dict[str, Any]) -> dict[str, Any]:
        """With empty values in the place of those that hold a number."""
        return {
            name: self.without(value)
            if isinstance(value, dict)
            else ("" if self.is_in(value) else value)
            for name, value in payload.items()
        }


def _left(row: Arrival | CallEvent, tenant: Tenant) -> dict[str, Any]:
    """Keys, times and figures of what came."""
    if isinstance(row, CallEvent):
        return _stripped(row.source, row.kind, row.occurred_at, row.payload)
    if row.source is not EventSource.NOTIFICATION:
        return _stripped(row.source, HANGUP_POST, row.received_at, row.payload)
    told = {"parameters": row.payload, "names": tenant.notification_map or {}}
    left: dict[str, Any] = _stripped(row.source, NOTIFICATION, row.received_at, told)["parameters"]
    return left


def _stripped(
    source: EventSource, kind: str, at: datetime, payload: dict[str, Any]
) -> dict[str, Any]:
    event = Event(source=source, kind=kind, occurred_at=at, payload=payload)
    return dict(without_person(event).payload)
