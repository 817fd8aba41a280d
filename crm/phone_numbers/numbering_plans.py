"""Numbering plans: which digits are a whole number, and of which country. Used by `read`.

Looked at, not assumed, of the library phonenumbers: it takes any letters for keys of a telephone,
runs two numbers into one, and calls +90 216 555 01 13 14 possible because freephone numbers of
Turkey may be that long. So it gets digits alone, and a length that fits no usual number is valid or
nothing.
"""

from functools import lru_cache

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberType,
)

from .typed_text import digits

_SHORTEST_WITH_TRUNK_PREFIX = 7
_SHORTEST_ALONE = 7  # shorter ones are whole numbers, too, but also beginnings of longer ones
_WITH_LETTERS = (
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
)


@lru_cache(maxsize=64)
def full_number(typed: str, region: str) -> PhoneNumber | None:
    """Read a whole number, national or international; None for a part of one or a short number.

    Cached, because a text is first taken apart and then read. Do not change what it returns.
    """
    numerals = digits(typed)
    if typed.lstrip(" (").startswith("+") and not numerals.startswith("0"):
        return international(numerals)
    if numerals.startswith("00"):
        return international(numerals[2:])
    return _national(numerals, region) or _without_plus(numerals)


def stands_alone(typed: str, region: str) -> bool:
    """Whether this is a whole number that nothing can be added to."""
    number = full_number(typed, region)
    return number is not None and _length(number) >= _SHORTEST_ALONE


def with_letters(typed: str, region: str) -> PhoneNumber | None:
    """Read "0800 FLOWERS": letters for keys, only in numbers that are given out to be read so."""
    keys = phonenumbers.convert_alpha_characters_in_number(typed)
    number = full_number(keys, region) if not any(map(str.isalpha, keys)) else None
    return number if number and phonenumbers.number_type(number) in _WITH_LETTERS else None


def international(numerals: str) -> PhoneNumber | None:
    """Read a country code and a number."""
    # Possible, not valid: numbering plans grow faster than the library's data, and the
    # ranges kept for films and demos are not in it at all.
    number = _parse(f"+{numerals}", None)
    return number if number and _is_usual(number) else None


def _without_plus(numerals: str) -> PhoneNumber | None:
    """A foreign number as exchanges write it: country code first, no plus (447911123456)."""
    if len(numerals) < 11:  # noqa: PLR2004 - shorter ones could be anybody's local number
        return None
    number = _parse(f"+{numerals}", None)
    return number if number and phonenumbers.is_valid_number(number) else None


def _national(numerals: str, region: str) -> PhoneNumber | None:
    number = _parse(numerals, region)
    if number is None or not _is_usual(number):
        return None
    if number.country_code_source == CountryCodeSource.FROM_NUMBER_WITH_IDD:
        return number
    return number if _is_complete(number, numerals, region) else None


def _is_usual(number: PhoneNumber) -> bool:
    """Whether a number is as long as its country's are, or valid. 0532 000 00 0 lacks a digit; the
    library makes up for it with the zero.
    """
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    usual = _lengths(region, "mobile") | _lengths(region, "fixed_line")
    keeps_trunk_prefix = number.italian_leading_zero and trunk_prefix(region) == "0"
    fits = not keeps_trunk_prefix and (_length(number) in usual or not usual)
    return phonenumbers.is_possible_number(number) and (
        fits or phonenumbers.is_valid_number(number)
    )


def _is_complete(number: PhoneNumber, numerals: str, region: str) -> bool:
    """Tell a whole national number from a part of one that is dialled inside a town.

    Where all numbers are of one length (Turkey, France, the United States) the length tells.
    Elsewhere (Germany) 23125001 may be a local number or, with another town's area code in
    its first digits, a national one: it takes a trunk prefix or the length of a mobile number.
    """
    mobile = _lengths(region, "mobile")
    length = _length(number)
    if len(mobile) == 1 and mobile == _lengths(region, "fixed_line"):
        return length in mobile or phonenumbers.is_valid_number(number)
    if numerals.startswith("0"):
        return length >= _SHORTEST_WITH_TRUNK_PREFIX
    return length >= min(mobile, default=0) and phonenumbers.is_valid_number(number)


@lru_cache(maxsize=300)
def trunk_prefix(region: str) -> str:
    """What people at home put before a number, mostly 0; "" where they put nothing."""
    return phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""


def _length(number: PhoneNumber) -> int:
    return len(phonenumbers.national_significant_number(number))


@lru_cache(maxsize=1024)
def _lengths(region: str, kind: str) -> frozenset[int]:
    description = getattr(PhoneMetadata.metadata_for_region(region), kind, None)
    lengths = frozenset(description.possible_length if description else ())
    return lengths - {-1}  # "none of this kind"


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region, keep_raw_input=True)
    except NumberParseException:
        return None
