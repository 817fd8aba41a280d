"""Tells a caller who can be read from one whose number is hidden, by the tenant or the caller."""

import re
from functools import lru_cache
from typing import Literal

from .typed_text import MAX_LENGTH, address_in, bare, plain

CallerKind = Literal["number", "masked", "anonymous"]

# Words without a digit need no list, whatever the language: they are no number. These are the ones
# that exchanges put digits beside ("anonymous1234").
_HIDDEN = frozenset(
    {"anonymous", "anonym", "unknown", "unknownnumber", "private", "privatenumber", "restricted"}
    | {"withheld", "unavailable", "notavailable", "blocked", "hidden", "noid", "nocallerid"}
    | {"gizli", "gizlinumara", "numaragizli", "ozelnumara", "bilinmeyen", "bilinmeyennumara"}
)
# What "ANONYMOUS", "RESTRICTED", "BLOCKED", "UNKNOWN" and "UNAVAILABLE" are on a keypad, and what
# Android keeps for an unknown, a private and a public telephone (seen in public code).
_NOBODYS = frozenset(
    {"266696687", "+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"}
    | {"-1", "-2", "-3"}
)
_MASKED = re.compile(r"\+?[\d*x•()\s.-]*[*x•]{2,}[\d*x•()\s.-]*", re.IGNORECASE)
# Signs that numbers have as well hide digits where there are more of them than people write.
_MASKED_BY_OTHER_SIGNS = re.compile(r"\+?[\d() ]*\d(?:([#_?])\1+|\.{3,}|-{3,})\d*")


@lru_cache(maxsize=1024)
def _kind_of(text: str) -> CallerKind:
    number, _name = address_in(plain(text))
    if is_masked(number):
        return "masked"
    letters = "".join(filter(str.isalpha, bare(number)))
    nobody = letters in _HIDDEN or number in _NOBODYS or not re.search("[1-9]", number)
    return "anonymous" if nobody else "number"


def caller_kind(text: str | None) -> CallerKind:
    """Say whether a caller can be read: a number, hidden by the tenant, or by the caller.

    "masked" has two or more of ``x``, ``*`` or ``•`` in a row among its digits
    (``90532xxxxxxx``). "anonymous" has no number: nothing, a word in whatever language, ``0``,
    ``sip:anonymous@anonymous.invalid``; so has what is too long to be one.
    """
    return _kind_of(text) if text and len(text) <= MAX_LENGTH else "anonymous"


def is_masked(text: str) -> bool:
    """Whether a text is a number of which a part is hidden."""
    return any(form.fullmatch(text) for form in (_MASKED, _MASKED_BY_OTHER_SIGNS))
