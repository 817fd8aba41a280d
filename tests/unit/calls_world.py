"""What the tests of the call log share: a tenant with two agents, and the vendor's voice."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm import calls
from crm.callcenterstudio.results import ActiveCall, CdrRecord
from crm.contacts import directory
from crm.extensions import db
from crm.models import Agent, Call, Contact, EventSource, PhoneNumber, Tenant, inbox_file

WIRE = Path(__file__).parents[1] / "wire"
# 16:41:36 in Istanbul, when the call of the wire examples began.
START = datetime(2017, 8, 2, 13, 41, 36, tzinfo=UTC)
KEY = "the-activecallkey"
BEFORE = datetime(2017, 1, 1, tzinfo=UTC)
ELIF = "05320000001"
ELIF_NORMAL = "+905320000001"


def after(seconds: float) -> datetime:
    """A moment of the call: so many seconds after its start."""
    return START + timedelta(seconds=seconds)


def local(seconds: float) -> str:
    """The same moment as the vendor writes it."""
    return f"{after(seconds) + timedelta(hours=3):%Y-%m-%d %H:%M:%S}"


def wire(name: str) -> Any:
    """One of the examples of what the vendor sends."""
    return json.loads((WIRE / name).read_text(encoding="utf-8"))


def cdr(**changes: Any) -> CdrRecord:
    """The record of an answered inbound call from Elif to Ayşe, 9 s waited, 60 s talked."""
    record = wire("cdr_record.json") | {
        "inbound": True,
        "callerid": ELIF,
        "called_num": "908500000010",
        "waitduration": 9,
        "duration": 60,
        "hangupdate": local(69),
        "queue": "Support",
        "recordingurl": f"https://demo.callcenterstudio.com/recordings/{KEY}",
    }
    return CdrRecord.parse(record | changes)


def active(**changes: Any) -> ActiveCall:
    """Elif's call in the vendor's list of Ayşe's active calls."""
    entry = wire("active_calls.json")["MyActiveCalls"][0]
    return ActiveCall.parse(entry | {"key": KEY, "calldate": local(0), "talkdate": None} | changes)


def hangup_form(**changes: str) -> dict[str, str]:
    """The post at the end of a dial of Ayşe's."""
    return dict(wire("hangup_post.json")) | {"call_id": KEY} | changes


@dataclass
class World:
    """The people; ids are kept because sessions come and go."""

    tenant: Tenant
    ayse: Agent
    mehmet: Agent

    def message(
        self, kind: str, at: float, *, agent: Agent | None = None, cid: str = "c1", **more: Any
    ) -> Call:
        """A message of the softphone in an agent's browser, Ayşe's if no other is named."""
        call = calls.record_message(
            tenant_id=self.tenant.id,
            agent_id=(agent or self.ayse).id,
            browser_call_id=cid,
            kind=kind,
            occurred_at=after(at),
            **more,
        )
        db.session.commit()
        return call

    def rings(self, at: float = 0, **more: Any) -> Call:
        """Elif's call rings."""
        return self.message("IncomingCall", at, **({"number": ELIF, "activecallkey": KEY} | more))

    def dials(self, cid: str = "d1", number: str = "+905070000042", **more: Any) -> Call:
        """Ayşe clicks a number."""
        call = calls.record_dial(
            tenant_id=self.tenant.id,
            agent_id=self.ayse.id,
            browser_call_id=cid,
            transaction_id=cid,
            number=number,
            occurred_at=after(-1),
            **more,
        )
        db.session.commit()
        return call


def make_world() -> World:
    """A tenant in Istanbul with Ayşe and Mehmet, beside another tenant with a call of its own."""
    tenant, other = (
        Tenant(
            name=name,
            host=f"{name}.callcenterstudio.com",
            api_url="http://127.0.0.1:9/api/",
            softphone_url="http://127.0.0.1:9/",
            timezone="Europe/Istanbul",
            region="TR",
            hook_secret=f"the hook secret of {name}",
        )
        for name in ("demo", "second")
    )
    db.session.add_all([tenant, other])
    db.session.flush()
    ayse, mehmet = (_agent(tenant, name) for name in ("ayse", "mehmet"))
    jonas = _agent(other, "jonas")
    world = World(tenant, ayse, mehmet)
    World(other, jonas, jonas).rings(cid="noise")
    return world


def in_the_inbox(tenant_id: int, **payload: Any) -> None:
    """A notification that a webhook has written down on SQLite and nobody has moved yet."""
    values = {"tenant_id": tenant_id, "source": EventSource.NOTIFICATION}
    values |= {"received_at": after(90), "payload": payload}
    file = inbox_file.engine()
    assert file is not None
    inbox_file.keep(file, values)


def make_contact(name: str = "Elif Şahin", *numbers: str) -> Contact:
    """A contact with numbers in normal form."""
    contact = Contact(name=name, sort_name=name.lower())
    contact.phone_numbers = [
        PhoneNumber(raw=number, normal_form=number, created_at=BEFORE)
        for number in numbers or (ELIF_NORMAL,)
    ]
    db.session.add(contact)
    db.session.commit()
    return contact


def calls_told_of(contact: Contact, tenant: Tenant | None = None) -> tuple[int, Any, str]:
    """What a pop tells of a contact's calls: how many, when the last one was, how it went.

    To an agent of the tenant; without one to an admin, who sees all.
    """
    tenants = [tenant] if tenant else db.session.scalars(select(Tenant)).all()
    known = directory.get(contact.id, [one.id for one in tenants])
    assert known is not None
    return known.calls_count, known.last_call_at, known.last_call_summary


def _agent(tenant: Tenant, name: str) -> Agent:
    email = f"{name}@{tenant.name}.example"
    agent = Agent(
        email=email,
        name=name.title(),
        password_hash="-",
        tenant_id=tenant.id,
        studio_email=email,
    )
    db.session.add(agent)
    db.session.commit()
    return agent
