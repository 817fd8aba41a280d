"""What somebody may type, and whom they find; the same on both databases."""

import pytest
from flask import Flask
from sqlalchemy import insert

from crm import contacts
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.models import Contact, utc_now
from crm.names import sort_key

pytestmark = pytest.mark.both_databases

ELIF = ContactData(
    name="Elif Şahin",
    company="Kuzey Lojistik A.Ş.",
    email="elif.sahin@kuzey-lojistik.example",
    numbers=(Number("0532 000 00 01", "mobile"), Number("+90 212 000 00 10", "work")),
)
IRMAK = ContactData(name="Irmak İnci", company="Işık Yapı", numbers=(Number("(0542) 000 12 34"),))
JURGEN = ContactData(
    name="Jürgen Groß",
    company="3M Łódź",
    email="j.gross@3m.example",
    numbers=(Number("+49 30 23125 678"),),
)
AMELIA = ContactData(
    name="Amelia O'Neill", company="Ørsted & Æon", numbers=(Number("+44 7700 900555"),)
)
PIZZERIA = ContactData(name="Pizzeria Roma", numbers=(Number("+39 06 1234 5678"), Number("1453")))
EVERYBODY = (ELIF, IRMAK, JURGEN, AMELIA, PIZZERIA)


WORDS = {
    "elif": ELIF,
    "ELİF": ELIF,
    "elıf": ELIF,
    "şah": ELIF,
    "SAHIN": ELIF,
    "sahin eli": ELIF,
    "eli kuz": ELIF,
    "kuzey-loj": ELIF,
    "elif.sahin@kuzey-lojistik.example": ELIF,
    "@kuzey": ELIF,
    "ırmak": IRMAK,
    "irmak": IRMAK,
    "IRMAK": IRMAK,
    "İRMAK": IRMAK,
    "inci": IRMAK,
    "INCI": IRMAK,
    "ISIK": IRMAK,
    "ışık": IRMAK,
    "jurgen": JURGEN,
    "JU\u0308RGEN": JURGEN,
    "gross": JURGEN,
    "GROẞ": JURGEN,
    "lodz": JURGEN,
    "3m": JURGEN,
    "oneill": None,
    "o'neill": AMELIA,
    "orsted": AMELIA,
    "aeon": AMELIA,
    "æon": AMELIA,
    "ahin": None,
    "elif irmak": None,
    "elif elif": ELIF,
}
NUMBERS = {
    "0532 000 00 01": ELIF,
    "05320000001": ELIF,
    "5320000001": ELIF,
    "+90 532 000 00 01": ELIF,
    "+90 (532) 000-00-01": ELIF,
    "+90 (0) 532 000": ELIF,
    "+90 0532 000": ELIF,
    "0090 532": ELIF,
    "00905320000001": ELIF,
    "90532": ELIF,
    "0532 000": ELIF,
    "532000": ELIF,
    "(0532)": ELIF,
    "0532-000": ELIF,
    "tel:+905320000001": ELIF,
    "00001": ELIF,
    "532 0001": ELIF,
    "0212 0010": ELIF,
    "elif 0532 000": ELIF,
    "0532 elif": ELIF,
    "00010": ELIF,
    "01234": IRMAK,
    "٠٥٤٢": IRMAK,
    "0542": IRMAK,
    "irmak 0532": None,
    "030 23125": JURGEN,
    "23125678": JURGEN,
    "+49 030 23125": JURGEN,
    "07700 900555": AMELIA,
    "+44 7700": AMELIA,
    "900555": AMELIA,
    "90055": None,
    "06 1234": PIZZERIA,
    "+39 06": PIZZERIA,
    "1453": PIZZERIA,
    "145": PIZZERIA,
    "53200000019": None,
}
HOSTILE = [
    '"', '""', "'", "' OR 1=1 --", "*", "a*", "NEAR", "NEAR(a b)", "AND", "elif AND", "OR OR",
    "NOT elif", "name:elif", "search_text:elif", "^elif", "{a b}: c", "(", ")", "-elif", "+",
    "\x00", "el\x00if", "a" * 10_000, "a " * 5_000, "1 " * 5_000, "ﷺ" * 1_000, "\ud800",
    "<90", ">1", "<", "\\", "'\\':*", "& | !", "elif:*", "🙂", "𞤀𞤁", "\u02bc", "%", "_", "+" * 50,
    "(0)" * 100, "0", "00", "+", "+0", "0 0 0", "²³", "Ⅻ", "ก็", "é" * 300,
]  # fmt: skip


@pytest.fixture(autouse=True)
def noise(app: Flask) -> None:
    """People who look for nobody: a search that returns too much fails."""
    for number in range(7):
        data = ContactData(
            name=f"Noah Unrelated{number}",
            company="Zebra",
            email=f"noah{number}@zebra.example",
            numbers=(Number(f"+33 6 39 98 77 7{number}"),),
        )
        contacts.create(data, region="TR")
    for data in EVERYBODY:
        contacts.create(data, region="TR")
    deleted = contacts.create(ELIF, region="TR")
    contacts.delete(deleted.id)
    db.session.commit()


