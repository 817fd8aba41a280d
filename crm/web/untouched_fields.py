"""Which fields of a form its writer has not touched: those that read as they were shown.

The form carries a mark of each field as it was shown; a field that nobody typed in is no edit, and
takes what somebody else has saved in it meanwhile. Forms of contacts and settings use it.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask_wtf import FlaskForm

LENGTH = 16  # of a mark; it tells texts apart and keeps no secret


def marks(values: Mapping[str, Any]) -> str:
    """What the form carries."""
    return " ".join(f"{name}:{_mark(value)}" for name, value in values.items())


def untouched(typed: Mapping[str, Any], shown: str) -> list[str]:
    """Names of the fields that are as they were shown; none, where the form carries no marks."""
    marked = shown.split()
    return [name for name, value in typed.items() if f"{name}:{_mark(value)}" in marked]


def keep_untouched(form: FlaskForm, now: Mapping[str, Any]) -> None:
    """Of a form with a field `shown`, before it is validated: untouched fields take what is on
    record `now`.
    """
    typed = {name: form[name].data for name in now}
    for name in untouched(typed, form.shown.data or ""):
        form[name].data = now[name]
    form.shown.data = marks(now)


def _mark(value: Any) -> str:
    """The same for what reads the same: browsers write line ends their own way, and empty lines."""
    if isinstance(value, list):
        value = "\n".join(f"{line['raw']}\t{line['label']}" for line in value if line["raw"])
    text = str(value or "").replace("\r\n", "\n").replace("\x00", "").strip()
    return sha256(text.encode()).hexdigest()[:LENGTH]
