"""Phone numbers in the form in which the vendor writes them, and masked ones.

Called when a call starts. Domestic numbers with a leading 0 ("05320000001") were seen in public
clients; that foreign ones are written with 00 is a guess, nobody published it.
"""

import re

from crm.simulator.seed import Tenant

ANONYMOUS = "anonymous"
MASK_KEEPS = 5
LONGEST = 120
NATIONAL_DIGITS_IN_TURKEY = 10
_USUAL_SIGNS = re.compile(r"[+\d\s().-]*\d[\d\s().-]*")


def wire_form(number: str, tenant: Tenant) -> str:
    """`+90 532 000 00 01` becomes `05320000001` for a Turkish tenant, `+44 7700 900555` becomes
    `00447700900555`. Short codes and extensions stay as they are, and so does all that is no plain
    number: `sip:+905320000001@host`, `Numara Gizli` and `*21#` try what a CRM makes of them.
    """
    number = number.strip()[:LONGEST]
    if not _USUAL_SIGNS.fullmatch(number):
        return number or ANONYMOUS
    digits = re.sub(r"\D", "", number)
    international = international_digits(number, tenant)
    if international is None:
        return digits
    if international.startswith(tenant.country_code):
        return "0" + international.removeprefix(tenant.country_code)
    return "00" + international


def masked_form(number: str, tenant: Tenant) -> str:
    """What stands in a message when the tenant hides numbers: `90532xxxxxxx`."""
    if not _USUAL_SIGNS.fullmatch(number):
        return number
    digits = international_digits(number, tenant) or re.sub(r"\D", "", number)
    return digits[:MASK_KEEPS] + "x" * (len(digits) - MASK_KEEPS)


def international_digits(number: str, tenant: Tenant) -> str | None:
    """Country code and number without plus or 00; None for short codes and extensions."""
    digits = re.sub(r"\D", "", number)
    if number.strip().startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if digits.startswith("0"):
        return tenant.country_code + digits[1:]
    if tenant.country_code == "90":
        return _turkish(digits)
    return None


def _turkish(digits: str) -> str | None:
    if len(digits) == NATIONAL_DIGITS_IN_TURKEY:
        return "90" + digits
    if len(digits) == NATIONAL_DIGITS_IN_TURKEY + 2 and digits.startswith("90"):
        return digits
    return None
