"""What a number is found by: the digits it begins with, as people write them, and its last.

`keys` fills the search text of a contact, `key_beginnings` reads the digits of a query.
A key is a word that no name can hold: `<905320000001` and `<5320000001` are a number's beginnings,
`>1000000235009` is the number read from its end, so that "the last digits" is a beginning too.
"""

import phonenumbers

from crm.contacts.folding import MAX_WORD
from crm.phone_numbers import digits, trunk_prefix

BEGINNING, END = "<", ">"


def keys(normal_form: str) -> list[str]:
    """Return the search keys of one stored number."""
    main = digits(normal_form)[: MAX_WORD - 1]
    if not main:
        return []
    found = [BEGINNING + main, END + main[::-1]]
    if normal_form.startswith("+"):
        _code, national = _split_calling_code(main)
        found.insert(1, BEGINNING + national)
    return found


def key_beginnings(typed: str, region: str) -> list[str]:
    """Return what a key may begin with when these digits are looked for.

    `typed` is "+90 532", "0090532", "0532", "532000" or the last digits; `region` ("TR") says
    which trunk prefix people at home put before a number (mostly 0).
    """
    numerals = digits(typed)[: MAX_WORD - 1]
    if not numerals:
        return []
    if typed.lstrip(" (").startswith("+"):
        return [BEGINNING + form for form in _without_trunk_zero(numerals)]
    forms = [numerals]
    if numerals.startswith("00") and numerals.strip("0"):
        forms += _without_trunk_zero(numerals.removeprefix("00"))
    for prefix in sorted({"0", trunk_prefix(region.upper())} - {""}):
        if numerals.startswith(prefix) and numerals != prefix:
            forms.append(numerals.removeprefix(prefix))
    return [BEGINNING + form for form in forms] + [END + numerals[::-1]]


def _without_trunk_zero(international: str) -> list[str]:
    """People write +90 0532 as well; the zero is no part of the number then."""
    code, national = _split_calling_code(international)
    if code and national.startswith("0") and national != "0":
        return [international, code + national[1:]]
    return [international]


def _split_calling_code(numerals: str) -> tuple[str, str]:
    # No calling code is the beginning of another one, so the first that fits is it.
    for length in (1, 2, 3):
        if int(numerals[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return numerals[:length], numerals[length:]
    return "", numerals
