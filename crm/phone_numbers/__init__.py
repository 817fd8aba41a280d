r"""Phone numbers: reading what people and exchanges write, one normal form, showing, dialling.

Called by contacts and calls (matching), by the screen pop, and by telephony (dialling). To be
copied as it is; it needs phonenumbers alone. What is dialled is one number, the one that is shown.
What is not clearly a whole number is kept as it came and matched exactly: a missed match costs a
click, a false one shows the wrong person.

What people write down, read in Turkey (TR) unless another country stands before it. `\u200e` is
one character that nobody sees. This table is the test as well (tests/unit/test_phone_numbers.py):

    written                                | number         | beside it
    ---------------------------------------+----------------+-----------------------------------
    (0532) 000 00 01                       | +905320000001  |
    5320000001                             | +905320000001  |
    0090 532 000 00 01                     | +905320000001  |
    +90 (0) 532 000 00 01                  | +905320000001  |
    (+90) 532/000-00.01                    | +905320000001  |
    +0090 532 000 00 01                    | +905320000001  |
    +0532 000 00 01                        | +905320000001  |
    \u202a+90\u00a0532\u2011000\u200900 01\u202c | +905320000001 |
    ０５３２ ０００ ００ ０１              | +905320000001  |
    ٠٥٣٢٠٠٠٠٠٠١                            | +905320000001  |
    '05320000001                           | +905320000001  |
    5320000001.0                           | +905320000001  |
    444 0 123                              | +904440123     |
    +44 7700 900555                        | +447700900555  |
    0049 30 23125 001                      | +493023125001  |
    DE 030/23125-0                         | +4930231250    |
    US (202) 555-0123                      | +12025550123   |
    0800 FLOWERS                           | +908003569377  |
    US 1-800-FLOWERS                       | +18003569377   |
    +1-800-FLOWERS                         | +18003569377   |
    0216 555 01 02 dahili 12               | +902165550102  | extension 12
    0216 555 01 02 DAHİLİ: 12              | +902165550102  | extension 12
    0216 555 01 02 (iç hat no: 12)         | +902165550102  | extension 12
    0216 555 01 02 x12                     | +902165550102  | extension 12
    0216 555 01 02 #12                     | +902165550102  | extension 12
    (0216) 555 01 02 ext. 12               | +902165550102  | extension 12
    DE 030 23125001 Durchwahl 12           | +493023125001  | extension 12
    DE 030 23125001, DW -12                | +493023125001  | extension 12
    DE 030 23125001 Nst. 12                | +493023125001  | extension 12
    tel:+90-216-555-01-02;ext=12           | +902165550102  | extension 12
    tel:0216-555-01-02;phone-context=+90   | +902165550102  |
    tel://+902165550102;dahili=12          | +902165550102  | extension 12
    0216 555 01 02;extension=12            | +902165550102  | extension 12
    1001 dahili 12                         | 1001           | extension 12
    0216 555 01 09,,820445398#             | +902165550109  | codes ,,820445398#
    0216 555 01 09p820445398#              | +902165550109  | codes ,820445398#
    0216 555 01 09;12                      | +902165550109  | codes ;12
    0216 555 01 09 PIN: 820 445#           | +902165550109  | codes ,820445#
    +90 216 555 01 08*12                   | +902165550108  | codes *12
    0216 555 01 08 x12,,34#                | +902165550108  | extension 12, codes ,,34#
    02165550110pbx                         | +902165550110  | label pbx
    0216 555 01 10 (pbx)                   | +902165550110  | label pbx
    Cep: 0532 000 00 01                    | +905320000001  | label Cep
    Fax 0216 555 01 10                     | +902165550110  | label Fax
    Şube 2: 0216 555 01 10                 | +902165550110  | label Şube 2
    0216 555 01 10 (Kat 3)                 | +902165550110  | label Kat 3
    h323:905320000001@host                 | +905320000001  |
    WhatsApp:05320000001                   | +905320000001  | label WhatsApp
    0216 555 01 10 (Ayşe, dahili 12)       | +902165550110  | extension 12, label Ayşe
    \u260e 0532 000 00 01 – Elif Şahin     | +905320000001  | label Elif Şahin
    12                                     | 12             |
    182 santral                            | 182            | label santral
    10 01                                  | 1001           |
    007                                    | 007            |
    *21#                                   | *21#           |
    *21*05320000001#                       | *21*05320000001# |
    #31#05320000001                        | #31#05320000001 |
    ##002#                                 | ##002#         |
    *#06#                                  | *#06#          |
    +1234                                  | +1234          |
    0216 555 01 15 - 0532 555 01 16        | several        |
    0216 555 01 15 0532 555 01 16          | several        |
    0216 555 01 15/0532 555 01 16          | several        |
    0216 555 01 15; 0532 555 01 16         | several        |
    0216 555 01 15,05325550116             | several        |
    0216 555 01 15 veya 0532 555 01 16     | several        |
    0216 555 01 15 or +90 532 555 01 16    | several        |
    +905325550115+905325550116             | several        |
    0216 555 01 15\n0532 555 01 16         | several        |
    0216 555 01 13 / 14                    | several        |
    0216 555 01 13 - 14                    | several        |
    0216 555 01 13 14                      | several        |
    +90 216 555 01 13/14                   | several        |
    0216 555 01 13, 14                     | several        |
    0216 555 01 10 dahili 12/13            | several        |
    112 - 155                              | several        |
    182-183                                | several        |
    182, 183                               | several        |
    DE 030 123456 / 57                     | several        |
    0216555011505325550116                 | unclear        |
    90532xxxxxxx                           | unclear        |
    0532****001                            | unclear        |
    0532#####01                            | unclear        |
    000                                    | unclear        |
    https://kuzey.example/12               | unclear        |
    Kuzey Lojistik                         | no digits      |
    elif@kuzey.example                     | no digits      |

What exchanges write as a caller:

    written                                | caller
    ---------------------------------------+---------------
    05320000001                            | +905320000001
    905320000001                           | +905320000001
    sip:+905320000001@host                 | +905320000001
    sips:905320000001:x@10.0.0.1:5061;transport=tls | +905320000001
    sip:%2B905320000001@host               | +905320000001
    "Name" <905320000001>                  | +905320000001
    "Elif 2" <sip:05320000001@pbx>;tag=12  | +905320000001
    "Anonymous" <sip:05320000001@pbx>      | +905320000001
    905320000001@pbx                       | +905320000001
    +905320000001;user=phone               | +905320000001
    tel:+905320000001                      | +905320000001
    callto://+905320000001                 | +905320000001
    h323:905320000001@host                 | +905320000001
    H323:%2B905320000001@10.0.0.1:1720     | +905320000001
    "Elif" <h323:05320000001@host>;tag=12  | +905320000001
    h323:905320000001                      | +905320000001
    iax2:905320000001:x@host               | +905320000001
    im:+905320000001@host                  | +905320000001
    pres:+905320000001@host                | +905320000001
    xmpp:905320000001@host/desk            | +905320000001
    voip2:+905320000001@host               | +905320000001
    02165550102;ext=12                     | +902165550102
    182                                    | 182
    0212000001012                          | 0212000001012
    90532xxxxxxx                           | masked
    sip:90532xxxxxxx@host                  | masked
    h323:90532xxxxxxx@host                 | masked
    tel:90532xxxxxxx                       | masked
    0532****001                            | masked
    +90532#####01                          | masked
    90532_____01                           | masked
    90532?????01                           | masked
    90532.....01                           | masked
    90532\u2026\u202601                      | masked
    90532\u00b7\u00b7\u00b7\u00b701            | masked
    90532-----01                           | masked
    ???                                    | anonymous
    sip:anonymous@anonymous.invalid        | anonymous
    "Anonymous" <sip:anonymous@anonymous.invalid> | anonymous
    sip:05320000001@anonymous.invalid      | anonymous
    sip:10.0.0.1                           | anonymous
    h323:anonymous@anonymous.invalid       | anonymous
    h323:10.0.0.1:1720                     | anonymous
    im:elif@kuzey.example                  | anonymous
    mailto:elif@kuzey2.example             | anonymous
    anonymous1234                          | anonymous
    ANONYMOUS                              | anonymous
    Özel Numara                            | anonymous
    ÖZEL NUMARA                            | anonymous
    Numara Gizli                           | anonymous
    GİZLİ                                  | anonymous
    Bilinmeyen numara                      | anonymous
    Not available                          | anonymous
    Unterdrückt                            | anonymous
    Numéro masqué                          | anonymous
    неизвестный                            | anonymous
    Private                                | anonymous
    <unknown>                              | anonymous
    N/A                                    | anonymous
    0                                      | anonymous
    0000000000                             | anonymous
    -1                                     | anonymous
    +266696687                             | anonymous
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from . import plans
from .callers import CallerKind, caller_kind, is_masked
from .plans import trunk_prefix
from .writing import MAX_LENGTH, digits, plain, take_apart

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
    """What was written: one number and what stands beside it, or why it is none.

    number: the normal form, "" with a problem. codes: keyed after the answer, "," a pause and ";"
    a wait. label: words beside it, as they were written.
    """

    number: str = ""
    extension: str = ""
    codes: str = ""
    label: str = ""
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
    parts = take_apart(text, lambda piece: plans.stands_alone(piece, region))
    if not digits(parts.number):
        problem = Problem.UNCLEAR if parts.more else Problem.NO_DIGITS
        return Written(label=parts.label, problem=problem)
    if parts.more:
        return Written(problem=Problem.SEVERAL)
    number = _number(parts.number, region)
    if parts.label and not is_complete(number):
        vanity = plans.with_letters(text, region)
        if vanity is not None:
            return Written(_e164(vanity))
    if not number or "://" in parts.label or is_masked(text) or is_masked(number):
        return Written(problem=Problem.UNCLEAR)
    return Written(number, parts.extension, parts.codes, parts.label)


def _number(typed: str, region: str) -> str:
    if typed[0] in "*#":
        return typed
    number = plans.full_number(typed, region)
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
    return plans.international(normal[1:]) if _E164.fullmatch(normal) else None
