"""Asks if the softphone's page may stand in the desk, what answers at PUBLIC_URL, and the time.

`crm.pages.settings.checks` and `flask doctor` call these when somebody wants to know; nothing else
does. No key is sent: the softphone's page is asked as by somebody who is not signed in.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from crm.callcenterstudio import CallCenterStudioError, origin_of
from crm.callcenterstudio.transport import in_time, private_session

SECONDS = 5.0
_REDIRECTS = 3
_LARGEST_ANSWER = 1000  # bytes of /healthz
_SERVER_ERROR = 500
_PLAINLY: dict[str, Any] = {"timeout": SECONDS, "allow_redirects": False, "stream": True}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9._-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d+|\*))?(?:/.*)?"
)


def softphone_page(page: str, desk: str) -> str:
    """What becomes of the page in a frame of the origin `desk`.

    "frames", "forbids", "plain" (http in a page on https), "leads_away" (to another origin),
    "error" (5xx) or "no_answer".
    """
    own = origin_of(page)
    if desk.startswith("https:") and own.startswith("http:"):
        return "plain"

    def ask() -> str:
        address = page
        with private_session() as http:
            for _hop in range(_REDIRECTS):
                with http.get(address, **_PLAINLY) as answer:
                    if not answer.is_redirect:
                        if answer.status_code >= _SERVER_ERROR:
                            return "error"
                        may = may_frame(answer.headers, page=own, desk=desk)
                        return "frames" if may else "forbids"
                    address = urljoin(address, answer.headers["Location"])
                if origin_of(address) != own:
                    break
        return "leads_away"

    return _in_time(ask)


def public_address(public_url: str) -> str:
    """What answers there: "reached" (a CRM), "something_else", "certificate" or "no_answer"."""

    def ask() -> str:
        with private_session() as http, http.get(f"{public_url}/healthz", **_PLAINLY) as answer:
            body = answer.raw.read(_LARGEST_ANSWER, decode_content=True)
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        is_crm = isinstance(told, dict) and told.get("process") == "ok"
        return "reached" if is_crm else "something_else"

    return _in_time(ask)


def seconds_ahead(api_url: str) -> float | None:
    """How far this machine's clock is ahead of the vendor's; None if an answer had no Date.

    The address of the API is asked without its path, so that no function of it is called. Seconds
    of the way there and back are within `SECONDS`.
    """

    def ask() -> str:
        with (
            private_session() as http,
            http.head(f"{origin_of(api_url)}/", **_PLAINLY) as answer,
        ):
            theirs = parsedate_to_datetime(answer.headers.get("Date", "none"))
        theirs = theirs.replace(tzinfo=theirs.tzinfo or UTC)  # no zone means UTC (RFC 5322)
        return str((datetime.now(UTC) - theirs).total_seconds())

    try:
        return float(_in_time(ask))
    except ValueError:
        return None


def may_frame(headers: Mapping[str, str], *, page: str, desk: str) -> bool:
    """Whether a page with these headers may stand in a frame of `desk`; both are origins.

    As browsers do it: X-Frame-Options counts only where no policy has `frame-ancestors`.
    """
    ancestors = [
        words[1:]
        for policy in re.split("[,;]", headers.get("Content-Security-Policy", "").lower())
        if (words := policy.split()) and words[0] == "frame-ancestors"
    ]
    if ancestors:
        return all(any(_matches(one, page, desk) for one in sources) for sources in ancestors)
    options = {one.strip() for one in headers.get("X-Frame-Options", "").lower().split(",")}
    return "deny" not in options and ("sameorigin" not in options or page == desk)


def _matches(source: str, page: str, desk: str) -> bool:
    """Whether a source of `frame-ancestors` includes the desk."""
    if source in ("*", "'self'"):
        return source == "*" or page == desk
    asker = urlsplit(desk)
    if source.endswith(":"):
        return source in (f"{asker.scheme}:", "http:") and asker.scheme in _DEFAULT_PORTS
    found = _SOURCE.fullmatch(source)
    if found is None:  # 'none', and what browsers ignore as well
        return False
    scheme = found["scheme"] or urlsplit(page).scheme  # a source has the page's, if none is given
    host, name = found["host"], asker.hostname or ""
    is_below = host[0] == "*" and name.endswith(host[1:])  # "*" alone is any host
    is_host = is_below or name == host.strip("[]")
    default = _DEFAULT_PORTS.get(asker.scheme)
    port = asker.port or default
    is_port = found["port"] == "*" or port == int(found["port"] or default or 0)
    return scheme in (asker.scheme, "http") and is_host and is_port


def _in_time(ask: Callable[[], str]) -> str:
    try:
        deadline = time.monotonic() + SECONDS
        return in_time(ask, deadline=deadline, too_late=lambda _answer: None)
    except requests.exceptions.SSLError:
        return "certificate"
    except (CallCenterStudioError, requests.RequestException, HTTPError, OSError, ValueError):
        return "no_answer"
