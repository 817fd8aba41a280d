"""A call becomes a new contact, or is added to one that is there."""

from uuid import uuid4

from crm import calls, contacts
from crm.contacts import ContactData
from crm.extensions import db
from crm.models import Agent, Call, Contact, Direction, Tenant, utc_now
from tests.unit.calls_world import calls_told_of
from tests.web.browser import Browser
from tests.web.contacts.forms import form, newest

CID = "0b0f7f7c-3b52-4f2c-9a53-6f6a9c6a1f10"


def call_from(number: str, agent: Agent, tenant: Tenant) -> Call:
    call = Call(
        tenant_id=tenant.id,
        agent_id=agent.id,
        direction=Direction.INBOUND,
        state="ended",
        number=number,
        normal_form=number,
    )
    db.session.add(call)
    db.session.commit()
    return call


def test_the_number_that_called_is_filled_in_and_its_calls_are_claimed(
    browser: Browser, agent: Agent, tenant: Tenant
) -> None:
    call_id = call_from("+447700900555", agent, tenant).id
    page = browser.get(f"/contacts/new?number=%2B447700900555&call={CID}").text
    assert 'value="+44 7700 900555"' in page
    assert f'value="{CID}"' in page
    browser.post("/contacts", form(numbers_0_raw="+44 7700 900555"))
    assert db.session.get_one(Call, call_id).contact_id == newest().id
    assert calls_told_of(newest(), tenant)[0] == 1


def test_the_number_that_called_is_added_to_a_contact(
    browser: Browser, agent: Agent, tenant: Tenant, elif_id: int
) -> None:
    call_id = call_from("+447700900555", agent, tenant).id
    page = browser.get(f"/contacts?add_number=%2B447700900555&call={CID}&q=elif").text
    assert "Add +44 7700 900555 to a contact" in page
    assert f'action="/contacts/{elif_id}/numbers"' in page
    for _twice in range(2):
        answer = browser.htmx_post(
            f"/contacts/{elif_id}/numbers", {"number": "+447700900555", "call": CID}
        )
        assert answer.status_code == 200
    contact = db.session.get_one(Contact, elif_id)
    assert [number.normal_form for number in contact.phone_numbers][2:] == ["+447700900555"]
    assert db.session.get_one(Call, call_id).contact_id == elif_id


def test_what_is_no_number_is_not_added(browser: Browser, elif_id: int) -> None:
    answer = browser.htmx_post(f"/contacts/{elif_id}/numbers", {"number": "anonymous"})
    assert "nothing was changed" in answer.text
    assert len(db.session.get_one(Contact, elif_id).phone_numbers) == 2


def test_a_call_without_a_number_is_tied_by_the_id_that_its_page_gave_it(
    browser: Browser, agent: Agent, tenant: Tenant, elif_id: int
) -> None:
    call = calls.record_message(
        tenant_id=tenant.id,
        agent_id=agent.id,
        browser_call_id=CID,
        kind="IncomingCall",
        number="anonymous",
        occurred_at=utc_now(),
    )
    call_id = call.id
    browser.post("/contacts", form(call=CID))
    assert db.session.get_one(Call, call_id).contact_id == newest().id
    # It was somebody else, who is a contact already.
    page = browser.get(f"/contacts?call={CID}&q=elif").text
    assert "Whose call is it?" in page
    assert f'action="/contacts/{elif_id}/call"' in page
    answer = browser.htmx_post(f"/contacts/{elif_id}/call", {"call": CID})
    assert answer.headers["HX-Push-Url"] == f"/contacts/{elif_id}"
    assert db.session.get_one(Call, call_id).contact_id == elif_id
    assert len(db.session.get_one(Contact, elif_id).phone_numbers) == 2
    for nobodys in (str(uuid4()), "x", ""):  # not this agent's, or no call at all
        answer = browser.htmx_post(f"/contacts/{newest().id}/call", {"call": nobodys})
        assert answer.status_code == 200
    assert db.session.get_one(Call, call_id).contact_id == elif_id


def test_a_plus_that_nobody_encoded_is_filled_in_as_a_plus(browser: Browser) -> None:
    page = browser.get("/contacts/new?number=+3221234567").text
    assert 'value="+32 2 123 45 67"' in page


def test_a_number_that_is_added_from_a_call_is_kept_with_a_word_too(
    browser: Browser, elif_id: int
) -> None:
    other = contacts.create(ContactData(name="Can Öz"), region="TR")
    db.session.commit()
    page = browser.htmx_post(f"/contacts/{other.id}/numbers", {"number": "+905320000001"}).text
    assert "0532 000 00 01 also belongs to Elif Şahin" in page
    page = browser.htmx_post(f"/contacts/{other.id}/numbers", {"number": "+905320000001"}).text
    assert "too" not in page.split("page-head")[0]
