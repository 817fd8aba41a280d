"""An agent's browser at the CRM, as far as the server sees it: login, token, and what pages post.

Like `static/js/outbox.js` it sends a message of the softphone again until it has arrived; like
`dial.js` it never sends a dial twice.
"""

import html
import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode

from tests.soak.company import PASSWORD

HOST = "127.0.0.1"
SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
GIVE_UP_AFTER = 180.0
AGAIN_LATER = frozenset({400, 401, 408, 429})
FRAGMENT = {"HX-Request": "true", "HX-Target": "call-panel"}
UNREACHABLE = 0
FORM = "application/x-www-form-urlencoded"


class LostMessageError(Exception):
    """The CRM did not take a message of the softphone, however often it was sent."""


@dataclass(frozen=True)
class Answer:
    """What the CRM answered; status UNREACHABLE when it did not."""

    status: int
    text: str
    headers: Mapping[str, str]


class Browser:
    """One logged-in agent. All calls are made by the one thread of its desk."""

    def __init__(self, port: int, email: str) -> None:
        self.email = email
        self._port = port
        self._cookies: dict[str, str] = {}
        self._token = ""

    def log_in(self) -> str:
        """Log in with the form; returns the address of the softphone's page."""
        form = self._ask("GET", "/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
        fields = {
            "email": self.email,
            "password": PASSWORD,
            "csrf_token": token[1] if token else "",
        }
        answer = self._ask("POST", "/login", fields)
        if answer.status != HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"{self.email} could not log in: {answer.status}")
        page = self._ask("GET", "/contacts")
        self._token = _found(r'name="csrf-token"[^>]*content="([^"]+)"', page.text)
        return html.unescape(_found(r'data-src="([^"]+)"', page.text))

    def get(self, path: str) -> Answer:
        """A fragment; status UNREACHABLE while the CRM is down."""
        return self._ask("GET", path, headers=FRAGMENT)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form once."""
        return self._ask("POST", path, fields, FRAGMENT | {"X-CSRFToken": self._token})

    def post_until_taken(self, path: str, **fields: str) -> int:
        """Send a message of the softphone until it has arrived; how often it was sent in vain.

        Raises LostMessageError when the CRM refuses it or stays away.
        """
        pause, vain, until = FIRST_PAUSE, 0, time.monotonic() + GIVE_UP_AFTER
        while time.monotonic() < until:
            answer = self.post(path, **fields, sent=now())
            if answer.status == HTTPStatus.OK:
                return vain
            refused = answer.status not in AGAIN_LATER and answer.status >= HTTPStatus.BAD_REQUEST
            if refused and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise LostMessageError(f"{path}: {answer.status}")
            vain += 1
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise LostMessageError(f"{path}: the CRM did not come back")

    def _ask(
        self,
        method: str,
        path: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        body = None if fields is None else urlencode(fields)
        sent = {"Host": f"localhost:{self._port}", "Cookie": self._cookie()} | dict(headers or {})
        if body is not None:
            sent["Content-Type"] = FORM
        try:
            answer, text = self.exchange(method, path, body, sent)
        except (OSError, http.client.HTTPException):
            return Answer(UNREACHABLE, "", {})
        self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, text, dict(answer.headers))

    def exchange(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        """One request on a connection of its own. Raises OSError or HTTPException.

        A kept connection that the server has closed meanwhile would look like a lost request.
        """
        connection = http.client.HTTPConnection(HOST, self._port, timeout=SECONDS)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _keep_cookies(self, lines: list[str]) -> None:
        for line in lines:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value


def now() -> str:
    """The time as a page writes it."""
    return datetime.now(UTC).isoformat()


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"The page has no {pattern}.")
    return match[1]
