"""Parts of a recording: which bytes are wanted, which come. `recordings.fetch` uses it."""

import re
from dataclasses import dataclass

from .errors import BadAnswer, RangeNotThere

LARGEST = 1024**3  # bytes; eight hours of uncompressed speech are half of it

_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)


@dataclass(frozen=True)
class Part:
    """Which bytes are wanted: from ``first`` to ``last`` (None: to the end), or the last ``-first``
    of them when ``first`` is negative.
    """

    first: int
    last: int | None = None

    def __str__(self) -> str:
        if self.first < 0:
            return f"bytes={self.first}"
        return f"bytes={self.first}-{'' if self.last is None else self.last}"


def told_part(content_range: str, part: Part | None) -> tuple[int, int, int]:
    """First byte, length and total of what the vendor says that it sends (``Content-Range``).

    Raises BadAnswer when that is not what was asked for.
    """
    told = _CONTENT_RANGE.fullmatch(content_range)
    if told is None or part is None or told[3] == "*":
        raise BadAnswer("Call Center Studio sends a part of the recording and does not say which.")
    first, last, total = (int(group) for group in told.groups())
    wanted = part.first if part.first >= 0 else max(0, total + part.first)
    if first != wanted or not first <= last < total <= LARGEST:
        raise BadAnswer("Call Center Studio sends another part of the recording than was asked.")
    if part.last is not None:
        last = min(last, part.last)
    return first, last - first + 1, total


def own_part(length: int | None, part: Part | None) -> tuple[int, int | None, int | None]:
    """First byte, length and total of the part to cut out of a whole, all of it if none is wanted.

    A whole of unknown length cannot be cut. Raises RangeNotThere.
    """
    if part is None or length is None:
        return 0, length, length
    first = part.first if part.first >= 0 else max(0, length + part.first)
    if first >= length:
        raise RangeNotThere(length)
    last = length - 1 if part.last is None else min(part.last, length - 1)
    return first, last - first + 1, length


def number(text: str | None) -> int | None:
    """A whole number from a header, None for anything else."""
    return int(text) if text and _NUMBER.fullmatch(text) else None
