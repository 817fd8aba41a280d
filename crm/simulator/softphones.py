"""The open softphone pages: what each was told, in order, and whether it still listens.

Owned by the switchboard, which holds its lock around every use. A page load is one `Softphone`;
when its event stream breaks and comes back, it goes on where it stopped. Another load - a reload
too - is another `Softphone`, and the calls of the earlier one are not handed over, as at the
vendor (guide, "Generic Softphone SSO").
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.simulator.sessions import Session

EVENTS_KEPT = 200


@dataclass(frozen=True)
class Event:
    """One thing a page is told. `number` counts from 1; `data` is ready for JSON."""

    number: int
    data: Mapping[str, Any]


@dataclass(eq=False)
class Softphone:
    """One load of the softphone page. `streams` counts the event streams open at this moment."""

    page: str
    session: Session
    streams: int = 0
    replaced: bool = False
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    told: int = 0

    @property
    def connected(self) -> bool:
        """Does anybody listen?"""
        return self.streams > 0 and not self.replaced

    def tell(self, **data: Any) -> None:
        """Add an event for the page."""
        self.told += 1
        self.events.append(Event(self.told, data))

    def since(self, number: int) -> list[Event]:
        """The events after that number which are still kept."""
        return [event for event in self.events if event.number > number]

    def messages(self) -> list[Mapping[str, Any]]:
        """The vendor's messages among the events, oldest first."""
        return [event.data["message"] for event in self.events if event.data.get("message")]


class Softphones:
    """All pages, one per session: a second page of a session replaces the first."""

    def __init__(self) -> None:
        self._pages: dict[str, Softphone] = {}

    def connect(self, page: str, session: Session) -> Softphone:
        """The page's softphone, made now if this is its first stream."""
        softphone = self.find(page, session.key) or self._opened(page, session)
        softphone.streams += 1
        return softphone

    def find(self, page: str, session_key: str) -> Softphone | None:
        """The page, if it was opened with that session. An expired session may go on here: a
        softphone that is registered stays registered.
        """
        softphone = self._pages.get(page)
        if softphone is None or softphone.session.key != session_key:
            return None
        return softphone

    def of_agent(self, email: str) -> Softphone | None:
        """The agent's newest page that listens."""
        for softphone in reversed(self._pages.values()):
            if softphone.session.agent.email == email and softphone.connected:
                return softphone
        return None

    def everyone(self) -> list[Softphone]:
        """All pages, the silent ones too."""
        return list(self._pages.values())

    def close_all(self) -> None:
        """Send every page away; their streams end."""
        for softphone in self._pages.values():
            _send_away(softphone, "The simulator was reset. Log in again.")
        self._pages.clear()

    def _opened(self, page: str, session: Session) -> Softphone:
        for other in self._pages.values():
            if other.session.key == session.key and not other.replaced:
                _send_away(other, "This softphone was opened again elsewhere.")
        for silent, other in list(self._pages.items()):
            if other.session.agent == session.agent and other.streams == 0:
                del self._pages[silent]
        self._pages[page] = softphone = Softphone(page, session)
        return softphone


def _send_away(softphone: Softphone, reason: str) -> None:
    softphone.replaced = True
    softphone.tell(gone=reason)
