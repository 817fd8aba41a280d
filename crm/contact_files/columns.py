"""The columns of a CSV file: what each is likely to be, and the contact in a row's cells.

The headings of Excel lists, Google, Outlook and this CRM's own export are known, in English,
Turkish and German; other columns are recognised by what is in them.
"""

import re
from collections.abc import Sequence

from crm.contact_files.drafts import Draft
from crm.contacts import Number, fold, kind_of
from crm.phone_numbers import is_complete, read

# What a column can be. "" is left out; "label" is the kind of the number in the next column.
TARGETS = (
    *("", "name", "first_name", "middle_name", "last_name", "company", "email"),
    *("number", "number:mobile", "number:work", "number:home", "number:other", "label", "notes"),
)

# Headings, folded, words with one space between them.
_HEADINGS = {
    "name": "name, full name, display name, contact, contact name, customer, customer name,"
    " ad soyad, adi soyadi, isim, isim soyisim, isim soyad, musteri, musteri adi, kisi, yetkili,"
    " kontakt",
    "first_name": "first name, given name, firstname, ad, adi, vorname",
    "middle_name": "middle name, additional name, ikinci ad, zweiter vorname",
    "last_name": "last name, family name, lastname, surname, soyad, soyadi, nachname",
    "company": "company, company name, organization, organisation, organization name,"
    " organization 1 name, account name, sirket, sirket adi, firma, firma adi, kurum,"
    " kurulus, unternehmen",
    "notes": "notes, note, comment, comments, description, notlar, not, aciklama, notizen, notiz",
}
_TARGET_OF = {
    heading.strip(): target for target, text in _HEADINGS.items() for heading in text.split(",")
}
_EMAIL = re.compile(r"\be ?mail\b|\bmail\b|\be ?posta\b|\beposta\b")
_NUMBER = re.compile(
    r"phone(?!tic)|telefon|\btel\b|mobil|\bcell\b|\bcep\b|\bgsm\b|handy|whatsapp|^numbers?$|^numara$"
)
_NO_NUMBER = re.compile(r"fax|faks|telex|teleks|isdn|pager|cagri|tty|government|\bid\b")
_KIND = re.compile(r"\b(type|label|kind|tur|turu|tip|tipi|etiket|art)\b")
_NOT_ITSELF = re.compile(r"\b(type|label|display|tur|turu|goruntulenen|phonetic|fonetik)\b")
_KINDS = {
    "number:mobile": re.compile(r"mobil|\bcell|\bcep\b|\bgsm\b|handy|whatsapp|\bcar\b"),
    "number:work": re.compile(r"\b(work|business|office|company|is|ofis|sirket|geschaftlich)\b"),
    "number:home": re.compile(r"\b(home|ev|privat)\b"),
    "number:other": re.compile(r"\b(other|diger|weitere)\b"),
}
_MANY_IN_A_CELL = re.compile(r"\s*:::\s*")  # Google
# What our own export puts before text that a spreadsheet would take for a formula or a number
# (`crm.pages.exports.files`); other programs do the same.
_GUARD = re.compile(r"(^|[,;\"\t\r\n])'(?=[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-])")
_GUARDED_NUMBER = re.compile(r"'[\s\d.,:/()+-]*\d[\s\d.,:/()+-]*(e[+-]?\d+)?", re.IGNORECASE)
_MOSTLY = 0.7


def looks_like_headings(cells: Sequence[str], region: str) -> bool:
    """Whether the first row names the columns rather than a contact."""
    if any("@" in cell or is_complete(read(cell, region).number) for cell in cells):
        return False
    return any(_target_of_heading(cell) for cell in cells) or len(list(filter(None, cells))) > 1


def guess(headings: Sequence[str], sample: Sequence[Sequence[str]], region: str) -> list[str]:
    """What each column is: by its heading, else by the cells of some rows."""
    targets = []
    for place, heading in enumerate(headings):
        cells = [row[place] for row in sample if place < len(row) and row[place]]
        target = _target_of_heading(heading)
        targets.append(_target_of_cells(cells, region) if target is None else target)
    there = set(targets)
    if "first_name" in there and "last_name" not in there:
        # "Name, Vorname" is a last and a first name; "Ad" alone is all of a name.
        swap = {"name": "last_name"} if "name" in there else {"first_name": "name"}
        return [swap.get(target, target) for target in targets]
    if "name" in there:
        parts = ("first_name", "middle_name", "last_name")
        return ["" if target in parts else target for target in targets]
    if not there & {"first_name", "last_name", "company"}:
        for place, target in enumerate(targets):
            if not target and not headings[place] and any(place < len(row) for row in sample):
                return [*targets[:place], "name", *targets[place + 1 :]]
    return targets


def _target_of_heading(heading: str) -> str | None:
    """None if the heading is unknown."""
    words = " ".join(re.findall(r"[^\W_]+", fold(heading)))
    if words in _TARGET_OF:
        return _TARGET_OF[words]
    if _EMAIL.search(words):
        return "" if _NOT_ITSELF.search(words) else "email"
    if _NO_NUMBER.search(words):
        return ""
    if not _NUMBER.search(words):
        return None
    if _KIND.search(words):
        return "label"
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(words)), "number")


def _target_of_cells(cells: Sequence[str], region: str) -> str:
    if not cells:
        return ""
    if sum("@" in cell for cell in cells) > _MOSTLY * len(cells):
        return "email"
    is_number = [is_complete(read(cell, region).number) for cell in cells]
    return "number" if sum(is_number) > _MOSTLY * len(cells) else ""


def draft_of(cells: Sequence[str], targets: Sequence[str]) -> Draft:
    """The contact in a row's cells. Several columns of one target are joined."""
    found: dict[str, list[str]] = {target: [] for target in TARGETS}
    numbers: list[Number] = []
    labels: list[str] = []
    for cell, target in zip(cells, targets, strict=False):
        text = unguarded(cell)
        if target == "label":
            labels = _MANY_IN_A_CELL.split(text)
        elif target.startswith("number"):
            kinds = [target.partition(":")[2]] if ":" in target else labels
            for place, raw in enumerate(_MANY_IN_A_CELL.split(cell)):
                word = kinds[min(place, len(kinds) - 1)] if kinds else ""
                label = kind_of(word.removeprefix("* "))
                numbers.append(Number(unguarded(raw).strip(), label))
            labels = []
        elif text:
            found[target].append(text)
    parts = (*found["first_name"], *found["middle_name"], *found["last_name"])
    return Draft(
        name=" ".join(found["name"]) or " ".join(parts),
        company=", ".join(found["company"]),
        emails=tuple(one for text in found["email"] for one in _MANY_IN_A_CELL.split(text)),
        notes="\n".join(found["notes"]),
        numbers=tuple(number for number in numbers if number.raw),
    )


def unguarded(cell: str) -> str:
    """A cell without the apostrophes that keep a spreadsheet from reading it as something else."""
    return cell[1:] if _GUARDED_NUMBER.fullmatch(cell) else _GUARD.sub(r"\1", cell)
