"""Masks what the inspector writes and shows: no secret, no telephone number, no words of people.

Pure. `request_log` masks requests and answers with it before they are written, the inspector's
pages the events of calls. A value is kept only if its field is known to be about the call; of any
other text the length is kept. So a field that the vendor adds one day tells nothing.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from crm.callcenterstudio.secret_filter import HIDDEN, without
from crm.calls.redaction import OF_ACTIVE_CALL, OF_AGENT, OF_HANGUP, OF_PAGE, OF_RECORD

LONGEST_TEXT = 300
MOST_ENTRIES = 3  # of a list; a page of records has a hundred
LEVELS = 6
LONGEST_COUNT = 6  # digits; a longer whole number may be a telephone number

_SECRET = re.compile(
    r"token|session|secret|passw|pwd|api_?key|authoriz|cookie|credential|signature", re.IGNORECASE
)
_NUMBER = re.compile(
    r"number|phone|caller_?id|called|msisdn|dnis|^line$|normal_form", re.IGNORECASE
)
# A moment and a key are no telephone numbers.
_LIKE_A_NUMBER = re.compile(r"(?<![\w-])(?!\d{4}-\d\d)[+(]?\d[\d \t()./-]{5,22}\d(?![\w-])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# `name=value` in text that is no JSON: a web page may repeat our request.
_PAIR = re.compile(
    r"""((?:token|session|secret|password|key)["']?\s*[=:]\s*["']?)[^&\s'"<>,]+""", re.I
)

KNOWN = frozenset(
    {
        *(*OF_RECORD, *OF_ACTIVE_CALL, *OF_HANGUP, *OF_AGENT, *OF_PAGE),
        # The envelope, and what we send.
        *("success", "login", "function", "cursor", "session_expires_in"),
        *("startdate", "finishdate", "sorting", "untransferred", "agent_username"),
        *("transactionid", "selected_queue", "masked", "contact_id", "started_at"),
    }
) - {"caller_id"}
# Known, but no keys and times: a step of the IVR may send a number in any of them.
_PLACES = {"queue", "initialqueue", "disposition", "status", "hangupcause", "tenant", "agent"}
_TEXTS = {"message", "error", "reason", "record_problems", "dial_problem"}  # numbers are taken out


def masked(
    value: Any, *, secrets: Collection[str] = (), known: Collection[str] = KNOWN, name: str = ""
) -> Any:
    """A value of a request, an answer or an event, as it may be written and shown.

    secrets: the keys in use, which are hidden wherever they stand. known: the fields whose text is
    kept. name: of the field that holds the value.
    """
    return _Mask(secrets, known).over(value, name, LEVELS)


def form_of(number: str) -> str:
    """The form of a telephone number, without the number: "+•••••••••••• (12)".

    A plus, zeros at the beginning and the signs between digits are what goes wrong in a number.
    """
    digits = sum(sign.isdigit() for sign in number)
    if not digits:
        return length_of(number)
    zeros = len(number) - len(number.lstrip("0"))
    signs = "".join(
        sign if not sign.isalnum() else "•" if sign.isdigit() else "a" for sign in number[zeros:]
    )
    return f"{number[:zeros]}{signs[:40]} ({digits})"


def length_of(text: str) -> str:
    """What is kept of a text that may be about a person."""
    return f"(text, {len(text)})" if text else ""


class _Mask:
    def __init__(self, secrets: Collection[str], known: Collection[str]) -> None:
        self._known = known
        spelt = {form for one in secrets if one for form in (one, quote(one, safe=""))}
        self._secrets = sorted(spelt, key=len, reverse=True)

    def over(self, value: Any, name: str, levels: int) -> Any:
        if isinstance(value, str):
            return self._text(value, name)
        if isinstance(value, Mapping | list | tuple):
            return self._inside(value, name, levels) if levels else "…"
        if value is None or isinstance(value, bool) or name in self._known:
            return value
        if _SECRET.search(name):
            return HIDDEN
        return form_of(str(value)) if len(str(value)) > LONGEST_COUNT else value

    def _inside(self, value: Any, name: str, levels: int) -> Any:
        if isinstance(value, Mapping):
            return {
                self._said(str(key)[:100]): self.over(inner, str(key), levels - 1)
                for key, inner in value.items()
            }
        found = [self.over(one, name, levels - 1) for one in value[:MOST_ENTRIES]]
        more = len(value) - len(found)
        return [*found, f"… {more} more"] if more > 0 else found

    def _text(self, text: str, name: str) -> str:
        is_known = name in self._known
        if text and not is_known and _SECRET.search(name):
            return HIDDEN
        if text.startswith(("http://", "https://")):
            return _origin(text)
        if is_known and name not in _PLACES:
            return without(text, self._secrets)[:LONGEST_TEXT]
        if is_known or name in _TEXTS:
            return self._said(text)
        return form_of(text[:100]) if _NUMBER.search(name) else length_of(text)

    def _said(self, text: str) -> str:
        """A sentence, without the keys, numbers and addresses in it."""
        said = _PAIR.sub(rf"\1{HIDDEN}", without(text, self._secrets))[:LONGEST_TEXT]
        said = _LIKE_A_NUMBER.sub(lambda found: form_of(found[0]), said)
        return _EMAIL.sub(lambda found: f"a@{found[0].partition('@')[2]}", said)


def _origin(address: str) -> str:
    """Where an address leads; its path and query may hold a secret."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{parts.hostname or ''}/{HIDDEN}"


def is_masked(value: Any) -> bool:
    """Whether this is what `masked` put in place of a value."""
    text = str(value)
    signs = ("•", HIDDEN)
    return any(sign in text for sign in signs) or re.fullmatch(r"\(text, \d+\)", text) is not None
