"""What an agent sees and can do on the contact pages, with and without JavaScript."""

import re
from html import unescape
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crm import calls, contacts
from crm.calls.contact_calls import refresh_contacts
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.models import Agent, Call, CallState, Contact, Direction, PhoneNumber, Tenant, utc_now
from tests.unit.calls_world import calls_told_of
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in

CID = "0b0f7f7c-3b52-4f2c-9a53-6f6a9c6a1f10"


@pytest.fixture(autouse=True)
def noise(app: Flask) -> None:
    """People whom no test is about."""
    for name in ("Noah Unrelated", "Nora Unrelated"):
        contacts.create(ContactData(name=name), region="TR")
    db.session.commit()


@pytest.fixture
def elif_id(app: Flask) -> int:
    data = ContactData(
        name="Elif Şahin",
        company="Kuzey Lojistik",
        email="elif@kuzey.example",
        notes="Asks for invoices.",
        numbers=(Number("0532 000 00 01", "mobile"), Number("+90 212 000 00 10", "work")),
    )
    contact = contacts.create(data, region="TR")
    db.session.commit()
    return contact.id


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


def test_the_list_shows_everybody_and_is_empty_with_a_word(browser: Browser, elif_id: int) -> None:
    page = browser.get("/contacts").text
    assert "<html" in page
    assert "Elif Şahin" in page
    assert "Kuzey Lojistik" in page
    assert "0532 000 00 01" in page
    for contact in db.session.scalars(select(Contact)).all():
        contacts.delete(contact.id)
    assert "No contacts yet" in browser.get("/contacts").text


def test_typing_brings_rows_alone_and_keeps_the_address(browser: Browser, elif_id: int) -> None:
    answer = browser.htmx_get("/contacts/rows?q=elıf")
    assert 'id="contact-results"' in answer.text
    assert "Elif Şahin" in answer.text
    assert "Noah" not in answer.text
    assert "<main" not in answer.text
    assert answer.headers["HX-Replace-Url"] == "/contacts?q=el%C4%B1f"


def test_enter_searches_without_javascript(browser: Browser, elif_id: int) -> None:
    page = browser.get("/contacts?q=0532+000").text
    assert "Elif Şahin" in page
    assert "Noah" not in page
    assert 'value="0532 000"' in page


def test_what_nobody_fits_is_said_with_what_was_typed_escaped(browser: Browser) -> None:
    page = browser.get("/contacts?q=<b>zzz").text
    assert "No contact matches" in page
    assert "<b>zzz" not in page


def test_a_long_list_says_50_plus_and_goes_on(browser: Browser) -> None:
    for number in range(60):
        contacts.create(ContactData(name=f"Page Person{number:02}"), region="TR")
    page = browser.get("/contacts?q=page").text
    assert "50+" in page
    assert page.count("data-row") == 16
    found = re.search(r'hx-get="(/contacts/rows[^"]*after=[^"]*)"', page)
    assert found
    rest = browser.htmx_get(found[1].replace("&amp;", "&")).text
    assert rest.count("data-row") == 44
    assert 'class="more"' not in rest


def test_who_was_talked_with_stands_above(
    browser: Browser, elif_id: int, agent: Agent, tenant: Tenant
) -> None:
    """Who called and was not answered, or did not answer, was not spoken with."""
    for answered in (None, False):
        a_call_with(elif_id, agent, tenant, answered=answered)
        page = browser.get("/contacts").text
        assert "Recently spoken" not in page
        assert "Missed" in page  # beside the name in the list
    a_call_with(elif_id, agent, tenant, answered=True)
    a_call_with(elif_id, agent, tenant, answered=False)
    page = browser.get("/contacts").text
    assert page.index("Recently spoken") < page.index("Elif Şahin")
    spoken, everybody = page.split("All contacts")
    assert "Answered" in spoken.split("Recently spoken")[1]  # of the talk, not of what came later
    assert "Missed" in everybody
    assert "Recently spoken" not in browser.get("/contacts?q=elif").text


