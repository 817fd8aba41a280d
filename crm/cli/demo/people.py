"""The demo's contacts: about 200 invented people, the same ones at every first start.

Their numbers reach nobody: ranges kept for films and drama (United Kingdom, United States,
Germany, France), and Turkish numbers whose subscriber part begins with 000, which are not given
out. No random: two demos show the same people.
"""

from collections.abc import Iterator

from crm.cli.demo import names
from crm.contacts import ContactData, Number, fold

INVENTED = "(Invented for the demo.)"
KNOWN = "+905320000001"
SHARED = "+902120000010"

_TURKISH_COUNT = 130
_MOBILE_CODES = ("532", "505", "541", "533", "551", "542", "507", "535", "553", "544", "530")
_FORMATS = ("0{a} {b} {c} {d}", "+90 {a} {b} {c} {d}", "(0{a}) {b} {c} {d}", "0{a}{b}{c}{d}")


def everybody() -> Iterator[ContactData]:
    """All contacts, those with a part in the demo first."""
    yield _person("Elif Şahin", "Mavi Defne Yazılım", [(KNOWN, "mobile")], _note(1))
    yield _person("Burak Aydın", "Kuzey Lojistik", [("(0212) 000 00 10", "work")], _note(4))
    yield _person("Selin Kurt", "Kuzey Lojistik", [(SHARED, "work"), ("0533 000 00 12", "mobile")])
    yield from _turkish()
    yield from _abroad("GB", names.BRITISH, "+44 7700 900{:03}", start=100, step=7)
    yield from _abroad("US", names.AMERICAN, "+1 202-555-01{:02}", start=10, step=5)
    yield from _abroad("DE", names.GERMAN, "+49 30 23125 {:03}", start=101, step=11)
    yield from _abroad("FR", names.FRENCH, "+33 6 39 98 {:02} 07", start=11, step=6)


def _turkish() -> Iterator[ContactData]:
    for i in range(_TURKISH_COUNT):
        first = names.TURKISH_FIRST[i % len(names.TURKISH_FIRST)]
        last = names.TURKISH_LAST[i * 5 % len(names.TURKISH_LAST)]
        # Every sixth is a private person without a company, every fifth has an office number.
        company = "" if i % 6 == 5 else names.TURKISH_COMPANIES[i % len(names.TURKISH_COMPANIES)]  # noqa: PLR2004
        numbers = [(_turkish_number(_MOBILE_CODES[i % len(_MOBILE_CODES)], i, 1000), "mobile")]
        if company and i % 5 == 0:
            numbers.append((_turkish_number("212", i, 2000), "work"))
        yield _person(f"{first} {last}", company, numbers, _note(i))


def _turkish_number(code: str, i: int, start: int) -> str:
    """One number as different people type it."""
    subscriber = f"{start + 37 * i:04}"
    pattern = _FORMATS[i % len(_FORMATS)]
    return pattern.format(a=code, b="000", c=subscriber[:2], d=subscriber[2:])


def _abroad(
    region: str, people: tuple[str, ...], pattern: str, *, start: int, step: int
) -> Iterator[ContactData]:
    companies = names.FOREIGN_COMPANIES[region]
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
    return "" if i % 3 == 0 else names.NOTES[i % len(names.NOTES)]
