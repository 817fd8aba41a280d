"""Phone numbers: one normal form, whatever people and exchanges write; showing it, dialling it.

Copy this folder beside the client; it needs phonenumbers alone. Matching, the screen pop and
dialling use it. README.md has a table of the ways of writing and how each is read.

The vendor sends a caller without a plus: `05320000001` from the same country, `00447700900555` or
`447700900555` from abroad, and may hide digits (`90532xxxxxxx`). To compare such a number with
yours, first ask `caller_kind` whether there is a number, then bring both to `normal_form`:

    >>> caller_kind("05320000001")
    'number'
    >>> normal_form("05320000001", "TR"), normal_form("00447700900555", "TR")
    ('+905320000001', '+447700900555')
    >>> display("+905320000001", "TR"), for_dialling("+905320000001", "national", "TR")
    ('0532 000 00 01', '05320000001')

The region ("TR") is where numbers without a country code are at home: the tenant's.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from . import numbering_plans
from .callers import CallerKind, caller_kind, is_masked
from .numbering_plans import trunk_prefix
from .typed_text import MAX_LENGTH, digits, plain, take_apart

__all__ = [
    "CallerKind",
    "DialFormat",
    "Problem",
    "Written",
    "caller_kind",
    "can_be_dialled",
    "digits",
    "display",
    "for_dialling",
    "is_complete",
    "normal_form",
    "read",
    "region_of",
    "trunk_prefix",
]

DialFormat = Literal["national", "e164"]

_E164 = re.compile(r"\+[0-9]+")
_DIALABLE = re.compile(r"\+?[0-9]+|[*#][0-9*#]*")
_LONGEST_AS_IT_STANDS = 18  # fifteen digits, a prefix for abroad and one for the way out


class Problem(StrEnum):
    """Why a text is not read as one number."""

    NO_DIGITS = "no digits"
    SEVERAL = "several"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Written:
    """What was written: one number and what stands beside it, or why it is none."""

    number: str = ""  # the normal form, "" with a problem
    extension: str = ""
    codes: str = ""  # keyed after the answer: "," is a pause, ";" a wait
    label: str = ""  # words beside it, as they were written
    problem: Problem | None = None


def read(text: str, region: str) -> Written:
    """Read what somebody wrote as a number; never raises.

    ``region`` ("TR") is where national numbers are at home.
    """
    if len(text) > MAX_LENGTH:
        return Written(problem=Problem.UNCLEAR)
    return _read(text, region.upper())


def normal_form(raw: str, region: str) -> str:
    """Return the one form by which a number is stored and matched, "" when there is not one number.

    A whole number becomes E.164 (``+905321234567``); short numbers and codes with ``*`` and ``#``
    stay as they are. An extension, codes and labels beside it are no part of it: `read` tells them.
    """
    return read(raw, region).number


def display(normal: str, region: str, extension: str = "") -> str:
    """Write a normal form for people: national at home, international abroad, else as it is."""
    return _display(normal, region.upper(), extension)


def region_of(normal: str) -> str:
    """Return the region code of a number ("GB"), ``""`` when it has none.

    A number that its country has not given out counts as the main country of its calling code.
    """
    number = _from_normal(normal)
    if number is None:
        return ""
    code = phonenumbers.region_code_for_number(number)
    if code is None and number.country_code is not None:
        code = phonenumbers.region_code_for_country_code(number.country_code)
    return "" if code in (None, "ZZ", "001") else str(code)


def is_complete(normal: str) -> bool:
    """Whether a normal form is a whole number, which everybody in the world can dial."""
    return _from_normal(normal) is not None


def can_be_dialled(normal: str) -> bool:
    """Whether a normal form is made of what a telephone has keys for."""
    return _DIALABLE.fullmatch(normal) is not None


def for_dialling(normal: str, dial_format: DialFormat, region: str) -> str:
    """Write a normal form as the tenant's exchange wants to dial it.

    "e164" keeps the plus. "national" gives ``05321234567`` at home and ``00`` with the country
    code abroad: public clients dial in this form, the vendor's guide does not say which it takes.
    What is not a whole number (a short number) is dialled as it is.
    """
    if dial_format not in ("national", "e164"):
        raise ValueError(f"dial_format must be national or e164, not {dial_format!r}")
    number = _from_normal(normal)
    if number is None:
        return normal
    if dial_format == "e164":
        return _e164(number)
    if number.country_code == phonenumbers.country_code_for_region(region.upper()):
        return digits(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    return f"00{number.country_code}{phonenumbers.national_significant_number(number)}"


@lru_cache(maxsize=16_384)
def _read(text: str, region: str) -> Written:
    text = plain(text)
    parts = take_apart(text, lambda piece: numbering_plans.stands_alone(piece, region))
    if not digits(parts.number):
        problem = Problem.UNCLEAR if parts.more else Problem.NO_DIGITS
        return Written(label=parts.label, problem=problem)
    if parts.more:
        return Written(problem=Problem.SEVERAL)
    number = _number(parts.number, region)
    if parts.label and not is_complete(number):
        vanity = numbering_plans.with_letters(text, region)
        if vanity is not None:
            return Written(_e164(vanity))
    if not number or "://" in parts.label or is_masked(text) or is_masked(number):
        return Written(problem=Problem.UNCLEAR)
    return Written(number, parts.extension, parts.codes, parts.label)


def _number(typed: str, region: str) -> str:
    if typed[0] in "*#":
        return typed
    number = numbering_plans.full_number(typed, region)
    if number is not None:
        return _e164(number)
    kept = digits(typed)
    if len(kept) > _LONGEST_AS_IT_STANDS or not kept.strip("0"):
        return ""
    return f"+{kept}" if typed.startswith("+") and kept[0] != "0" else kept


@lru_cache(maxsize=16_384)
def _display(normal: str, region: str, extension: str) -> str:
    number = _from_normal(normal)
    if number is None:
        return f"{normal} ext. {extension}" if extension else normal
    number.extension = extension or None
    at_home = number.country_code == phonenumbers.country_code_for_region(region)
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _from_normal(normal: str) -> PhoneNumber | None:
    return numbering_plans.international(normal[1:]) if _E164.fullmatch(normal) else None