def test_a_contact_shows_what_is_known(browser: Browser, elif_id: int) -> None:
    page = browser.get(f"/contacts/{elif_id}").text
    for text in ("Elif Şahin", "Kuzey Lojistik", "elif@kuzey.example", "Asks for invoices."):
        assert text in page
    assert "0532 000 00 01" in page
    assert "Mobile" in page
    assert f'hx-get="/contacts/{elif_id}/calls"' in page


def test_the_form_is_taken_with_the_token_it_holds(browser: Browser) -> None:
    page = browser.get("/contacts/new").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.split("<main")[1])
    assert found
    answer = browser.client.post("/contacts", data=form() | {"csrf_token": found[1]})
    assert answer.status_code == 303
    assert browser.client.post("/contacts", data=form()).status_code == 400


def test_a_new_contact_is_kept_and_shown(browser: Browser) -> None:
    second = {"numbers-1-raw": "+44 7700 900555", "numbers-1-label": "mobile"}
    answer = browser.htmx_post("/contacts", form() | second)
    contact = newest()
    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"] == f"/contacts/{contact.id}"
    assert "contacts-changed" in answer.headers["HX-Trigger"]
    assert '<main id="main"' in answer.text
    assert "<html" not in answer.text
    assert "Can Öz" in answer.text
    stored = [(number.normal_form, number.label) for number in contact.phone_numbers]
    assert stored == [("+905420000007", "work"), ("+447700900555", "mobile")]


def test_a_form_without_javascript_leads_to_the_contact(browser: Browser) -> None:
    answer = browser.post("/contacts", form())
    assert (answer.status_code, answer.location) == (303, f"/contacts/{newest().id}")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ({"name": " "}, "Enter a name."),
        ({"name": "x" * 201}, "Too long."),
        ({"email": "elif at home"}, "This is no e-mail address."),
        ({"numbers_0_raw": "call me"}, "This number has no digits."),
        ({"numbers_0_raw": "1" * 51}, "This is too long for a number."),
        ({"numbers_1_raw": "+90 (542) 000 00 07"}, "This number is here twice."),
        ({"numbers_1_raw": "", "numbers_2_raw": "05420000007"}, "This number is here twice."),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    browser: Browser, typed: dict[str, str], word: str
) -> None:
    before = newest().id
    for send in (browser.post, browser.htmx_post):
        answer = send("/contacts", form(company="Kept Company", **typed))
        assert answer.status_code == 422
        assert word in answer.text
        assert answer.text.count('aria-invalid="true"') == 1
        assert 'value="Kept Company"' in answer.text
    assert newest().id == before


def test_nothing_typed_harms(browser: Browser) -> None:
    name = "<script>alert(1)</script>\x00"
    answer = browser.post("/contacts", form(name=name, notes="\x00a\r\nb"), follow_redirects=True)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_numbers_come_and_go_without_javascript(browser: Browser) -> None:
    answer = browser.post("/contacts", form() | {"more": "1"})
    assert answer.status_code == 200
    assert 'name="numbers-1-raw"' in answer.text
    assert 'value="0542 000 00 07"' in answer.text
    answer = browser.post("/contacts", form(numbers_1_raw="1453") | {"remove": "numbers-0"})
    assert 'name="numbers-0-raw"' not in answer.text
    assert 'value="1453"' in answer.text


def test_a_further_line_comes_by_htmx(browser: Browser) -> None:
    line = browser.htmx_get("/contacts/number-line?index=4").text
    assert 'name="numbers-4-raw"' in line
    assert "index=5" in line
    assert browser.htmx_get("/contacts/number-line?index=99999").text == ""
    assert browser.htmx_get("/contacts/number-line?index=x").status_code == 200


