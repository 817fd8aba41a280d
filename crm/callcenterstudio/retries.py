"""When a question is asked again: reads only, a few times, and never past the deadline.

Used by the client. Dials, holds, hangups and logins do not come through here: each of them
does something, and must be done once.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from .errors import CallCenterStudioError, RateLimited, ServerFailure

T = TypeVar("T")
_PAUSES = (0.5, 1.0)  # seconds after the first and the second failure


def repeated(ask: Callable[[], T], *, deadline: float, sleep: Callable[[float], None]) -> T:
    """Call ``ask`` until it answers; raise its last error when it may not be asked again.

    Errors whose ``retryable`` is false are raised at once, and so are those that would have to
    be waited for until after ``deadline`` (of `time.monotonic`).
    """
    for pause in _PAUSES:
        try:
            return ask()
        except CallCenterStudioError as error:
            seconds = _wished_pause(error, pause)
            if not error.retryable or time.monotonic() + seconds >= deadline:
                raise
        sleep(seconds)
    return ask()


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Read ``Retry-After``, seconds or an HTTP date, as seconds from now; None without one."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _wished_pause(error: CallCenterStudioError, otherwise: float) -> float:
    wish = error.retry_after if isinstance(error, RateLimited | ServerFailure) else None
    return otherwise if wish is None else wish
