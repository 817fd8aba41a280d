"""An agent at the cluster: `tests/soak`'s desk behind TLS, with a page that polls as it says.

The page's HTML tells what it asks for by itself (`hx-get` with `hx-trigger="every …"`), so a
changed template changes the load.
"""

import http.client
import re
import ssl
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from queue import SimpleQueue
from random import Random
from typing import Any

from crm.simulator.seed import Tenant
from tests.cluster.times import CutDial, Times, Trouble
from tests.soak.browser import SECONDS, Browser, LostMessageError
from tests.soak.desk import Desk
from tests.soak.numbers import known_numbers, some_number
from tests.soak.plan import Kind
from tests.soak.tally import Tally
from tests.soak.vendor import Vendor

# static/js/softphone-key.js and still-there.js
CHECK_KEY_EVERY = 300.0
LOOK_AGAIN_AFTER = 5.0
# call-panel-redraw.js: after these, lists and the badge are asked for (`calls-changed`).
CHANGE_LISTS = frozenset({"IncomingCall", "Dial", "Talking", "Hangup"})
ASKS = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="[^"]*\bevery (\d+)s')
OPENS = re.compile(r'data-opens="([^"]+)"')
HISTORY = re.compile(r'hx-get="(/contacts/\d+/calls[^"]*)"')
BADGE = "/missed/badge"
KINDS = (Kind.ANSWERED, Kind.ANSWERED, Kind.GIVEN_UP, Kind.DIALLED, Kind.DIALLED, Kind.BUSY)
KNOWN = known_numbers(Random(2))


class KeptBrowser(Browser):
    """Speaks TLS on one kept connection, as a browser does. card: its last answer of a card."""

    def __init__(
        self, port: int, email: str, address: str, trusted: ssl.SSLContext, times: Times
    ) -> None:
        super().__init__(port, email)
        self._connection = http.client.HTTPSConnection(
            "localhost",
            port,
            timeout=SECONDS,
            context=trusted,
            source_address=(address, 0),
        )
        self._times = times
        self.trouble = Trouble(times)
        self.card = ""
        self._cut_dial: tuple[float, float] | None = None  # told when, and after how many seconds

    def exchange(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        """Timed. What is only read is asked for once more when the kept connection was closed."""
        began = time.monotonic()
        is_good = False
        try:
            answer, text = self._exchange(method, path, body, headers)
            is_good = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
            if not is_good and "hx-request" not in (answer.getheader("Vary") or "").lower():
                # nginx's own (static/js/requests.js): a dial may have reached the vendor.
                raise http.client.HTTPException(f"{answer.status} of the proxy")
        finally:
            now = time.monotonic()
            self._times.note(f"{method} {path}", now - began, is_good=is_good)
            self.trouble.note(began, is_good=is_good)
            if path == "/dial" and not is_good:
                self._cut_dial = (now, now - max(began, self._times.stopped_at))
        if is_good and path.startswith(("/screen-pop", "/call-panel/")):
            self.card = text
        return answer, text

    def end_doubt(self, *, has_rung: bool) -> None:
        """Whether the last dial has rung is known now, if it was in doubt."""
        if self._cut_dial is not None:
            told_at, told = self._cut_dial
            self._times.cut_dials.append(CutDial(told, time.monotonic() - told_at, has_rung))
            self._cut_dial = None

    def _exchange(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        was_open = self._connection.sock is not None
        try:
            self._connection.request(method, path, body, dict(headers))
            answer = self._connection.getresponse()
            return answer, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            if method == "GET" and was_open:
                return self._exchange(method, path, body, headers)
            raise


class PollingDesk(Desk):
    """Works until `finish`; between the calls its page polls. every: seconds between two calls,
    None while nobody calls.
    """

    def __init__(
        self, tenant: Tenant, browser: KeptBrowser, vendor: Vendor, tally: Tally, every: float
    ) -> None:
        super().__init__(tenant, browser, vendor, SimpleQueue(), tally)
        self._page = browser
        self._every = every
        self._look_at = 0.0
        self._is_busy = False
        self._over = False
        now = time.monotonic()
        # Agents log in all day long, so their pages do not poll at the same moment.
        self._badge_at = now + self._random.uniform(0, 30)
        self._key_at = now + self._random.uniform(0, CHECK_KEY_EVERY)
        self._asked_at: dict[str, float] = {}
        browser.post("/softphone/check")

    def begin_calls(self) -> None:
        """From now on the phone rings, and the agent dials."""
        self._is_busy = True

    def finish(self) -> None:
        """After the call that is under way."""
        self._over = True

    def run(self) -> None:
        """Poll; and call, once that has begun."""
        next_at: float | None = None
        while not self._over:
            self._wait_for(lambda: self._over, 0.5)
            if not self._is_busy:
                continue
            now = time.monotonic()
            if next_at is None:
                next_at = now + self._random.uniform(0, self._every)
            if now >= next_at:
                self._work.put(self._random.choice(KINDS))
                super().run()
                self._be_done()
                next_at += self._every

    def _be_done(self) -> None:
        """Press Done, again if need be. The call may have failed before the page heard of it."""
        self._page.card = ""
        if not self._cid:
            return
        try:
            self._page.post_until_taken(f"/call-panel/{self._cid}/done", note="", outcome="")
        except LostMessageError as error:
            self._tally.complain(f"{self.name}: {error}")

    @staticmethod
    def draw_caller(random: Random) -> str:
        """Half of the callers are known."""
        return random.choice(KNOWN) if random.random() < 0.5 else some_number(random)

    def _dial(self, kind: Kind) -> bool:
        happened = super()._dial(kind)
        self._page.end_doubt(has_rung=False)
        return happened

    def _wait_for(self, reached: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not reached():
            self._poll()
            left = until - time.monotonic()
            event = self._phone.next_event(min(left, 0.5))
            if event is not None:
                self._hear(event)
            elif left <= 0:
                return False
        return True

    def _hear(self, event: dict[str, Any]) -> None:
        super()._hear(event)
        message = event.get("message")
        if not message:
            return
        if message["messageType"] == "Dial":
            self._page.end_doubt(has_rung=True)
        if message["messageType"] == "IncomingCall" and (opens := OPENS.search(self._page.card)):
            contact = self._page.get(opens[1])
            if history := HISTORY.search(contact.text):
                self._page.get(history[1])
        if message["messageType"] in CHANGE_LISTS:
            self._ask_badge()

    def _poll(self) -> None:
        now = time.monotonic()
        if self._page.trouble.is_on and now >= self._look_at:
            self._look_at = now + LOOK_AGAIN_AFTER
            self._page.get("/softphone")
        if now >= self._badge_at:
            self._ask_badge()
        if now >= self._key_at and not self._types:
            self._key_at = now + CHECK_KEY_EVERY
            self._page.post("/softphone/check")
        for path, seconds in ASKS.findall(self._page.card):
            due = self._asked_at.setdefault(path, now + int(seconds))
            if now >= due:
                self._asked_at[path] = now + int(seconds)
                answer = self._page.get(path)
                if answer.status == HTTPStatus.OK:
                    return  # another card

    def _ask_badge(self) -> None:
        self._badge_at = time.monotonic() + 30
        self._page.get(BADGE)
