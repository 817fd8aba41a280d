"""The answers that mean "later": HTTP 429 and 5xx, of the API (`envelope.py`) or of a recording."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from .errors import TRY_AGAIN, CallCenterStudioError, RateLimited, ServerFailure


def not_now(status: int, headers: Mapping[str, str]) -> CallCenterStudioError | None:
    """What a 429 or a 5xx means; None for any other status."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(
            f"Call Center Studio asks us to slow down. {TRY_AGAIN}",
            retry_after=retry_after(headers),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerFailure(
            f"Call Center Studio has a problem of its own (HTTP {status}). {TRY_AGAIN}",
            status=status,
            retry_after=retry_after(headers),
        )
    return None


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
