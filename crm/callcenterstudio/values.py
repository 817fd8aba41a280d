"""Reads single values from the vendor's data, without ever raising.

Results and webhooks use it. Real answers leave fields out, write ``null``, ``""`` or the string
``"None"`` for "nothing", numbers as text and booleans as 1 and 0 (all seen in public clients). A
value that cannot be read is left empty and named in ``problems``.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_NOTHING = ("", "None", "null")
_UNFILLED = re.compile(r"\{\{[^{}]*\}\}")  # a macro of the IVR without a value
_LONGEST_TEXT = 255
_MOST_OFTEN = 1000
_MOST_DIGITS = 10**15  # a larger number in JSON may have lost its last digits
_LONGEST_DURATION = 10_000_000  # seconds; a third of a year is no call
_YEARS = range(1990, 2200)  # other years, like "0001-01-01", mean an unset field
_SHORTEST_MOMENT = len("2017-08-02 16:41")
_NUMBER = re.compile(r"\d{1,13}(\.\d+)?")
_MILLISECONDS = 10**11  # so many seconds are the year 5138; so many milliseconds the year 1973
_BLANK_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d$|Z$)")

# A plus is at the beginning of a number, also in "Name" <sip:+3221234567@host>. After it comes a
# country code, which never begins with a zero.
_WAS_PLUS_OF_NUMBER = re.compile(r"(^|[:<])\s+(?=\(?[1-9])")
_WAS_PLUS_OF_ADDRESS = re.compile(r"(?<=\S) (?=\S)")
_ADDRESS = re.compile(r"[^<>@]+@[^\s<>@]+")
_NAME_AND_ADDRESS = re.compile(r"[^<>@]*<([^<>@]+@[^\s<>@]+)>")


class Fields:
    """One record of the vendor, read field by field; collects the unreadable fields."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._problems: list[str] = []

    @property
    def problems(self) -> tuple[str, ...]:
        """Names of the fields whose value could not be read, in reading order."""
        return tuple(self._problems)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that the record has."""
        return tuple(str(name) for name in self._raw)

    def is_told(self, name: str) -> bool:
        """Whether there is such a field, even empty; an unfilled macro does not count."""
        value = self._raw.get(name, "{{}}")
        return not (isinstance(value, str) and _UNFILLED.fullmatch(value.strip()))

    def text(self, name: str, *, longest: int = _LONGEST_TEXT) -> str:
        """Return the field as text; "" if missing. Whole numbers become their digits."""
        value = self._value(name)
        if value is None:
            return ""
        # A key or a phone number without its quotes is a number in JSON.
        is_number = not isinstance(value, str) and _is_number(value)
        if is_number and abs(value) < _MOST_DIGITS and value == int(value):
            value = f"{value:.0f}"
        if not isinstance(value, str) or len(value) > longest:
            self._not_understood(name)
            return ""
        if value.isascii() and "\0" not in value:  # nearly every text
            return value
        # No database takes NUL or halves of surrogate pairs as text.
        return value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")

    def number(self, name: str) -> str:
        """Return a telephone number of a query or a form, whose plus may have become a space.

        A sender that writes ``?number=+3221234567`` without encoding it sends a space: a number in
        Brussels would become one in Adana.
        """
        value = self._raw.get(name)
        blank = " " if isinstance(value, str) and value[:1].isspace() else ""
        return _WAS_PLUS_OF_NUMBER.sub(r"\1+", blank + self.text(name)).strip()

    def email(self, name: str) -> str:
        """Return an address of a query or a form: a space within it was a plus as well.

        ``Name <address>`` gives the address, by which agents are known.
        """
        text = self.text(name)
        text = _NAME_AND_ADDRESS.sub(r"\1", text)
        return _WAS_PLUS_OF_ADDRESS.sub("+", text) if _ADDRESS.fullmatch(text) else text

    def moment(self, name: str) -> datetime | None:
        """Return ``YYYY-MM-DD HH:MM:SS``, which is the tenant's local time, as a naive datetime.

        ISO with an offset or ``Z``, and seconds or milliseconds since 1970, name a moment in any
        zone, which is returned aware. Nobody has seen the vendor send them.
        """
        value = self._value(name)
        if value in (None, 0, "0"):
            return None
        moment = None
        try:
            if _is_number(value) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
                seconds = float(value)
                seconds = seconds / 1000 if seconds >= _MILLISECONDS else seconds
                moment = datetime.fromtimestamp(seconds, UTC)
            elif isinstance(value, str) and len(value) >= _SHORTEST_MOMENT:
                moment = datetime.fromisoformat(_BLANK_BEFORE_OFFSET.sub("", value))
        except (TypeError, ValueError, OverflowError, OSError):  # a time in a far century
            pass
        if moment is None or moment.year not in _YEARS:
            self._not_understood(name)
            return None
        return moment

    def flag(self, name: str) -> bool | None:
        """Return true or false from booleans, 1 and 0, and their text; None when unset."""
        value = self._value(name)
        if value is None:
            return None
        if isinstance(value, str):
            value = {"true": 1, "1": 1, "false": 0, "0": 0}.get(value.lower())
        if isinstance(value, int | float) and value in (0, 1):
            return bool(value)
        self._not_understood(name)
        return None

    def times(self, name: str) -> int | None:
        """Return a count: a whole number, or true and false for once and never."""
        value = self._value(name)
        if value is None:
            return None
        if isinstance(value, str):
            value = {"true": 1, "false": 0}.get(value.lower(), value)
        try:
            often = int(value)
        except (TypeError, ValueError, OverflowError):
            often = -1
        if not 0 <= often <= _MOST_OFTEN:
            self._not_understood(name)
            return None
        return often

    def seconds(self, name: str) -> int | None:
        """Return whole seconds, from a number or its text; None when unset."""
        value = self._value(name)
        if value is None:
            return None
        try:
            seconds = float(value) if isinstance(value, str) else value
        except ValueError:
            self._not_understood(name)
            return None
        if not _is_number(seconds) or not 0 <= seconds <= _LONGEST_DURATION:
            self._not_understood(name)
            return None
        return int(seconds)

    def _value(self, name: str) -> Any:
        value = self._raw.get(name)
        if isinstance(value, str):
            value = value.strip()
            unset = value in _NOTHING or (value[0] == "{" and _UNFILLED.fullmatch(value))
            return None if unset else value
        return value

    def _not_understood(self, name: str) -> None:
        self._problems.append(name)


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return not math.isnan(value)
    return isinstance(value, int) and not isinstance(value, bool)