def test_a_contact_is_changed(browser: Browser, elif_id: int) -> None:
    page = browser.get(f"/contacts/{elif_id}/edit")
    assert 'value="Elif Şahin"' in page.text
    changed = form(name="Elif Şahin Öz", version=version(page))
    answer = browser.htmx_post(f"/contacts/{elif_id}", changed)
    assert answer.status_code == 200
    contact = db.session.get_one(Contact, elif_id)
    assert contact.name == "Elif Şahin Öz"
    assert [number.normal_form for number in contact.phone_numbers] == ["+905420000007"]
    assert "Elif Şahin Öz" in browser.get("/contacts?q=oz").text


def test_the_second_of_two_who_save_is_told_both_versions(
    app: Flask, browser: Browser, tenant: Tenant, elif_id: int
) -> None:
    other = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    mine = version(browser.get(f"/contacts/{elif_id}/edit"))
    theirs = version(other.get(f"/contacts/{elif_id}/edit"))
    other.post(f"/contacts/{elif_id}", form(company="Theirs", version=theirs))
    answer = browser.htmx_post(f"/contacts/{elif_id}", form(company="Mine", version=mine))
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert "Theirs" in answer.text
    assert db.session.get_one(Contact, elif_id).company == "Theirs"
    again = form(company="Mine", version=version(answer))
    assert browser.htmx_post(f"/contacts/{elif_id}", again).status_code == 200
    assert db.session.get_one(Contact, elif_id).company == "Mine"


