"""What stands in a line of a log: neither a secret nor anything that makes a second line of it.

The webhooks' secrets stand in their paths. A path, decoded, may hold line breaks, a terminal's
escape sequences and signs that turn the direction of text. Used for the access log (`crm.web.http`)
and as a filter of every logger that writes what somebody asked for.
"""

import logging
import re
from urllib.parse import quote

SECRET = "..."  # noqa: S105 - stands in the place of one
LONGEST_PATH = 300

# After a webhook's name, however it is misspelt; and whatever is as long as a secret.
_SECRETS = re.compile(
    r"(webhooks?/+(?:(?:hangup|notification)/+)?|(?:hangup|notification)s?/+)[^\s'\"\]]+"
    r"|[\w-]{40,}",
    re.IGNORECASE | re.ASCII,
)


def without_secrets(text: str) -> str:
    """The same text, secrets of webhooks masked."""
    return _SECRETS.sub(lambda found: (found[1] or "") + SECRET, text)


def path_for_log(path_info: str) -> str:
    """A path of WSGI (bytes as latin-1) as one word of ASCII; long ones are cut."""
    masked = without_secrets(path_info)
    told = quote(masked.encode("latin-1", "replace"), safe="/:@!$&()*+,;=-._~")
    return told if len(told) <= LONGEST_PATH else f"{told[:LONGEST_PATH]}{SECRET}"


def one_line(text: str) -> str:
    """Text whose signs that are not printed - line breaks among them - are written as escapes."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "replace").decode()
        for letter in text
    )


class CleanLines(logging.Filter):
    """Makes every record one line without secrets; the trace of an error stands below it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its message cleaned."""
        record.msg, record.args = one_line(without_secrets(record.getMessage())), ()
        return True
