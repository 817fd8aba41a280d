"""Inserts calls that nobody has told of before, many at once, each as `place` would have made it.

`crm.calls.batch` calls it. The facts are those of `fold`, the columns those of `crm.calls.apply`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from crm.calls.apply import agent_of, agents_by_studio_email, columns_of
from crm.calls.facts import CallFacts
from crm.calls.fold import fold
from crm.calls.kept import VENDOR_KEYS, Name, Told
from crm.calls.ties import BY_NUMBER, names_of, only_contacts_with, refresh_contacts
from crm.extensions import db
from crm.models import Call, CallEvent, Tenant


def insert_calls(tenant: Tenant, page: Sequence[Told]) -> int:
    """Write the calls of these records with their events; how many are nobody's.

    No two of the records may share a key, and none may meet a row: the database refuses it.
    """
    zone, tenant_id, region = ZoneInfo(tenant.timezone), tenant.id, tenant.region
    facts = [fold((told.event,), zone=zone, region=region) for told in page]
    agents = agents_by_studio_email(tenant_id, _emails(facts))
    tied = only_contacts_with(one.normal_form for one in facts)
    names = names_of(tied.values())
    rows = [
        {"tenant_id": tenant_id}
        | dict.fromkeys(("activecallkey", "callkey", "transaction_id"))
        | dict(told.names)
        | _columns(one, agents, tied, names)
        for told, one in zip(page, facts, strict=True)
    ]
    connection = db.session.connection()
    connection.execute(insert(Call.__table__), rows)
    ids = _ids(tenant_id, page)
    connection.execute(
        insert(CallEvent.__table__),
        [_event(tenant_id, told, ids[told.names[0]]) for told in page],
    )
    contact_ids = [row["contact_id"] for row in rows]
    refresh_contacts(contact_ids)
    return contact_ids.count(None)


def _ids(tenant_id: int, page: Sequence[Told]) -> dict[Name, int]:
    """A key of each new call -> its row. Asked for afterwards: a driver's executemany, which is
    much the fastest way in, tells no ids.
    """
    found: dict[Name, int] = {}
    for name in VENDOR_KEYS:
        values = [told.names[0][1] for told in page if told.names[0][0] == name]
        if values:
            column = getattr(Call, name)
            statement = select(column, Call.id).where(
                Call.tenant_id == tenant_id, column.in_(values)
            )
            found |= {(name, row[0]): row[1] for row in db.session.execute(statement)}
    return found


def _emails(facts: Sequence[CallFacts]) -> set[str]:
    return {told.email for one in facts for told in one.agents}


def _columns(
    facts: CallFacts,
    agents: Mapping[str, int],
    tied: Mapping[str, int],
    names: Mapping[int, str],
) -> dict[str, Any]:
    agent_id, agent_name, told_by = agent_of(facts, lambda email: agents.get(email.strip().lower()))
    contact_id = tied.get(facts.normal_form or "")
    columns = columns_of(facts)
    sources = dict(columns["sources"])
    if told_by is not None:
        sources["agent"] = told_by
    if contact_id is not None:
        sources["contact"] = BY_NUMBER
    return columns | {
        "agent_id": agent_id,
        "agent_name": agent_name,
        "contact_id": contact_id,
        "contact_name": names[contact_id] if contact_id is not None else "",
        "normal_form": facts.normal_form,
        "sources": sources,
    }


def _event(tenant_id: int, told: Told, call_id: int) -> dict[str, Any]:
    event = told.event
    return {
        "tenant_id": tenant_id,
        "call_id": call_id,
        "agent_id": event.agent_id,
        "source": event.source,
        "kind": event.kind,
        "occurred_at": event.occurred_at,
        "payload": event.payload,
        "digest": event.digest,
    }
