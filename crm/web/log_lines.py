"""Keeps secrets and line breaks out of the logs.

The webhooks' secrets are in their paths. A decoded path may contain line breaks, escape sequences
of a terminal and characters that change the direction of text. Used for the access log
(`crm.web.http`) and as a filter of every logger that writes parts of requests.
"""

import logging
import re
from urllib.parse import quote

SECRET = "..."  # noqa: S105 - replaces one
LONGEST_PATH = 300

# Anything after a webhook's name, even misspelt, and any word as long as a secret.
_SECRETS = re.compile(
    r"(webhooks?/+(?:(?:hangup|notification)/+)?|(?:hangup|notification)s?/+)[^\s'\"\]]+"
    r"|[\w-]{40,}",
    re.IGNORECASE | re.ASCII,
)


def without_secrets(text: str) -> str:
    """The text with the webhooks' secrets masked."""
    return _SECRETS.sub(lambda found: (found[1] or "") + SECRET, text)


def path_for_log(path_info: str) -> str:
    """A WSGI path (bytes as latin-1) as one ASCII word, cut when it is long."""
    masked = without_secrets(path_info)
    told = quote(masked.encode("latin-1", "replace"), safe="/:@!$&()*+,;=-._~")
    return told if len(told) <= LONGEST_PATH else f"{told[:LONGEST_PATH]}{SECRET}"


def one_line(text: str) -> str:
    """The text with unprintable characters, such as line breaks, written as escapes."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "replace").decode()
        for letter in text
    )


class CleanLines(logging.Filter):
    """Makes every record one line without secrets; a traceback follows below it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its message cleaned."""
        record.msg, record.args = one_line(without_secrets(record.getMessage())), ()
        return True
