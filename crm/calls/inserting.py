"""Inserts calls that nobody has told of before, many at once, each as `place` would have made it.

`crm.calls.batch` calls it. The facts are those of `fold`, the columns those of `crm.calls.apply`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from crm.calls.apply import agent_of, agents_by_studio_email, columns_of
from crm.calls.contact_calls import refresh_contacts
from crm.calls.contact_links import BY_NUMBER, is_withheld
from crm.calls.events import VENDOR_KEYS
from crm.calls.fold import CallFacts, fold
from crm.calls.kept import Name, Told
from crm.contacts import directory
from crm.contacts.directory import ContactRef
from crm.extensions import db
from crm.models import Call, CallEvent, Tenant

_CALL = Call.__table__.c


def insert_calls(tenant: Tenant, page: Sequence[Told]) -> int:
    """Write the calls of these records with their events; how many are nobody's.

    No two of the records may share a key, and none may meet a row: the database refuses it.
    """
    zone, tenant_id, region = ZoneInfo(tenant.timezone), tenant.id, tenant.region
    facts = [fold((told.event,), zone=zone, region=region) for told in page]
    agents = agents_by_studio_email(tenant_id, _emails(facts))
    # A record that withholds the number tells none, so no withheld one is looked for here.
    tied = directory.only_owners(one.normal_form for one in facts if not is_withheld(one))
    rows = [
        {"tenant_id": tenant_id}
        | dict.fromkeys(("activecallkey", "callkey", "transaction_id"))
        | dict(told.names)
        | _columns(one, agents, tied)
        for told, one in zip(page, facts, strict=True)
    ]
    connection = db.session.connection()
    newest = connection.scalar(select(func.max(_CALL.id))) or 0
    connection.execute(insert(Call.__table__), rows)
    ids = _ids(tenant_id, newest)
    connection.execute(
        insert(CallEvent.__table__),
        [_event(tenant_id, told, ids[told.names[0]]) for told in page],
    )
    contact_ids = [row["contact_id"] for row in rows]
    refresh_contacts(contact_ids, tenant_id=tenant_id)
    return contact_ids.count(None)


def _ids(tenant_id: int, newest: int) -> dict[Name, int]:
    """The keys of the rows that are newer than `newest` -> the row. They are asked for because a
    driver's executemany, which is much the fastest way in, tells no ids.
    """
    keys = [_CALL[name] for name in VENDOR_KEYS]
    statement = select(_CALL.id, *keys).where(_CALL.tenant_id == tenant_id, _CALL.id > newest)
    return {
        (name, value): row[0]
        for row in db.session.connection().execute(statement)
        for name, value in zip(VENDOR_KEYS, row[1:], strict=True)
        if value
    }


def _emails(facts: Sequence[CallFacts]) -> set[str]:
    return {told.email for one in facts for told in one.agents}


def _columns(
    facts: CallFacts,
    agents: Mapping[str, int],
    tied: Mapping[str, ContactRef],
) -> dict[str, Any]:
    agent_id, agent_name, told_by = agent_of(facts, lambda email: agents.get(email.strip().lower()))
    number = "" if is_withheld(facts) else facts.normal_form or ""
    contact_id, contact_name = tied.get(number, (None, ""))
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
        "contact_name": contact_name,
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
