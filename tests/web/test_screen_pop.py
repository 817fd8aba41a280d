"""Who is calling: found at the moment of the ring, whatever stands where the number should be."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import contacts
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.models import Agent, Call, CallEvent, Tenant
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in

NUMBER = "+905320000001"


@pytest.fixture(autouse=True)
def _elif(app: Flask) -> None:
    number = (Number(NUMBER, "work"),)
    data = ContactData(
        name="Elif Şahin", company="Boğaz Mobilya", email="", notes="Call early.", numbers=number
    )
    contacts.create(data, region="TR")
    db.session.commit()


def pop(browser: Browser, number: str | None, call: str | None = None) -> tuple[int, str]:
    query = {"call": call or str(uuid4())} | ({} if number is None else {"number": number})
    answer = browser.htmx_get("/screen-pop", query_string=query)
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    "number",
    [
        *(NUMBER, "05320000001", "905320000001", "(0532) 000 00 01"),
        *("sip:+905320000001@host", '"Name" <905320000001>', "905320000001@pbx"),
        *(" 905320000001", "+905320000001;user=phone"),
        f'"{"A long name " * 9}" <sip:+905320000001@sbc.example>',
    ],
)
def test_a_known_caller_is_there_with_company_and_notes(browser: Browser, number: str) -> None:
    status, text = pop(browser, number)
    assert status == 200
    assert all(word in text for word in ("Elif Şahin", "Boğaz Mobilya", "Call early."))


@pytest.mark.parametrize("number", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>'])
def test_markup_stays_text(browser: Browser, number: str) -> None:
    status, text = pop(browser, number)
    assert status == 200
    assert "<img src=x" not in text
    assert "<script" not in text


@pytest.mark.both_databases
@pytest.mark.parametrize("number", ["x" * 10_000, "1" * 101])
def test_what_is_too_long_to_be_a_number_is_refused(browser: Browser, number: str) -> None:
    assert pop(browser, number)[0] == 422


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "number", [None, "", "\x00", "anonymous", "1" * 100, "٠٥٣٢", "' OR 1=1 --"]
)
def test_any_number_and_none_gets_a_card(browser: Browser, number: str | None) -> None:
    status, text = pop(browser, number)
    assert status == 200
    assert "Elif" not in text
    assert 'class="call-card' in text


@pytest.mark.parametrize("call", ["x", "1", "<b>", "x" * 5000])
def test_a_call_without_an_id_of_the_pages_is_refused(browser: Browser, call: str) -> None:
    assert pop(browser, NUMBER, call)[0] == 422


def test_it_writes_nothing(browser: Browser) -> None:
    pop(browser, NUMBER)
    for table in (Call, CallEvent):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_two_agents_in_the_same_second_both_get_it_and_a_card_each(
    app: Flask, tenant: Tenant, agent: Agent, browser: Browser
) -> None:
    mehmet = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    for who in (browser, mehmet):
        call = str(uuid4())
        assert "Elif Şahin" in pop(who, NUMBER, call)[1]
        form = {"type": "IncomingCall", "number": NUMBER, "activecallkey": "k" * 80}
        assert "Elif Şahin" in who.htmx_post(f"/call-panel/{call}/messages", form).text
    assert db.session.scalar(select(func.count()).select_from(Call)) == 1


@pytest.mark.parametrize(
    "number",
    [
        *("sip:anonymous@anonymous.invalid", "Özel Numara", "Numara Gizli", "Not available", "0"),
        *("UNKNOWN", "private", "Restricted", "withheld", "GİZLİ", "bilinmeyen", "-1", "N/A"),
    ],
)
def test_a_hidden_caller_is_no_number_and_no_new_contact_is_made_of_it(
    browser: Browser, number: str
) -> None:
    status, text = pop(browser, number)
    assert status == 200
    assert "Anonymous caller" in text
    assert "number=" not in text
    form = browser.get("/contacts/new", query_string={"number": number}).text
    assert re.search(r'<input[^>]*name="numbers-0-raw"[^>]*value=""', form)
    adding = browser.get("/contacts", query_string={"add_number": number}).text
    assert "<h1>Contacts</h1>" in adding
