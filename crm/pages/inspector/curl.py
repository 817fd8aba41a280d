"""Requests as lines of curl. What is masked becomes a variable of the shell: `$SESSION`, `$NUMBER`.

The person who runs the line fills them in; the log does not know them.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from crm.models import LoggedRequest
from crm.pages.inspector.entries import Entry
from crm.telephony.masking import is_masked

KEYS = {"app_token": "$APP_TOKEN", "session": "$SESSION"}


def curl_of_request(row: LoggedRequest, api_url: str) -> str:
    """A request to the vendor; its key is `$APP_TOKEN` or `$SESSION`."""
    fields = {"function": row.function, **row.params}
    key = f"{row.key}={KEYS.get(row.key, '$KEY')}"
    return "\n".join(
        [f"curl --get {shlex.quote(api_url)} \\", *_lines(fields), f'  --data-urlencode "{key}"']
    )


def curl_of_webhook(entry: Entry, public_url: str | None) -> str:
    """A webhook, as the vendor sends it. It is really recorded when it is run."""
    address = f"{public_url or 'http://localhost:5000'}/webhooks/{entry.name}/$WEBHOOK_SECRET"
    is_notification = entry.name == "notification"
    fields = entry.sent["parameters"] if is_notification else entry.sent
    lines = _lines(fields)
    get = "--get " if is_notification else ""
    return "\n".join([f'curl {get}"{address}" \\', *lines]).removesuffix(" \\")


def _lines(fields: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, value in fields.items():
        if is_masked(value):
            variable = re.sub(r"\W", "_", re.sub("number$", "_number", name)).strip("_").upper()
            lines.append(f'  --data-urlencode "{name}=${variable}" \\')
        else:
            lines.append(f"  --data-urlencode {shlex.quote(f'{name}={value}')} \\")
    return lines
