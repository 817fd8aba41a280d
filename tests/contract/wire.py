"""The API as it is, without the client, which takes more forms than the vendor is known to send."""

from dataclasses import dataclass, field
from typing import Any

import requests

SECONDS = 20


@dataclass(frozen=True)
class Heard:
    """An answer: its status, its content type, and what it says as JSON (None: it is none)."""

    status: int
    content_type: str
    content: Any


@dataclass(frozen=True)
class Wire:
    """Asks the functions of one tenant's API."""

    api_url: str
    app_token: str = field(repr=False)

    def ask(self, function: str, **params: str) -> Heard:
        """Ask with these parameters; with the app token, unless a session is among them."""
        key = {} if "session" in params else {"app_token": self.app_token}
        query = {"function": function, **key, **params}
        answer = requests.get(self.api_url, params=query, timeout=SECONDS, allow_redirects=False)
        try:
            content = answer.json()
        except requests.JSONDecodeError:
            content = None
        return Heard(answer.status_code, answer.headers.get("Content-Type", ""), content)