def names(query: str, region: str = "TR") -> set[str]:
    return {row.name for row in contacts.search(query, region=region).rows}


def expected(table: dict[str, ContactData | None]) -> dict[str, set[str]]:
    return {query: {found.name} if found else set() for query, found in table.items()}


def test_words_are_found_by_their_beginnings() -> None:
    assert {query: names(query) for query in WORDS} == expected(WORDS)


def test_numbers_are_found_by_first_and_last_digits() -> None:
    assert {query: names(query) for query in NUMBERS} == expected(NUMBERS)


def test_the_trunk_prefix_of_the_agents_country_is_left_out(app: Flask) -> None:
    assert names("8 495 000", region="RU") == set()
    contacts.create(ContactData(name="Анна", numbers=(Number("+7 495 000 00 01"),)), region="RU")
    assert names("8 495 000", region="RU") == {"Анна"}


def test_whatever_is_typed_it_is_answered() -> None:
    for query in HOSTILE:
        page = contacts.search(query, region="TR", limit=2)
        while page.next_cursor:
            page = contacts.search(query, region="TR", after=page.next_cursor, limit=2)


def test_many_and_few_come_in_the_order_they_were_made_page_by_page(app: Flask) -> None:
    made = [
        contacts.create(
            ContactData(name=f"Bülent {'Rare' if place % 50 == 0 else 'Common'}"), region="TR"
        ).id
        for place in range(130)
    ]
    for query, wanted in {"bul": made, "bul rare": made[::50]}.items():
        page = contacts.search(query, region="TR", limit=50)
        found = [row.id for row in page.rows]
        while page.next_cursor:
            page = contacts.search(query, region="TR", after=page.next_cursor, limit=50)
            found += [row.id for row in page.rows]
        assert found == wanted


def test_a_query_that_asks_for_nothing_lists_everybody_by_name() -> None:
    for query in ("", "   "):
        found = [row.name for row in contacts.search(query, region="TR").rows]
        assert found == sorted(found, key=sort_key)
        assert len(found) == len(EVERYBODY) + 7


def test_among_given_contacts_it_finds_the_same() -> None:
    everybody = [row.id for row in contacts.search("", region="TR", limit=200).rows]
    for query in (*WORDS, *NUMBERS, *HOSTILE, ""):
        found = {row.id for row in contacts.search(query, region="TR", limit=200).rows}
        assert contacts.fitting(everybody, query, region="TR") == found, query


def test_what_can_be_in_no_name_finds_nobody() -> None:
    for query in ("😀", "👍🏽", "☎ ☎", "  ❤️ ", "-", "***", "tel:"):
        assert contacts.search(query, region="TR").rows == ()
    assert contacts.search("elif ☎", region="TR").rows


def test_a_row_holds_the_first_number(app: Flask) -> None:
    (row,) = contacts.search("elif", region="TR").rows
    assert (row.name, row.company, row.number) == (ELIF.name, ELIF.company, "+905320000001")


def test_whoever_matches_in_whatever_number_is_found_in_the_order_of_making() -> None:
    """Each of these is answered in another way on PostgreSQL, and a page may end between two."""
    last, base, now = 3_000, 10_000, utc_now()
    fits = {
        "common": range(1, last + 1),
        "frequent": range(1, last + 1, 60),
        "seldom": range(1, last + 1, 700),
        "newest": range(last - 120, last + 1),
        "oldest": range(1, 41),
    }
    rows = [
        {
            "id": base + place,
            "name": str(place),
            "search_text": " ".join(word for word, places in fits.items() if place in places),
            "created_at": now,
            "updated_at": now,
        }
        for place in range(1, last + 1)
    ]
    db.session.execute(insert(Contact), rows)
    for word, places in fits.items():
        page = contacts.search(word, region="TR")
        found = [row.id for row in page.rows]
        while page.next_cursor:
            page = contacts.search(word, region="TR", after=page.next_cursor)
            found += [row.id for row in page.rows]
        assert found == [base + place for place in places], word


def test_a_long_word_is_found_by_each_of_its_beginnings(app: Flask) -> None:
    word = "xylophonspieler"  # PostgreSQL's index has the first seven letters as words of their own
    contacts.create(ContactData(name=word), region="TR")
    contacts.create(ContactData(name="Xyl"), region="TR")
    db.session.commit()
    for length in range(1, len(word) + 1):
        found = {row.name for row in contacts.search(word[:length]).rows}
        assert found == ({word, "Xyl"} if length <= len("xyl") else {word})
    assert not contacts.search(word + "x").rows
