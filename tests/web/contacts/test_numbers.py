"""The numbers in a contact's form: their lines, their labels, and what is said of odd ones."""

import re

from crm.extensions import db
from crm.models import Contact, PhoneNumber
from tests.web.browser import Browser
from tests.web.contacts.forms import form, newest, version


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


def test_a_label_as_long_as_anybody_likes_is_cut(browser: Browser) -> None:
    answer = browser.htmx_post("/contacts", form(numbers_0_label="x" * 300))
    assert answer.status_code == 200
    assert newest().phone_numbers[0].label == "x" * 50
