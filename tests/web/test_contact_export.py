"""Contacts as files: what is found, guarded for Excel, and the same when it is imported again."""

import csv
import io

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import contacts
from crm.contact_files import columns, csv_rows, texts, vcards
from crm.contact_files.drafts import check
from crm.contacts import ContactData, Number
from crm.extensions import db
from crm.models import Contact
from crm.pages.contacts import export
from crm.pages.exports.files import text_of
from tests.web.browser import Browser

ELIF = ContactData(
    name="Elif Şahin",
    company="=cmd()",
    email="elif@kuzey.example",
    notes="-first\n-second; =third",
    numbers=(
        Number("0532 000 00 01", "mobile"),
        Number("0216 555 01 02 dahili 12", "work"),
        Number("0216 555 01 09,,820445#", "Köprü"),
        *(Number(f"0312 555 01 0{place}") for place in range(3)),
    ),
)


def test_the_csv_has_what_is_found_and_no_formula(browser: Browser) -> None:
    contacts.create(ELIF, region="TR")
    contacts.create(ContactData(name="Bora"), region="TR")
    answer = browser.get("/contacts/export.csv?q=elif")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeff")
    [row] = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert row["Company"] == "'=cmd()"
    assert row["Phone 1 - Label"] == "mobile"
    assert row["Phone 1 - Value"] == "'+905320000001"
    assert row["Phone 4 - Value"] == "'+903125550100 ::: +903125550101 ::: +903125550102"


@pytest.mark.both_databases
def test_every_contact_is_exported_once(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 3)
    for place in range(8):
        contacts.create(ContactData(name=f"Person {place // 2}"), region="TR")
    gone = contacts.create(ContactData(name="Gone"), region="TR")
    contacts.delete(gone.id)
    for query in ("", "?q=person"):
        cards = browser.get(f"/contacts/export.vcf{query}")
        assert cards.content_type == "text/vcard; charset=utf-8"
        assert cards.text.count("BEGIN:VCARD") == cards.text.count("FN:Person") == 8


plain = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=30
).map(lambda text: " ".join(text.replace("'", "").split()))
lines = st.lists(plain, max_size=3).map(lambda some: "\n".join(filter(None, some)))
numbers = st.sampled_from(
    ["0532 000 00 01", "0216 555 01 02 dahili 12", "+44 7700 900555", "182", "*21#", "0532,,1#"]
)
labels = st.sampled_from(["", "mobile", "work", "home", "other", "Köprü"])
people = st.builds(
    ContactData,
    name=plain.filter(bool),
    company=plain,
    email=st.sampled_from(["", "elif@kuzey.example"]),
    notes=lines,
    numbers=st.lists(st.builds(Number, numbers, labels), max_size=6, unique_by=lambda n: n.raw).map(
        tuple
    ),
)


@pytest.mark.parametrize("kind", ["csv", "vcf"])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=people)
def test_an_export_that_is_imported_gives_the_same_contacts(
    app: Flask, kind: str, data: ContactData
) -> None:
    contact = contacts.create(data, region="TR")
    db.session.flush()
    try:
        again = _read(kind, contact)
        assert (again.name, again.company) == (contact.name, contact.company)
        assert (again.email, again.notes) == (contact.email, contact.notes)
        made = contacts.create(again, region="TR")
        assert _numbers(made) == _numbers(contact)
    finally:
        db.session.rollback()


def _read(kind: str, contact: Contact) -> ContactData:
    if kind == "vcf":
        data = vcards.write_card(contact).encode()
        (card,) = vcards.cards(texts.lines([data], "utf-8-sig"))
        draft = vcards.read_card(card.cells[0])
        assert draft is not None
        return check(draft, "TR").data
    header, row = _as_csv(contact)
    targets = columns.guess(list(header), [row], "TR")
    return check(columns.draft_of(row, targets), "TR").data


def _as_csv(contact: Contact) -> list[tuple[str, ...]]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    for row in (export._header(), export._row(contact)):
        writer.writerow([text_of(cell, ",") for cell in row])
    data = [buffer.getvalue().encode()]
    return [row.cells for row in csv_rows.rows(texts.lines(data, "utf-8-sig"), ";")]


def _numbers(contact: Contact) -> list[tuple[str, str, str, str]]:
    return [(one.normal_form, one.extension, one.codes, one.label) for one in contact.phone_numbers]