def test_what_the_second_has_not_touched_is_as_the_first_saved_it(
    app: Flask, browser: Browser, tenant: Tenant, elif_id: int
) -> None:
    other = logged_in(app, add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya"))
    own = dict.fromkeys(("csrf_token", "version", "shown"))
    for mine, theirs in (
        ({"company": "Mine"}, {"email": "theirs@atlas.example"}),
        ({"company": "My own"}, {"notes": "Theirs,\r\nin two lines"}),
        ({"email": "mine@atlas.example"}, {"name": "Theirs", "notes": "Theirs"}),
        (
            {"notes": "Mine\r\n& two"},
            {"numbers-0-label": "home", "numbers-1-raw": "0533 000 00 02"},
        ),
        ({"name": "Mine"}, {"numbers-2-raw": "0533 000 00 03", "numbers-2-label": "work"}),
        ({"numbers-0-label": "other"}, {"company": "Theirs"}),
        ({"company": "Mine again"}, {"company": "Theirs again", "email": "they@atlas.example"}),
    ):
        shown = typed_in(browser.get(f"/contacts/{elif_id}/edit"))
        saved = typed_in(other.get(f"/contacts/{elif_id}/edit")) | theirs
        assert other.post(f"/contacts/{elif_id}", saved).status_code == 303
        answer = browser.htmx_post(f"/contacts/{elif_id}", shown | mine)
        assert answer.status_code == 409
        assert typed_in(answer) | own == saved | mine | own
        assert browser.htmx_post(f"/contacts/{elif_id}", typed_in(answer)).status_code == 200
        now = typed_in(browser.get(f"/contacts/{elif_id}/edit"))
        assert now | own == saved | mine | own


def test_what_is_typed_outlives_the_contact_and_brings_it_back(
    browser: Browser, elif_id: int
) -> None:
    read = version(browser.get(f"/contacts/{elif_id}/edit"))
    contacts.delete(elif_id)
    answer = browser.htmx_post(f"/contacts/{elif_id}", form(company="Mine", version=read))
    assert answer.status_code == 409
    assert "Somebody has deleted this contact while you were writing." in answer.text
    assert 'value="Mine"' in answer.text
    assert contacts.get(elif_id) is None
    again = form(company="Mine", version=version(answer), restore="1")
    assert browser.htmx_post(f"/contacts/{elif_id}", {**again, "name": ""}).status_code == 409
    assert contacts.get(elif_id) is None
    assert browser.htmx_post(f"/contacts/{elif_id}", again).status_code == 200
    back = contacts.get(elif_id)
    assert back is not None
    assert back.company == "Mine"


def test_what_is_typed_outlives_a_merge(browser: Browser, elif_id: int) -> None:
    keep = contacts.create(ContactData(name="Elif Öz", company="Theirs"), region="TR")
    read = version(browser.get(f"/contacts/{elif_id}/edit"))
    contacts.merge(keep.id, elif_id)
    answer = browser.htmx_post(f"/contacts/{elif_id}", form(company="Mine", version=read))
    assert answer.status_code == 409
    assert "Somebody has made this contact a part of Elif Öz" in answer.text
    assert 'value="Mine"' in answer.text
    assert "Theirs" in answer.text
    assert f'action="/contacts/{keep.id}"' in answer.text
    again = form(company="Mine", version=version(answer))
    assert browser.htmx_post(f"/contacts/{keep.id}", again).status_code == 200
    assert db.session.get_one(Contact, keep.id, populate_existing=True).company == "Mine"


def test_a_call_meanwhile_is_no_conflict(
    browser: Browser, elif_id: int, agent: Agent, tenant: Tenant
) -> None:
    read = version(browser.get(f"/contacts/{elif_id}/edit"))
    a_call_with(elif_id, agent, tenant, answered=True)
    answer = browser.post(f"/contacts/{elif_id}", form(version=read))
    assert answer.status_code == 303


def test_delete_has_a_way_back_at_once_and_later(browser: Browser, elif_id: int) -> None:
    answer = browser.htmx_post(f"/contacts/{elif_id}/delete")
    assert "Elif Şahin was deleted." in answer.text
    assert f'action="/contacts/{elif_id}/restore"' in answer.text
    assert answer.headers["HX-Push-Url"] == "/contacts"
    assert "Elif" not in browser.get("/contacts").text
    later = browser.get(f"/contacts/{elif_id}")
    assert later.status_code == 404
    assert "Restore" in later.text
    assert browser.post(f"/contacts/{elif_id}", form(version="1")).status_code == 409
    assert browser.post(f"/contacts/{elif_id}/delete").status_code == 404
    assert browser.htmx_post(f"/contacts/{elif_id}/restore").status_code == 200
    assert "Elif Şahin" in browser.get("/contacts?q=0532").text


def test_delete_without_javascript_offers_the_way_back(browser: Browser, elif_id: int) -> None:
    answer = browser.post(f"/contacts/{elif_id}/delete", follow_redirects=True)
    assert f'action="/contacts/{elif_id}/restore"' in answer.text


@pytest.mark.parametrize("path", ["/contacts/4711", "/contacts/4711/edit", "/contacts/x"])
def test_an_unknown_contact_is_404(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert '<main id="main"' in browser.htmx_get(path).text


@pytest.mark.parametrize("act", ["", "/delete", "/restore", "/numbers", "/call"])
def test_an_unknown_contact_cannot_be_changed(browser: Browser, act: str) -> None:
    assert browser.post(f"/contacts/4711{act}", form(number="1453")).status_code == 404


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


@pytest.mark.parametrize("path", ["/contacts", "/contacts/new", "/contacts/1", "/contacts/rows"])
def test_strangers_are_asked_to_log_in(anonymous: Browser, path: str) -> None:
    assert anonymous.get(path).status_code == 302
    assert anonymous.htmx_get(path).status_code == 401


def test_two_numbers_in_one_field_come_back_as_they_were_typed(browser: Browser) -> None:
    typed = "0216 555 01 13 / 14"
    answer = browser.htmx_post("/contacts", form(numbers_0_raw=typed))
    assert answer.status_code == 422
    assert "This is more than one number" in answer.text
    assert f'value="{typed}"' in answer.text
    assert "Can Öz" in answer.text
    masked = browser.htmx_post("/contacts", form(numbers_0_raw="0532****001"))
    assert "cannot be read as a phone number" in masked.text


def test_all_that_is_wrong_in_a_form_is_said_at_once(browser: Browser, elif_id: int) -> None:
    wrong = {
        "numbers_0_raw": "0216 555 01 13 / 14",
        "numbers_1_raw": "",
        "numbers_2_raw": "0532 000 00 09",
        "numbers_3_raw": "call me",
        "numbers_4_raw": "+90 532 000 00 09",
        "numbers_5_raw": "0532****001",
        "numbers_6_raw": "1" * 51,
    }
    seen = version(browser.get(f"/contacts/{elif_id}/edit"))
    for address, shown in (("/contacts", ""), (f"/contacts/{elif_id}", seen)):
        for name in ("Can Öz", ""):
            answer = browser.htmx_post(address, form(name=name, version=shown, **wrong))
            assert answer.status_code == 422
            at = re.findall(r'id="numbers-(\d)-raw-error"', answer.text)
            assert at == ["0", "3", "4", "5", "6"]
            assert ("Enter a name." in answer.text) is (name == "")


def test_what_stands_beside_a_number_is_shown_beside_it(browser: Browser) -> None:
    lines = {
        "numbers_0_raw": "0216 555 01 09,,820445398#",
        "numbers_0_label": "",
        "numbers_1_raw": "0216 555 01 02 dahili 12 (pbx)",
        "numbers_2_raw": "Cep: 0532 555 01 16",
    }
    page = browser.htmx_post("/contacts", form(**lines)).text
    assert 'title="Dial (0216) 555 01 09"' in page
    assert ",,820445398#</span>" in page
    assert "(0216) 555 01 02 ext. 12" in page
    assert 'title="Dial (0216) 555 01 02"' in page
    assert "pbx" in page
    assert "Mobile" in page
    contact = newest()
    edit = browser.get(f"/contacts/{contact.id}/edit").text
    for name, typed in lines.items():
        assert not name.endswith("raw") or f'value="{typed}"' in edit


def test_a_short_number_and_one_that_another_contact_has_are_kept_with_a_word(
    browser: Browser, elif_id: int
) -> None:
    lines = {
        "numbers_0_raw": "12",
        "numbers_1_raw": "+90 532 000 00 01",
        "numbers_2_raw": "0542 000 00 09",
        "numbers_3_raw": "*21#",
    }
    saved = browser.htmx_post("/contacts", form(**lines)).text
    assert "12 is not a complete phone number" in saved
    assert "0532 000 00 01 also belongs to Elif Şahin" in saved
    assert saved.count('class="notice is-warning"') == 2
    contact = newest()
    assert [number.normal_form for number in contact.phone_numbers][:2] == ["12", "+905320000001"]
    again = form(notes="Nothing new of numbers.", **lines)
    page = browser.htmx_post(f"/contacts/{contact.id}", again | {"version": "1"}).text
    assert "Nothing new of numbers." in page
    assert "no complete" not in page


def test_a_number_of_before_that_cannot_be_read_is_shown_and_not_dialled(
    browser: Browser, elif_id: int
) -> None:
    contact = db.session.get_one(Contact, elif_id)
    contact.phone_numbers.append(PhoneNumber(raw="0216 555 01 13 / 14", normal_form="", position=2))
    db.session.commit()
    page = browser.get(f"/contacts/{elif_id}").text
    assert "0216 555 01 13 / 14" in page
    assert "Not one number, so it is not dialled." in page
    assert page.count('class="dial-button"') == 2


def test_a_label_of_ones_own_stays_when_the_form_is_saved(browser: Browser, elif_id: int) -> None:
    contact = db.session.get_one(Contact, elif_id)
    contact.phone_numbers[1].label = "Zentrale"
    db.session.commit()
    page = browser.get(f"/contacts/{elif_id}/edit").text
    assert re.search(r'<option selected value="Zentrale">Zentrale</option>', page)


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


def test_a_label_as_long_as_anybody_likes_is_cut(browser: Browser) -> None:
    answer = browser.htmx_post("/contacts", form(numbers_0_label="x" * 300))
    assert answer.status_code == 200
    assert newest().phone_numbers[0].label == "x" * 50
