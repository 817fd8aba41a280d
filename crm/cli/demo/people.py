"""The people of the demo: its agents, and about 200 invented contacts.

`flask demo` prints the agents, and the demo's login page has a button for each. The contacts are
the same at every first start: nothing is random. Their numbers reach nobody. They are of ranges
kept for films and drama (United Kingdom, United States, Germany, France), and Turkish numbers whose
subscriber part begins with 000, which are not given out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from crm.contacts import ContactData, Number, fold
from crm.models import Role

PASSWORD = "demo-desk-1"  # noqa: S105 - printed at every start


@dataclass(frozen=True)
class DemoLogin:
    """An invented agent of the demo."""

    email: str
    name: str
    tenant: str
    about: LazyString  # stands under the name on the login page
    role: Role = Role.AGENT
    password: str = PASSWORD


AGENT_OF_DEMO = lazy_gettext("Agent, tenant demo")
LOGINS = (
    DemoLogin("ayse@demo.example", "Ayşe Demir", "demo", AGENT_OF_DEMO),
    DemoLogin("mehmet@demo.example", "Mehmet Kaya", "demo", AGENT_OF_DEMO),
    DemoLogin(
        "deniz@demo.example", "Deniz Arslan", "demo", lazy_gettext("Admin, tenant demo"), Role.ADMIN
    ),
    DemoLogin(
        "jonas@second.example", "Jonas Weber", "second", lazy_gettext("Agent, tenant second")
    ),
)

INVENTED = "(Invented for the demo.)"
KNOWN = "+905320000001"
SHARED = "+902120000010"
SELIN = "+905330000012"

_TURKISH_COUNT = 130
_MOBILE_CODES = ("532", "505", "541", "533", "551", "542", "507", "535", "553", "544", "530")
_FORMATS = ("0{a} {b} {c} {d}", "+90 {a} {b} {c} {d}", "(0{a}) {b} {c} {d}", "0{a}{b}{c}{d}")

TURKISH_FIRST = (
    "Ahmet", "Zeynep", "Burak", "Elif", "İsmail", "Ayşegül", "Çağrı", "Irmak", "Emre", "Şule",
    "Gökhan", "Özlem", "Ufuk", "Ümmühan", "Kerem", "Derya", "Hakan", "Nazlı", "Onur", "Melis",
    "Yiğit", "Tuğba", "Barış", "Işıl", "Serkan", "Pelin", "Oğuz", "Gizem", "Tolga", "Esra",
    "Mustafa", "Begüm", "Levent", "Şebnem", "Cem", "Ceren", "Volkan", "Sıla", "Kaan", "Hülya",
    "Can",
)  # fmt: skip
TURKISH_LAST = (
    "Yılmaz", "Çelik", "Şahin", "Öztürk", "Aydın", "Kılıç", "Doğan", "Güneş", "Koç", "Ünal",
    "Yıldız", "Erdoğmuş", "Işık", "Polat", "Tekin", "Kaplan", "Akın", "Bulut", "Çetin", "Karaca",
    "Özdemir", "Taş", "Uçar", "Sönmez", "Türkmen", "Güler", "Ateş", "Bilgin", "Şimşek", "Duman",
    "İnce", "Sezer", "Toprak", "Vural", "Yavuz", "Zengin", "Özgür",
)  # fmt: skip
TURKISH_COMPANIES = (
    "Mavi Defne Yazılım", "Yedi Tepe Mobilya", "Ilgaz Orman Ürünleri", "Çamlıca Eczanesi",
    "Beyaz Martı Turizm", "Söğütlü Süt", "Kuzey Lojistik", "Üç Çınar Hukuk", "Işıltı Optik",
    "İpek Yolu Tekstil", "Doruk Kayak Evi", "Göksu Seramik", "Şirin Kreş", "Toprak Fırın",
    "Ada Su Arıtma", "Körfez Tersanesi", "Lale Sigorta Acentesi", "Zeytin Dalı Gıda",
)  # fmt: skip
BRITISH = (
    "Oliver Hartley", "Amelia Whitcombe", "Harry Pemberton", "Isla Thornbury", "George Ashdown",
    "Freya Lockwood", "Callum MacRae", "Niamh O'Donovan", "Rhys Prosser", "Priya Chandran",
    "Owen Bristow", "Chloë Fairburn", "Dev Malhotra", "Sian Llewellyn", "Jack Tolland",
    "Grace Okonjo", "Theo Winslade", "Poppy Garrick", "Hamish Dunbar", "Zara Siddiq",
    "Edward Marlow", "Ruth Abernathy", "Tom Pickersgill", "Alice Wetherby",
)  # fmt: skip
AMERICAN = (
    "Emily Carrow", "Marcus Delgado", "Hannah Lindqvist", "Tyrone Baxter", "Sofía Ramírez",
    "Noah Feldstein", "Grace Nakamura", "Ethan Kowalski", "Ava Thibodeaux", "Liam Castellano",
    "Olivia Begaye", "José Peña", "Mia Hollister", "Caleb Winters", "Nora Szabó",
)  # fmt: skip
GERMAN = (
    "Jürgen Vogelsang", "Anneliese Groß", "Björn Thießen", "Käthe Lüdemann", "Matthias Röhrig",
    "Sabine Öhlschläger", "Lukas Weißmüller", "Heike Brandstätter", "Uwe Jäckel", "Ilse Müßig",
    "Florian Höfner", "Petra Sørensen", "Dieter Kühn", "Marlene Łuczak", "Kai Schröter",
    "Ute Hänsel", "Rainer Böttcher", "Dörte Claßen",
)  # fmt: skip
FRENCH = (
    "Éloïse Garnier", "Théo Lefèvre", "Anaïs Bonnard", "François Dubreuil", "Zoé Carpentier",
    "Loïc Kerguelen", "Hélène Vasseur", "Benoît Châtelain", "Noémie Poirier", "Jérôme Sauvageot",
)  # fmt: skip
FOREIGN_COMPANIES = {
    "GB": ("Thistle & Fern", "Harbourside Bikes", "Larkspur Dental", "Old Mill Joinery"),
    "US": ("Juniper Freight", "Blue Heron Press", "Maple Street Clinic"),
    "DE": ("Spreewerk Maschinen", "Lindenhof Apotheke", "Nordlicht Küchen", "Blaukraut Catering"),
    "FR": ("Atelier Glycine", "Maison Pervenche", "Clair Ruisseau"),
}
NOTES = (
    "Prefers calls after lunch.",
    "Wants the invoice by e-mail, not by post.",
    "Renewal is due in spring; asked for an offer for three years.",
    "Speaks Turkish and English.",
    "Delivery to the back entrance, ring twice.",
    "Changed accountants; new contact for payments to follow.",
    "Had a damaged parcel last month, handled with care since.",
)


def everybody() -> Iterator[ContactData]:
    """All contacts, those with a part in the demo first."""
    yield _person("Elif Şahin", "Mavi Defne Yazılım", [(KNOWN, "mobile")], _note(1))
    yield _person("Burak Aydın", "Kuzey Lojistik", [("(0212) 000 00 10", "work")], _note(4))
    yield _person("Selin Kurt", "Kuzey Lojistik", [(SHARED, "work"), (SELIN, "mobile")])
    for i in range(_TURKISH_COUNT):
        first = TURKISH_FIRST[i % len(TURKISH_FIRST)]
        last = TURKISH_LAST[i * 5 % len(TURKISH_LAST)]
        # Every sixth is a private person without a company, every fifth has an office number.
        company = "" if i % 6 == 5 else TURKISH_COMPANIES[i % len(TURKISH_COMPANIES)]  # noqa: PLR2004
        numbers = [(_turkish_number(_MOBILE_CODES[i % len(_MOBILE_CODES)], i, 1000), "mobile")]
        if company and i % 5 == 0:
            numbers.append((_turkish_number("212", i, 2000), "work"))
        yield _person(f"{first} {last}", company, numbers, _note(i))
    yield from _abroad("GB", BRITISH, "+44 7700 900{:03}", start=100, step=7)
    yield from _abroad("US", AMERICAN, "+1 202-555-01{:02}", start=10, step=5)
    yield from _abroad("DE", GERMAN, "+49 30 23125 {:03}", start=101, step=11)
    yield from _abroad("FR", FRENCH, "+33 6 39 98 {:02} 07", start=11, step=6)


def _turkish_number(code: str, i: int, start: int) -> str:
    """One number as different people type it."""
    subscriber = f"{start + 37 * i:04}"
    pattern = _FORMATS[i % len(_FORMATS)]
    return pattern.format(a=code, b="000", c=subscriber[:2], d=subscriber[2:])


def _abroad(
    region: str, people: tuple[str, ...], pattern: str, *, start: int, step: int
) -> Iterator[ContactData]:
    companies = FOREIGN_COMPANIES[region]
    for i, name in enumerate(people):
        numbers = [(pattern.format(start + step * i), "mobile" if region != "DE" else "work")]
        if region == "GB" and i % 4 == 0:
            numbers.append((f"+44 20 7946 0{100 + 13 * i}", "work"))
        yield _person(name, companies[i % len(companies)], numbers, _note(i + 2))


def _person(name: str, company: str, numbers: list[tuple[str, str]], note: str = "") -> ContactData:
    domain = fold(company or "mail").replace(" & ", " ").replace(" ", "-")
    mailbox = ".".join(fold(name).replace("'", "").split())
    return ContactData(
        name=name,
        company=company,
        email=f"{mailbox}@{domain}.example",
        notes=f"{note}\n{INVENTED}".strip(),
        numbers=tuple(Number(raw, label) for raw, label in numbers),
    )


def _note(i: int) -> str:
    """Two of three people have one."""
    return "" if i % 3 == 0 else NOTES[i % len(NOTES)]
