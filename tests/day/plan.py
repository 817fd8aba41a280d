"""What happens on the day, in which order."""

from collections.abc import Sequence
from enum import StrEnum


class Kind(StrEnum):
    """What kind of call; TWO and CALLED_BACK are two calls each."""

    KNOWN = "known"
    UNKNOWN = "unknown, becomes a contact"
    SHARED = "shared number"
    MASKED = "masked"
    ANONYMOUS = "anonymous"
    MISSED = "missed"
    REFUSED = "refused by the agent"
    TWO = "two at once"
    TRANSFERRED = "transferred"
    DIALLED = "dialled"
    BUSY = "dialled, refused"
    CALLED_BACK = "missed, called back"


class Event(StrEnum):
    """What happens beside calls, or in the middle of the next one."""

    NETWORK_LOST = "network lost in mid-call"
    LOGIN_LOST = "login lost in mid-call"
    SESSION_EXPIRED = "telephony session expired in mid-call"
    SECOND_TAB = "a second tab in mid-call"
    SECOND_BROWSER = "a second browser"
    TURKISH = "Turkish from here on"
    DARK = "dark from here on"
    LIGHT = "light from here on"


IN_MID_CALL = frozenset(
    {Event.NETWORK_LOST, Event.LOGIN_LOST, Event.SESSION_EXPIRED, Event.SECOND_TAB}
)
Plan = Sequence[Kind | Event]

_MORNING: Plan = (
    *(Kind.KNOWN, Kind.MISSED, Kind.UNKNOWN, Kind.DIALLED, Event.SECOND_TAB, Kind.KNOWN),
    *(Kind.SHARED, Kind.TWO, Kind.MASKED, Kind.BUSY, Event.LOGIN_LOST, Kind.KNOWN),
    *(Event.DARK, Kind.TRANSFERRED, Kind.CALLED_BACK, Event.SECOND_BROWSER, Kind.KNOWN),
    *(Kind.UNKNOWN, Event.SECOND_TAB, Kind.DIALLED, Kind.REFUSED, Kind.SHARED, Kind.ANONYMOUS),
    *(Event.SESSION_EXPIRED, Kind.KNOWN, Kind.MISSED, Kind.TWO, Kind.TRANSFERRED),
    *(Event.NETWORK_LOST, Kind.KNOWN, Kind.MASKED, Kind.UNKNOWN, Kind.KNOWN),
)
_AFTERNOON: Plan = (
    *(Event.TURKISH, Kind.KNOWN, Kind.TRANSFERRED, Kind.UNKNOWN, Kind.MISSED, Event.SECOND_TAB),
    *(Kind.SHARED, Kind.DIALLED, Event.LIGHT, Kind.TWO, Kind.BUSY, Kind.CALLED_BACK),
    *(Event.LOGIN_LOST, Kind.KNOWN, Kind.MASKED, Kind.REFUSED, Event.SECOND_BROWSER, Kind.KNOWN),
    *(Event.SESSION_EXPIRED, Kind.DIALLED, Kind.TRANSFERRED, Kind.ANONYMOUS, Kind.UNKNOWN),
    *(Event.SECOND_TAB, Kind.MISSED, Kind.SHARED, Event.DARK, Kind.TWO, Kind.KNOWN, Kind.MASKED),
    *(Kind.BUSY, Kind.REFUSED, Kind.TRANSFERRED, Kind.UNKNOWN, Kind.MISSED, Kind.DIALLED),
    *(Kind.KNOWN, Kind.SHARED),
)
WHOLE_DAY: Plan = (*_MORNING, *_AFTERNOON)
SHORT_DAY: Plan = (
    *(Event.LOGIN_LOST, Kind.UNKNOWN, Kind.TWO, Event.TURKISH, Kind.TRANSFERRED),
    *(Event.NETWORK_LOST, Kind.DIALLED, Kind.MISSED),
)


def calls_in(plan: Plan) -> int:
    """How many calls there will be."""
    double = (Kind.TWO, Kind.CALLED_BACK)
    return sum(2 if one in double else 1 for one in plan if isinstance(one, Kind))
