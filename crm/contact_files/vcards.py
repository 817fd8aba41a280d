"""vCards: cuts a file into cards and reads each (2.1, 3.0, 4.0); writes cards of version 4.0.

vobject reads a card's lines: folds, quoted-printable, groups, parameters. This file decides what
they mean for a contact. `reading` calls `cards` and `read_card`, the export `write_card`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import vobject
from vobject.base import VObjectError

from crm.contact_files.csv_rows import Row
from crm.contact_files.drafts import Draft
from crm.contact_files.texts import LONGEST_LINE, Line
from crm.contacts import Number, kind_of
from crm.models import Contact, PhoneNumber
from crm.phone_numbers import is_complete

# They are large and not taken over, so they are dropped before anything is read.
_PICTURES = re.compile(r"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)
_BEGIN, _END, _AGENT = "BEGIN:VCARD", "END:VCARD", "AGENT"
_KINDS = ("cell", "work", "home", "fax", "pager")
_OWN_LABEL = re.compile(r"_\$!<(.*)>!\$_")  # Apple's way of writing the usual ones
_ESCAPED = {"\\": "\\\\", "\n": "\\n", ",": "\\,", ";": "\\;"}
_LONGEST_OCTETS = 75  # of a line, RFC 6350 section 3.2
_TYPES = {"mobile": "cell", "work": "work", "home": "home"}


def cards(lines: Iterable[Line]) -> Iterator[Row]:
    """Each card as a row whose one cell is its text. What stands between cards is nothing."""
    card: list[str] = []
    number, depth, length, problem = 0, 0, 0, ""
    is_picture = False
    before = ""
    for line in lines:
        text = line.text.rstrip("\n")
        word = text.strip().upper()
        if word == _BEGIN and not (depth and before.startswith(_AGENT)):
            if depth:
                yield Row(number, (), "card_without_end")
            number, card, depth, length, problem = number + 1, [], 0, 0, ""
        before = word or before
        if word == _BEGIN:
            depth += 1
        if not depth:
            continue
        is_picture = text[:1] in (" ", "\t") if is_picture and text else bool(_PICTURES.match(text))
        if not is_picture:
            card.append(text)
            length += len(text)
            if line.cut or length > LONGEST_LINE:
                card, problem = [], "long_card"
        if word == _END:
            depth -= 1
            if not depth:
                yield Row(number, () if problem else ("\r\n".join(card) + "\r\n",), problem)
    if depth:
        yield Row(number, (), "card_without_end")


def read_card(text: str) -> Draft | None:
    """What a card says about a contact; None if it cannot be read."""
    try:
        # Unchecked: version 4.0 is not vobject's own, and a card without a name is no fault.
        card = vobject.readOne(text.replace("\0", ""), allowQP=True)
        lines = [line for line in card.getChildren() if hasattr(line, "params")]
    except (VObjectError, ValueError, LookupError, TypeError, AttributeError, StopIteration):
        return None
    labels = {line.group: str(line.value) for line in lines if line.name == "X-ABLABEL"}
    found: dict[str, list[Any]] = {"FN": [], "N": [], "ORG": [], "EMAIL": [], "NOTE": [], "TEL": []}
    for line in lines:
        if line.name in found:
            found[line.name].append(line)
    names = [*map(_text, found["FN"]), *map(_text_of_name, found["N"])]
    return Draft(
        name=next(filter(None, names), ""),
        company=next(filter(None, map(_text_of_list, found["ORG"])), ""),
        emails=tuple(filter(None, map(_text, found["EMAIL"]))),
        notes="\n".join(filter(None, map(_text, found["NOTE"]))),
        numbers=tuple(Number(_number(line), _label(line, labels)) for line in found["TEL"]),
    )


def _text(line: Any) -> str:
    if isinstance(line.value, list):
        return _text_of_list(line)
    return "\n".join(str(line.value).splitlines()).strip()


def _number(line: Any) -> str:
    """Without what only an address (`tel:`) needs: people see it when they edit the contact."""
    text = _text(line)
    if not text.lower().startswith("tel:"):
        return text
    return text[4:].replace(";ext=", " ext. ") if ";phone-context" not in text else text


def _text_of_list(line: Any) -> str:
    parts = line.value if isinstance(line.value, list) else [line.value]
    return ", ".join(text for text in (str(part).strip() for part in parts) if text)


def _text_of_name(line: Any) -> str:
    name = line.value
    parts = (getattr(name, part, "") for part in ("prefix", "given", "additional", "family"))
    words = (" ".join(part) if isinstance(part, list) else str(part) for part in parts)
    return " ".join(" ".join(words).split())


def _label(line: Any, labels: dict[str, str]) -> str:
    """A label of the card's own (`item1.X-ABLabel`), else what its types say."""
    if line.group in labels:
        word = labels[line.group]
        usual = _OWN_LABEL.fullmatch(word)
        return kind_of(usual[1] if usual else word)
    types = ",".join([*line.params.get("TYPE", []), *line.singletonparams]).lower().split(",")
    return next((kind_of(kind) if kind != "fax" else "Fax" for kind in _KINDS if kind in types), "")


def write_card(contact: Contact) -> str:
    """A contact as a vCard of version 4.0 (RFC 6350)."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{_escaped(contact.name)}"]
    if contact.company:
        lines.append(f"ORG:{_escaped(contact.company)}")
    for place, number in enumerate(contact.phone_numbers, 1):
        lines += _lines_of_number(number, f"item{place}")
    if contact.email:
        lines.append(f"EMAIL:{_escaped(contact.email)}")
    if contact.notes:
        lines.append(f"NOTE:{_escaped(contact.notes)}")
    return "".join(map(_folded, (*lines, "END:VCARD")))


def _lines_of_number(number: PhoneNumber, group: str) -> Iterator[str]:
    kind = f";TYPE={_TYPES[number.label]}" if number.label in _TYPES else ""
    named = number.label and not kind
    before = f"{group}." if named else ""
    if is_complete(number.normal_form) and not number.codes:
        extension = f";ext={number.extension}" if number.extension else ""
        yield f"{before}TEL;VALUE=uri{kind}:tel:{number.normal_form}{extension}"
    else:
        yield f"{before}TEL;VALUE=text{kind}:{_escaped(number.raw)}"
    if named:
        yield f"{group}.X-ABLabel:{_escaped(number.label)}"


def _escaped(text: str) -> str:
    plain = "\n".join(text.replace("\0", "").splitlines())
    return "".join(_ESCAPED.get(letter, letter) for letter in plain)


def _folded(line: str) -> str:
    """A long line as several, none cut inside a letter."""
    pieces, piece, octets = [], "", 0
    for letter in line:
        size = len(letter.encode("utf-8", "replace"))
        if octets + size > _LONGEST_OCTETS:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += letter
        octets += size
    return "\r\n".join((*pieces, piece)) + "\r\n"
