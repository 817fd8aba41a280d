"""Phone numbers: one normal form to store and match by, and how to show and dial it.

Called by contacts and calls (matching), by the screen pop, and by telephony (dialling).
A number that is not clearly a full one is kept as it came and matched exactly: a missed
match costs a click, a false one shows the wrong person.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
)

CallerKind = Literal["number", "masked", "anonymous"]
DialFormat = Literal["national", "e164"]

MAX_LENGTH = 64  # longer text is no number, and must not fill the cache or a column

# What stands where a caller's number should be. English words come from SIP and from
# telephone exchanges, Turkish ones from the vendor's home market.
_ANONYMOUS = (
    {"anonymous", "anonym", "unknown", "unknownnumber", "private", "privatenumber", "restricted"}
    | {"withheld", "numberwithheld", "callerwithheld", "unavailable", "blocked", "hidden"}
    | {"noid", "nocallerid", "none", "null"}
    | {"gizli", "gizlinumara", "bilinmeyen", "bilinmeyennumara"}
)
_MASKED = re.compile(r"\+?[\d*x•()\s.-]*[*x•]{2,}[\d*x•()\s.-]*", re.IGNORECASE)
_DIALABLE = re.compile(r"\+[0-9]+(;ext=[0-9]+)?|[*#]*[0-9][0-9*#]*")
_EXTENSION = re.compile(
    r"(?:;ext=|[\s,;]*(?:extension|ext|dahili|dah|durchwahl|int|poste|x|#)[\s.:]*|[,;]+\s*)(\d{1,7})$",
    re.IGNORECASE,
)
_SHORTEST_WITH_TRUNK_PREFIX = 7


@lru_cache(maxsize=1024)
def caller_kind(number: str | None) -> CallerKind:
    """Say whether a caller can be read: a number, hidden by the tenant, or by the caller.

    "masked" has two or more of ``x``, ``*`` or ``•`` in a row among its digits
    (``90532xxxxxxx``); "anonymous" is empty or a word such as ``anonymous`` or ``Restricted``,
    or too long to be either.
    """
    if number is not None and len(number) > MAX_LENGTH:
        return "anonymous"
    text = _plain(number or "")
    word = "".join(ch for ch in text.partition("@")[0] if ch.isalnum())
    if word in _ANONYMOUS or not re.search(r"[^\W_]|[*#•]", text):
        return "anonymous"
    return "masked" if _MASKED.fullmatch(text) else "number"


def normal_form(raw: str, region: str) -> str:
    """Return the one form by which a number is stored and matched.

    A full number becomes E.164 (``+905321234567``), with ``;ext=12`` behind it when it has an
    extension. All else - short codes, extensions, masked numbers, words - keeps its letters,
    digits, ``*`` and ``#`` and a leading plus, in lower case. ``""`` means no number.

    ``region`` ("TR") is where national numbers are at home.
    """
    if len(raw) > MAX_LENGTH:
        return ""
    return _normal_form(raw, region.upper())


def display(normal: str, region: str) -> str:
    """Write a normal form for people: national at home, international abroad, else as it is."""
    return _display(normal, region.upper())


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


def can_be_dialled(normal: str) -> bool:
    """Whether a normal form is made of what a telephone has keys for; words are not."""
    return _DIALABLE.fullmatch(normal) is not None


def for_dialling(normal: str, dial_format: DialFormat, region: str) -> str:
    """Write a normal form as the tenant's exchange wants to dial it, without its extension.

    "e164" keeps the plus. "national" gives ``05321234567`` at home and ``00`` with the country
    code abroad: public clients dial in this form, the vendor's guide does not say which it takes.
    What is not a full number (a short code) is dialled as it is.
    """
    if dial_format not in ("national", "e164"):
        raise ValueError(f"dial_format must be national or e164, not {dial_format!r}")
    number = _from_normal(normal)
    if number is None:
        return normal
    number.extension = None
    if dial_format == "e164":
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if number.country_code == phonenumbers.country_code_for_region(region.upper()):
        return digits(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    return f"00{number.country_code}{phonenumbers.national_significant_number(number)}"


def digits(text: str) -> str:
    """Return the digits of a text as 0-9, whatever script they were written in."""
    if text.isascii():
        return "".join(filter(str.isdecimal, text))
    return "".join(str(unicodedata.decimal(ch)) for ch in text if ch.isdecimal())


@lru_cache(maxsize=16_384)
def _normal_form(raw: str, region: str) -> str:
    text = _plain(raw)
    main, extension = _split_extension(text)
    if any(ch.isalpha() or ch in "*#•" for ch in main):
        return _kept(
            text
        )  # words, star codes, masked numbers: their digits alone are another number
    number = _full_number(main, region)
    if number is None:
        return _kept(text)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{e164};ext={extension}" if extension else e164


@lru_cache(maxsize=16_384)
def _display(normal: str, region: str) -> str:
    number = _from_normal(normal)
    if number is None:
        return normal
    at_home = number.country_code == phonenumbers.country_code_for_region(region)
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def _plain(raw: str) -> str:
    """Full-width and other scripts' digits become 0-9, letters small, ``tel:`` goes."""
    if raw.isascii():
        return raw.lower().strip().removeprefix("tel:")
    text = unicodedata.normalize("NFKC", raw).casefold().strip()
    text = "".join(str(unicodedata.decimal(ch)) if ch.isdecimal() else ch for ch in text)
    return text.removeprefix("tel:")


