"""Who logs in, and whom they talk to. All are invented; put your own store here."""

from dataclasses import dataclass

from flask_login import UserMixin
from werkzeug.security import generate_password_hash

from crm.phone_numbers import normal_form

REGION = "TR"  # numbers without a country code are at home here


class Agent(UserMixin):
    """Somebody who logs in, under the e-mail address that they have at Call Center Studio."""

    def __init__(self, email: str) -> None:
        self.id = email


PASSWORDS = dict.fromkeys(
    ["ayse@demo.example", "mehmet@demo.example"], generate_password_hash("minimal")
)


@dataclass(frozen=True)
class Contact:
    """A person, with the number in its normal form."""

    id: int
    name: str
    company: str
    number: str


PEOPLE = (
    ("Elif Şahin", "Boğaz Mobilya", "0532 000 00 01"),
    ("Cem Yıldız", "Kuzey Lojistik", "(0212) 000 00 10"),
    ("Zeynep Öz", "Kuzey Lojistik", "0532 000 00 77"),
    ("Mert Aydın", "Aydın Kırtasiye", "+90 533 000 00 02"),
    ("Derya Koç", "Ege Zeytin", "0232 000 00 14"),
    ("Can Polat", "Polat Mimarlık", "0535 000 00 03"),
    ("Selin Acar", "Acar Tekstil", "0224 000 00 21"),
    ("Emre Güneş", "Güneş Enerji", "0536 000 00 04"),
    ("Nil Arı", "Arı Bal", "0252 000 00 30"),
    ("John Smith", "Northgate", "+44 20 7946 0012"),
    ("Lena Vogel", "Vogel & Söhne", "0049 30 23125 001"),
    ("Kate Hill", "Hill Farm", "+44 7700 900123"),
)
# People write "0532 000 00 01"; the vendor sends 05320000001, 905320000001 or 00447700900555.
# crm/phone_numbers makes one form of them all, +905320000001. Keep and compare that form alone.
CONTACTS = {
    number: Contact(number, name, company, normal_form(written, REGION))
    for number, (name, company, written) in enumerate(PEOPLE, start=1)
}
BY_NUMBER = {contact.number: contact for contact in CONTACTS.values()}
