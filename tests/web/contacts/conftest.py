"""Elif, and people whom no test of the contact pages is about."""

import pytest
from flask import Flask

from crm import contacts
from crm.contacts import ContactData, Number
from crm.extensions import db


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
