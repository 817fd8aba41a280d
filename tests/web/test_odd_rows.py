"""Whatever lies in the database by now - kept by an older version, or by hand - stops nothing."""

import json

import pytest
from sqlalchemy import select, text

from crm.calls.apply import refold
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, Contact, InboxEntry, PhoneNumber, Tenant
from crm.models.json_text import LEVELS, json_text, json_value
from crm.telephony.inbox import fold_inbox
from tests.web.browser import Browser

pytestmark = pytest.mark.both_databases

NUMBER, NORMAL = "05320000001", "+905320000001"
# A value as its JSON stands in a column.
ODD = {
    "330 lists deep": "[" * 330 + '"05320000001"' + "]" * 330,
    "1,200 objects deep": '{"a":' * 1200 + "1" + "}" * 1200,
    "5,000 lists deep": "[" * 5000 + "]" * 5000,
    "half a letter": '"\\ud800 0532"',
    "a number of 4,000 digits": "9" * 4000,
    "a number of 5,000 digits": "9" * 5000,
    "1e999": "1e999",
    "NUL": '"a\\u0000b"',
    "a megabyte": json.dumps("k 0532 " * 150_000),
    "20,000 values": json.dumps([{"a": 1}] * 20_000),
    "a list": "[1, 2]",
    "nothing": "null",
}
PLACES = {
    "browser": '{{"browser_call_id": "c1", "number": {odd}, "activecallkey": "{key}"}}',
    "hangup": '{{"call_id": "{key}", "called_num": "05320000001", "x": {odd}, "duration": {odd}}}',
    "notification": '{{"parameters": {{"CallID": "{key}", "MobilePhoneNumber": "05320000001",'
    ' "queue": {odd}, "x": {odd}}}, "names": {{}}}}',
    "cdr": '{{"record": {{"callkey": "{key}", "inbound": true, "callerid": "05320000001",'
    ' "queue": {odd}, "x": {odd}}}, "asked_for": {{}}}}',
    "active_call": '{{"key": "{key}", "callerid": "05320000001", "inbound": true, "x": {odd}}}',
    "agent": '{{"note": "rings again", "replaces": [], "x": {odd}}}',
}
KINDS = {"browser": "IncomingCall", "agent": "note"}


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_page_no_fold_and_no_erase_stops(
    odd: str, tenant: Tenant, agent: Agent, browser: Browser, admin_browser: Browser
) -> None:
    contact = Contact(name="Elif", sort_name="elif")
    contact.phone_numbers = [PhoneNumber(raw=NUMBER, normal_form=NORMAL)]
    db.session.add(contact)
    db.session.commit()
    ids = [call_with(tenant, agent, contact, source, ODD[odd]).id for source in PLACES]
    for source in ("hangup", "notification"):
        loose = '{{"MobilePhoneNumber": "05320000001", "called_num": "05320000001", "x": {odd}}}'
        insert_arrival(tenant, source, loose.format(odd=ODD[odd]))
    db.session.commit()
    pages = [f"/calls/{call_id}" for call_id in ids]
    pages += ["/calls", "/missed", f"/contacts/{contact.id}", f"/contacts/{contact.id}/calls"]
    pages += ["/calls/export.csv", f"/contacts/{contact.id}/erase"]
    pages += [f"/settings/tenants/{tenant.id}/notifications"]
    assert {page: admin_browser.get(page).status_code for page in pages} == dict.fromkeys(
        pages, 200
    )
    assert fold_inbox(seconds=60) == 2
    for call_id in ids:
        refold(db.session.get_one(Call, call_id), set())
    db.session.commit()
    address = f"/contacts/{contact.id}/erase"
    assert admin_browser.post(address, {"name": "Elif"}).status_code == 303
    db.session.expire_all()
    left = [row.payload for row in db.session.scalars(select(CallEvent))]
    assert NUMBER not in json.dumps(left)
    assert db.session.scalars(select(InboxEntry)).all() == []
    pages = [f"/calls/{call_id}" for call_id in ids]
    assert {page: admin_browser.get(page).status_code for page in pages} == dict.fromkeys(
        pages, 200
    )


def call_with(tenant: Tenant, agent: Agent, contact: Contact, source: str, odd: str) -> Call:
    key = f"key of {source}"
    call = Call(tenant_id=tenant.id, state="ended", contact_id=contact.id, activecallkey=key)
    call.number, call.normal_form, call.sources = NUMBER, NORMAL, {}
    db.session.add(call)
    db.session.flush()
    statement = text(
        "INSERT INTO call_event (tenant_id, call_id, agent_id, source, kind, occurred_at,"
        " received_at, payload, digest, repeats) VALUES (:tenant, :call, :agent, :source, :kind,"
        " '2026-11-20 10:00:00', '2026-11-20 10:00:00', :payload, :digest, 0)"
    )
    values = {"tenant": tenant.id, "call": call.id, "agent": agent.id, "source": source}
    values |= {"kind": KINDS.get(source, source), "digest": key}
    db.session.execute(statement, values | {"payload": PLACES[source].format(odd=odd, key=key)})
    return call


def insert_arrival(tenant: Tenant, source: str, payload: str) -> None:
    statement = text(
        "INSERT INTO webhook_inbox (tenant_id, source, received_at, payload, attempts, last_error)"
        " VALUES (:tenant, :source, '2026-11-20 10:00:00', :payload, 0, '')"
    )
    values = {"tenant": tenant.id, "source": source, "payload": payload}
    db.session.execute(statement, values)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_what_is_read_can_be_written_again(odd: str) -> None:
    value = json_value(f'{{"x": {ODD[odd]}}}')
    assert json_value(json_text(value)) == value
    json.dumps(value, ensure_ascii=False, indent=1).encode()


def test_what_python_made_is_cut_where_it_is_too_deep() -> None:
    value: object = "in the middle"
    for _level in range(3000):
        value = [value]
    read = json_value(json_text({"x": value, "y": float("inf"), "z": 10**6000}))
    assert (read["y"], read["z"]) == ("inf", "…")
    depth, inner = 0, read["x"]
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    assert (depth, inner) == (LEVELS - 1, "…")
