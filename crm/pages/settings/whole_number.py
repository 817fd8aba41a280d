"""The field for a whole number, as the forms of retention and of a tenant have it."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from wtforms import IntegerField


class WholeNumberField(IntegerField):
    """What is no number has no value, and its range says what to enter: one sentence, not two."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take what was typed."""
        with suppress(ValueError):
            super().process_formdata(valuelist)
