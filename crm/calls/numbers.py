"""Whose number it is: which of the numbers told is the caller's, and whether people may see it.

Used by `crm.calls.fold`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crm.calls.readings import Reading
from crm.models import EventSource
from crm.phone_numbers import caller_kind, normal_form

LONGEST_NORMAL_FORM = 50


@dataclass(frozen=True)
class Number:
    """The other party. `normal_form` of a masked one may be known, for the match alone."""

    as_it_came: str
    normal_form: str | None
    kind: str


def number_of(readings: Iterable[Reading], region: str) -> tuple[Number, EventSource | None]:
    """The other party's number and who told it; `readings` with the surest first.

    Once any source says that the tenant hides the number, nobody sees it, even if another source
    tells it.
    """
    told = [reading for reading in readings if reading.number is not None]
    readable = _first(told, lambda number: caller_kind(number) == "number")
    best = readable or _first(told, bool)
    as_it_came = (best.number if best else None) or ""
    normal = normal_form(as_it_came, region) if readable else ""
    known = 0 < len(normal) <= LONGEST_NORMAL_FORM
    number = Number(as_it_came, normal if known else None, _kind(told, readable))
    return number, best.source if best else None


def _first(told: list[Reading], fits: Callable[[str], bool]) -> Reading | None:
    return next((reading for reading in told if fits(reading.number or "")), None)


def _kind(told: list[Reading], readable: Reading | None) -> str:
    if any(reading.withheld or caller_kind(reading.number) == "masked" for reading in told):
        return "masked"
    if readable is not None or not told:
        return "number"
    return "anonymous"