def _kept(text: str) -> str:
    characters = "".join(ch for ch in text if ch.isalnum() or ch in "*#•")
    return f"+{characters}" if characters and _starts_with_plus(text) else characters


def _starts_with_plus(text: str) -> bool:
    """A plus before anything else that counts: pasted numbers begin with invisible marks."""
    return re.match(r"[^\w*#]*\+", text) is not None


def _split_extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text)
    return (text[: found.start()], found[1]) if found else (text, "")


def _full_number(main: str, region: str) -> PhoneNumber | None:
    typed = digits(main)
    if _starts_with_plus(main):
        return _international(typed)
    if typed.startswith("00"):
        return _international(typed[2:])
    return _national(typed, region) or _without_plus(typed)


def _international(typed: str) -> PhoneNumber | None:
    # Possible, not valid: numbering plans grow faster than the library's data, and the
    # ranges kept for films and demos are not in it at all.
    number = _parse(f"+{typed}", None)
    return number if number and phonenumbers.is_possible_number(number) else None


def _without_plus(typed: str) -> PhoneNumber | None:
    """A foreign number as exchanges write it: country code first, no plus (447911123456)."""
    if len(typed) < 11:  # noqa: PLR2004 - shorter ones could be anybody's local number
        return None
    number = _parse(f"+{typed}", None)
    return number if number and phonenumbers.is_valid_number(number) else None


def _national(typed: str, region: str) -> PhoneNumber | None:
    number = _parse(typed, region)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    if number.country_code_source == CountryCodeSource.FROM_NUMBER_WITH_IDD:
        return number
    return number if _is_complete(number, typed, region) else None


def _is_complete(number: PhoneNumber, typed: str, region: str) -> bool:
    """Tell a whole national number from a part of one that is dialled inside a town.

    Where all numbers are of one length (Turkey, France, the United States) the length tells.
    Elsewhere (Germany) 23125001 may be a local number or, with another town's area code in
    its first digits, a national one: it takes a trunk prefix or the length of a mobile number.
    """
    mobile = _lengths(region, "mobile")
    length = len(phonenumbers.national_significant_number(number))
    if len(mobile) == 1 and mobile == _lengths(region, "fixed_line"):
        return length in mobile or phonenumbers.is_valid_number(number)
    if typed.startswith("0"):
        return length >= _SHORTEST_WITH_TRUNK_PREFIX
    return length >= min(mobile, default=0) and phonenumbers.is_valid_number(number)


@lru_cache(maxsize=1024)
def _lengths(region: str, kind: str) -> frozenset[int]:
    description = getattr(PhoneMetadata.metadata_for_region(region), kind, None)
    return frozenset(description.possible_length if description else ())


def _from_normal(normal: str) -> PhoneNumber | None:
    number = _parse(normal, None) if normal.startswith("+") else None
    return number if number and phonenumbers.is_possible_number(number) else None


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region, keep_raw_input=True)
    except NumberParseException:
        return None
