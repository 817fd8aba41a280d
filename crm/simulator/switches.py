"""The simulator's switches: faults to try the CRM against, and how the far side behaves.

Set on the console page and by its JSON control API; read by the API and the switchboard.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any

LONGEST_SECONDS = 60.0
MOST_PAGES = 10_000
CHOICES = {
    "api_answers": ("json", "500", "html", "429", "dropped"),
    "after_reject": ("end", "queue"),
    "hangup_posts": (0, 1, 2),
    "notification_posts": (0, 1, 2),
    "recordings_answer": ("audio", "missing", "redirect"),
}
SHARES = ("webhooks_lost", "webhooks_doubled", "webhooks_late")
PAGES = (
    *("pages_500", "pages_slow", "pages_html", "pages_repeated", "pages_refused"),
    *("pages_growing", "pages_odd"),
)


class SwitchError(ValueError):
    """A switch that does not exist or a value it cannot take; the text says which."""


@dataclass
class Switches:
    """One value per switch; the defaults are a vendor in good health.

    api_answers: "json", or what every API call gets instead: "500", "html" (status 200),
      "429" (with Retry-After), "dropped" (the connection is closed without an answer).
    slow_seconds: how long each API answer is held back.
    refuse_login: `login` answers false with a message.
    expired_dial_is_404: click2call with a wrong or expired session is answered with HTTP 404, as
      one public client saw; otherwise with 200 and the message, as the vendor's wiki says.
    far_side_answers_after: seconds until the far side of an outbound call answers by itself;
      None leaves it to the console.
    key_after: seconds between `Dial` and `OutgoingActiveCallKey`.
    cdr_delay: seconds between a hangup and the moment its record can be read.
    hangup_posts: how often a hangup POST is sent: lost (0), once, twice.
    hangup_post_delay: seconds between the hangup and its POST.
    notification_posts, notification_delay: the same of the IVR's notification.
    after_reject: a rejected inbound call ends, or waits in its queue to be offered again.

    webhooks_lost, webhooks_doubled, webhooks_late: share (0 to 1) of hangup posts and
      notifications that meets that; late by webhooks_late_seconds.
    pages_…: so many of the next pages of reportsCDRLogs by dates meet a fault; it counts down.
      500, html: instead of the page. slow: held back pages_slow_seconds. repeated: the page before
      comes again. refused: the cursor is refused as expired. growing: calls end meanwhile and
      shift the list, so that records come twice. odd: records with odd values among the others.
    recording_delay: seconds between a hangup and the moment its recording can be fetched.
    recordings_answer: "audio", "missing" (404), or "redirect" to another host.
    """

    api_answers: str = "json"
    slow_seconds: float = 0.0
    refuse_login: bool = False
    expired_dial_is_404: bool = True
    far_side_answers_after: float | None = 2.5
    key_after: float = 0.3
    cdr_delay: float = 2.0
    hangup_posts: int = 1
    hangup_post_delay: float = 0.0
    notification_posts: int = 1
    notification_delay: float = 0.0
    after_reject: str = "end"
    webhooks_lost: float = 0.0
    webhooks_doubled: float = 0.0
    webhooks_late: float = 0.0
    webhooks_late_seconds: float = 5.0
    pages_500: int = 0
    pages_slow: int = 0
    pages_html: int = 0
    pages_repeated: int = 0
    pages_refused: int = 0
    pages_growing: int = 0
    pages_odd: int = 0
    pages_slow_seconds: float = 15.0
    recording_delay: float = 0.0
    recordings_answer: str = "audio"

    def change(self, values: Mapping[str, Any]) -> None:
        """Set some switches, all or none of them. Raises SwitchError."""
        checked = {name: self._checked(name, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """The values by name, ready for JSON."""
        return asdict(self)

    def _checked(self, name: str, value: Any) -> Any:
        if name not in {field.name for field in fields(self)}:
            raise SwitchError(f"There is no switch named {name}.")
        if name in CHOICES:
            return _one_of(name, value)
        if isinstance(getattr(Switches, name), bool):
            return _yes_or_no(name, value)
        if value is None and name == "far_side_answers_after":
            return None
        if name in PAGES:
            return _pages(name, value)
        return _share(name, value) if name in SHARES else _seconds(name, value)


def _one_of(name: str, value: Any) -> Any:
    if isinstance(value, bool) or value not in CHOICES[name]:
        raise SwitchError(f"{name} is one of {', '.join(map(str, CHOICES[name]))}.")
    return value


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SwitchError(f"{name} is true or false.")
    return value


def _pages(name: str, value: Any) -> int:
    if not _is_number(value) or value != int(value) or not 0 <= value <= MOST_PAGES:
        raise SwitchError(f"{name} is a whole number of pages from 0 to {MOST_PAGES}.")
    return int(value)


def _share(name: str, value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= 1:
        raise SwitchError(f"{name} is a share from 0 to 1.")
    return float(value)


def _seconds(name: str, value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= LONGEST_SECONDS:
        raise SwitchError(f"{name} is a number of seconds from 0 to {LONGEST_SECONDS:.0f}.")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
