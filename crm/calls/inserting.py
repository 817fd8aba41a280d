"""Inserts calls that nobody has told of before, many at once, each as `place` would have made it.

`crm.calls.batch` calls it. The facts are those of `fold`, the columns those of `crm.calls.apply`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from crm.calls.apply import agent_of, agents_by_studio_email, columns_of
from crm.calls.facts import CallFacts
from crm.calls.fold import fold
from crm.calls.kept import Told
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
    in_order = insert(Call).returning(Call.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(in_order, rows))
    db.session.execute(
        insert(CallEvent),
        [_event(tenant_id, told, call_id) for told, call_id in zip(page, ids, strict=True)],
    )
    contact_ids = [row["contact_id"] for row in rows]
    refresh_contacts(contact_ids)
    return contact_ids.count(None)


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
