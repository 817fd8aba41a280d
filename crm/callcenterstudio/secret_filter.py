"""Keeps secrets out of the log lines of urllib3, which writes whole addresses at DEBUG.

The client installs it once. The vendor's guide puts all parameters into the query string, app
token and session among them, so the address of each request is itself a secret.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HIDDEN = "***"

# The last three are no keys: hangup_url holds a webhook's secret, the others are about people.
_PARAMETERS = ("app_token", "session", "hangup_url", "email", "phonenumber", "agent_username")
_VALUE = re.compile(rf"\b({'|'.join(_PARAMETERS)})=[^&\s'\"<>)]*")
_PATH = re.compile(r'("[A-Z]+ )\S+')
_LOGGERS = ("connectionpool", "connection", "poolmanager", "response", "util.retry")

_path_is_secret = ContextVar("path_is_secret", default=False)


class SecretFilter(logging.Filter):
    """Rewrites log records that hold ``app_token=…``, ``session=…`` and the like."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with the values of secret parameters hidden."""
        text = record.getMessage()
        hidden = _VALUE.sub(rf"\1={HIDDEN}", text)
        if _path_is_secret.get():
            hidden = _PATH.sub(rf"\1{HIDDEN}", hidden)
        if hidden != text:
            record.msg, record.args = hidden, ()
        return True


_FILTER = SecretFilter()


def install() -> None:
    """Install the filter for urllib3's logs; a second time changes nothing."""
    for name in _LOGGERS:
        # On the loggers, not on a handler, so that handlers added later get it too.
        logging.getLogger(f"urllib3.{name}").addFilter(_FILTER)


@contextmanager
def secret_path() -> Iterator[None]:
    """Hide whole addresses for a while: a recording's ends in a key, and so may a redirect."""
    token = _path_is_secret.set(True)
    try:
        yield
    finally:
        _path_is_secret.reset(token)


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text with secrets hidden, because the vendor may repeat our own request."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _VALUE.sub(rf"\1={HIDDEN}", text)
