"""Checks of a tenant's values: each cleans one value or says what is wrong with it.

`crm.tenants` calls them. A problem is a sentence for a person, stored under the field's name.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import phonenumbers
from flask_babel import gettext as _

from crm.callcenterstudio import origin_of
from crm.callcenterstudio.addresses import leads_to_forbidden
from crm.models import DialFormat, SoftphoneTenant
from crm.models.tenant import KEY_LENGTH

Problems = dict[str, str]
Check = Callable[[str, Problems], str]

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(_LABEL)
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN = re.compile(rf"https?://(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::\d+)?")
_LONGEST_HOST = 253
_LONGEST_URL = 500


def name(text: str, problems: Problems) -> str:
    """The tenant's name, as in `<name>.callcenterstudio.com`: lower case."""
    text = text.strip().lower()
    if not _NAME.fullmatch(text):
        problems["name"] = _(
            "The name is the first part of the tenant's host: letters a-z, digits and hyphens, "
            "at most 63 of them."
        )
    return text


def host(text: str, problems: Problems) -> str:
    """A host name without scheme, port and path."""
    text = text.strip().lower()
    if len(text) > _LONGEST_HOST or not _HOST.fullmatch(text):
        problems["host"] = _(
            "Enter the host name alone, like acme.callcenterstudio.com, without https:// and "
            "without a path."
        )
    elif leads_to_forbidden(text):
        problems["host"] = _own_network()
    return text


def api_url(text: str, problems: Problems) -> str:
    """A web address that ends with a slash: the vendor's wiki always has it before the "?".

    Empty stays empty and means the default.
    """
    text = text.strip()
    if not text:
        return text
    if not _is_web_address(text) or "?" in text:
        problems["api_url"] = _(
            "Enter an address that starts with https:// and has no question mark, like "
            "https://acme.callcenterstudio.com/api/."
        )
    elif not _is_outside(text):
        problems["api_url"] = _own_network()
    return text if text.endswith("/") else text + "/"


def softphone_url(text: str, problems: Problems) -> str:
    """A web address; tenant and session are added to its query for each agent."""
    text = text.strip()
    if not _is_web_address(text):
        problems["softphone_url"] = _(
            "Enter the address of the softphone page, starting with https://."
        )
    elif not _is_outside(text):
        problems["softphone_url"] = _own_network()
    return text


def softphone_tenant(text: str, problems: Problems) -> str:
    """ "host" or "name"."""
    if text not in list(SoftphoneTenant):
        problems["softphone_tenant"] = _("Choose host or name.")
        return text
    return SoftphoneTenant(text)


def dial_format(text: str, problems: Problems) -> str:
    """ "national" or "e164"."""
    if text not in list(DialFormat):
        problems["dial_format"] = _("Choose national or e164.")
        return text
    return DialFormat(text)


def timezone(text: str, problems: Problems) -> str:
    """An IANA zone such as Europe/Istanbul."""
    text = text.strip()
    if text not in all_timezones():
        problems["timezone"] = _(
            "There is no time zone %(zone)s. Write it like Europe/Istanbul.", zone=text or '""'
        )
    return text


def region(text: str, problems: Problems) -> str:
    """A country that phone numbers can be at home in: two capital letters."""
    text = text.strip().upper()
    if text not in phonenumbers.SUPPORTED_REGIONS:
        problems["region"] = _(
            "%(region)s is no country that has phone numbers. Write two letters, like TR or DE.",
            region=text or '""',
        )
    return text


def app_token(text: str, problems: Problems) -> str:
    """1 to 255 visible characters; the vendor does not say which."""
    text = text.strip()
    if not text or len(text) > KEY_LENGTH or not text.isascii() or not _is_one_word(text):
        # The sentence must not repeat what was typed: it may be the token with a slip in it.
        problems["app_token"] = _(
            "An app token is one word of 1 to 255 characters without spaces. Copy it again from "
            "Administrator > Applications at Call Center Studio."
        )
    return text


BY_COLUMN: dict[str, Check] = {
    "host": host,
    "api_url": api_url,
    "softphone_url": softphone_url,
    "softphone_tenant": softphone_tenant,
    "timezone": timezone,
    "region": region,
    "dial_format": dial_format,
}


@lru_cache(maxsize=1)
def all_timezones() -> frozenset[str]:
    """The zones that this machine knows."""
    return frozenset(zone for zone in available_timezones() if zone != "localtime")


def _is_one_word(text: str) -> bool:
    return text.isprintable() and " " not in text


def _is_web_address(text: str) -> bool:
    """Https with a real host: the origin goes into the page's security policy as it stands.

    Http is for a simulator on this machine alone: keys would cross a network readable.
    """
    if len(text) > _LONGEST_URL - 1 or not _is_one_word(text) or "#" in text:
        return False
    if not _ORIGIN.fullmatch(origin_of(text)) or "@" in urlsplit(text).netloc:
        return False
    return text.lower().startswith("https:") or _is_loopback(urlsplit(text).hostname or "")


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _is_outside(text: str) -> bool:
    return not leads_to_forbidden(urlsplit(text).hostname or "")


def _own_network() -> str:
    sentence: str = _(
        "This address leads into the server's own network, where Call Center Studio is not. "
        "Keys are not sent there."
    )
    return sentence
