"""A contact is made, shown, changed, deleted and brought back, with and without JavaScript."""

import re

import pytest

from crm.extensions import db
from crm.models import Contact
from tests.web.browser import Browser
from tests.web.contacts.forms import form, newest, version


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
