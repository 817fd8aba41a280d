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

# The last three are no keys, but hangup_url holds a webhook's secret and the others are people.
_PARAMETERS = ("app_token", "session", "hangup_url", "email", "phonenumber", "agent_username")
_VALUE = re.compile(rf"\b({'|'.join(_PARAMETERS)})=[^&\s'\"<>)]*")
_PATH = re.compile(r'("[A-Z]+ )\S+')
_LOGGERS = ("connectionpool", "connection", "poolmanager", "response", "util.retry")

_path_is_secret = ContextVar("path_is_secret", default=False)


class SecretFilter(logging.Filter):
    """Rewrites a log record whose text holds ``app_token=…``, ``session=…`` and their like."""

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
    """Filter what urllib3 logs; a second time changes nothing."""
    for name in _LOGGERS:
        # On the loggers, not on a handler: whoever adds a handler later is served as well.
        logging.getLogger(f"urllib3.{name}").addFilter(_FILTER)


@contextmanager
def secret_path() -> Iterator[None]:
    """Hide whole addresses for a while: a recording's ends in a key, and so may where it leads."""
    token = _path_is_secret.set(True)
    try:
        yield
    finally:
        _path_is_secret.reset(token)


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text with secrets hidden, in case the vendor repeats our own request to us."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _VALUE.sub(rf"\1={HIDDEN}", text)
