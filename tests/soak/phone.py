"""The softphone's page in an agent's browser: it listens to the simulator and presses its buttons.

The simulator's page does the same with an EventSource (`crm/simulator/static/softphone.js`).
"""

import http.client
import json
import queue
import threading
import uuid
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.soak.vendor import HOST, Vendor

STREAM_SECONDS = 30.0


class Phone:
    """One page. address: of the softphone, with its session, as the CRM's page has it."""

    def __init__(self, vendor: Vendor, address: str) -> None:
        self._vendor = vendor
        self._page = str(uuid.uuid4())
        self._session = parse_qs(urlsplit(address).query)["session"][0]
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._listening = threading.Thread(target=self._listen, daemon=True)

    def open(self) -> None:
        """Begin to listen; returns when the simulator knows this page."""
        self._listening.start()
        self._events.get(timeout=STREAM_SECONDS)

    def next_event(self, seconds: float) -> dict[str, Any] | None:
        """What the page is told next: `message` for its parent, `calls` as it draws them."""
        try:
            return self._events.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def press(self, call: int, button: str, **fields: str) -> None:
        """answer, reject, hang-up; or transfer, with the `agent` to whom."""
        self._vendor.press(call, button, page=self._page, session=self._session, **fields)

    def _listen(self) -> None:
        query = urlencode({"page": self._page, "session": self._session})
        connection = http.client.HTTPConnection(HOST, self._vendor.port, timeout=STREAM_SECONDS)
        try:
            connection.request("GET", f"/generic/events?{query}")
            answer = connection.getresponse()
            while line := answer.readline():
                if line.startswith(b"data: "):
                    self._events.put(json.loads(line[6:]))
        except (OSError, http.client.HTTPException):
            return  # the day is over
