"""What is typed into a contact's form, and what a page holds of it."""

import re
from html import unescape

from sqlalchemy import select
from werkzeug.test import TestResponse

from crm.calls.contact_calls import refresh_contacts
from crm.extensions import db
from crm.models import Agent, Call, CallState, Contact, Direction, Tenant


def form(**changes: str) -> dict[str, str]:
    typed = {
        "name": "Can Öz",
        "company": "Atlas",
        "email": "can@atlas.example",
        "notes": "",
        "numbers-0-raw": "0542 000 00 07",
        "numbers-0-label": "work",
    }
    return typed | {name.replace("_", "-"): value for name, value in changes.items()}


def typed_in(page: TestResponse) -> dict[str, str]:
    """What the page's form holds, as a browser would send it."""
    text = page.text.split('<form class="form')[1].split("</form>")[0]
    inputs = dict(re.findall(r'<input [^>]*name="([^"]+)"[^>]* value="([^"]*)"', text))
    notes = dict(
        re.findall(r'<textarea [^>]*name="(notes)"[^>]*>\r?\n(.*?)</textarea>', text, re.S)
    )
    kind = r'<select [^>]*name="([^"]+)">(?:(?!</select>).)*<option selected value="([^"]*)"'
    kinds = dict(re.findall(kind, text, re.S))
    held = {name: unescape(value) for name, value in {**inputs, **notes, **kinds}.items()}
    return {name: re.sub(r"\r?\n", "\r\n", value) for name, value in held.items()}


def newest() -> Contact:
    return db.session.scalars(select(Contact).order_by(Contact.id.desc()).limit(1)).one()


def version(page: TestResponse) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page.text)
    assert found
    return found[1]


def a_call_with(contact_id: int, agent: Agent, tenant: Tenant, *, answered: bool | None) -> None:
    db.session.add(
        Call(
            tenant_id=tenant.id,
            agent_id=agent.id,
            contact_id=contact_id,
            direction=Direction.INBOUND,
            state=CallState.ENDED,
            answered=answered,
        )
    )
    db.session.flush()
    refresh_contacts([contact_id])
