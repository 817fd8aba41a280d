"""Finds the fields of a form that were not edited, so that they overwrite nothing.

The form's hidden field `shown` has a mark of each value as it was shown. A field that still has
that value takes the one that somebody else may have saved meanwhile. The forms of contacts and
settings use it.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask_wtf import FlaskForm

LENGTH = 16  # of a mark; it is no secret


def marks(values: Mapping[str, Any]) -> str:
    """The value of the hidden field."""
    return " ".join(f"{name}:{_mark(value)}" for name, value in values.items())


def untouched(typed: Mapping[str, Any], shown: str) -> list[str]:
    """Names of the fields that still are as they were shown; none when the form has no marks."""
    marked = shown.split()
    return [name for name, value in typed.items() if f"{name}:{_mark(value)}" in marked]


def keep_untouched(form: FlaskForm, stored: Mapping[str, Any]) -> None:
    """Give untouched fields their stored values; call it before the form is validated."""
    typed = {name: form[name].data for name in stored}
    for name in untouched(typed, form.shown.data or ""):
        form[name].data = stored[name]
    form.shown.data = marks(stored)


def _mark(value: Any) -> str:
    """Equal for values that read the same: browsers change line ends and add empty lines."""
    if isinstance(value, list):
        value = "\n".join(f"{line['raw']}\t{line['label']}" for line in value if line["raw"])
    text = str(value or "").replace("\r\n", "\n").replace("\x00", "").strip()
    return sha256(text.encode()).hexdigest()[:LENGTH]
