"""Names in lists: the order of the Turkish alphabet, on both databases, whatever their language."""

import pytest
from flask import Flask

from crm import agents, contacts
from crm.contacts import ContactData
from crm.extensions import db
from crm.names import sort_key

IN_TURKISH_ORDER = (
    "Acar Can",
    "Cem",
    "Çağla",
    "çağrı",
    "Dağ",
    "Garip",
    "Gül",
    "ğ",
    "Han",
    "ILGAZ",
    "Irmak",
    "Işıl",
    "İbrahim",
    "ipek",
    "İSMAİL",
    "Jale",
    "Oya",
    "Özlem",
    "Sun",
    "Şule",
    "Ulaş",
    "Ümit",
    "Zoë",
    "Zuzanna",
)


def test_letters_of_their_own_stand_after_the_plain_ones() -> None:
    mixed = sorted(IN_TURKISH_ORDER, key=lambda name: name[::-1])
    assert sorted(mixed, key=sort_key) == list(IN_TURKISH_ORDER)


@pytest.mark.parametrize("name", ["Çağla", "İSMAİL", "öz"])
def test_a_letter_and_its_mark_sort_like_the_letter_that_has_it(name: str) -> None:
    decomposed = name.replace("Ç", "C\u0327").replace("İ", "I\u0307").replace("ö", "o\u0308")
    assert sort_key(decomposed) == sort_key(name)


@pytest.mark.both_databases
def test_the_list_of_contacts_is_in_turkish_order_page_by_page(app: Flask) -> None:
    for name in reversed(IN_TURKISH_ORDER):
        data = ContactData(name=name, company="", email="", notes="", numbers=())
        contacts.create(data, region="TR")
    db.session.commit()
    found: list[str] = []
    after = None
    while after is not None or not found:
        page = contacts.search("", region="TR", after=after, limit=5)
        found += [row.name for row in page.rows]
        after = page.next_cursor
    assert found == list(IN_TURKISH_ORDER)


def test_an_address_in_turkish_capitals_is_the_same_address() -> None:
    assert agents.normal_email(" ELİF@DEMO.EXAMPLE ") == "elif@demo.example"
