"""Tells success from failure in an answer of the vendor; only the client calls it.

An HTTP 200 can be a failure: ``success`` or ``login`` is false, or there is nothing but a
``message`` (seen in public clients). Bodies can be plain text or HTML. A wrong or expired key
is answered with "Yanlış API anahtarı", "wrong API key" (vendor's page), whichever key it was:
what was sent tells whether the app token or the session is meant.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Literal

from .errors import (
    TRY_AGAIN,
    BadAnswer,
    CallCenterStudioError,
    LoginRefused,
    RateLimited,
    Refused,
    ServerFailure,
    SessionExpired,
    WrongAppToken,
)
from .secret_filter import without
from .transport import Answer

_LONGEST_MESSAGE = 300
_WRONG_KEY = (
    "yanlis api anahtari",  # the vendor's own words
    "wrong api key",  # the rest are guesses at an English or newer wording
    "invalid api key",
    "invalid app_token",
    "invalid session",
    "session expired",
)


@dataclass(frozen=True)
class Question:
    """What was asked, and with which key: the same answer means different things."""

    function: str
    key: Literal["app_token", "session"]
    secrets: tuple[str, ...] = field(repr=False)
    payload: str = ""  # the part of the answer that proves success where "success" is missing


def opened(answer: Answer, question: Question) -> Mapping[str, Any]:
    """Return the answer's JSON object; raise the error that it stands for.

    Raises SessionExpired, WrongAppToken, LoginRefused, Refused, RateLimited, ServerFailure or
    BadAnswer.
    """
    content = _content(answer)
    said = without(_message(content), question.secrets)[:_LONGEST_MESSAGE]
    error = _key_error(answer, content, said, question) or _http_error(answer, content, said)
    if error is not None:
        raise error
    if not isinstance(content, dict):
        raise BadAnswer(
            f"The API address answered with {_kind(content)} instead of an API answer. "
            "Check the tenant's API address."
        )
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES or _failed(content, question):
        raise _refusal(question, said)
    return content


def _content(answer: Answer) -> object:
    """Return the parsed JSON, or the text itself when it is none."""
    text = answer.body.decode("utf-8-sig", "replace").strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _message(content: object) -> str:
    """Return the vendor's own words: of the envelope, or a short plain text."""
    if isinstance(content, dict):
        found = content.get("message") or content.get("error") or ""
        return found.strip() if isinstance(found, str) else ""
    if isinstance(content, str) and len(content) <= _LONGEST_MESSAGE and not _is_html(content):
        return content
    return ""


def _key_error(
    answer: Answer, content: object, said: str, question: Question
) -> CallCenterStudioError | None:
    wrong = any(words in _folded(said) for words in _WRONG_KEY)
    if isinstance(content, dict) and _is_no(content.get("login")):
        # To login this is a refusal, to all else the guide's sign to make a new session.
        wrong = wrong or question.function != "login"
    else:
        wrong = wrong or _status_of_a_wrong_key(answer.status, content, question)
    if not wrong:
        return None
    if question.key == "session":
        return SessionExpired(
            "The telephony session has expired. Log in to Call Center Studio again.",
            vendor_message=said,
        )
    return WrongAppToken(
        "Call Center Studio does not accept this tenant's app token. "
        "An administrator can set a new one in the settings.",
        vendor_message=said,
    )


def _status_of_a_wrong_key(status: int, content: object, question: Question) -> bool:
    """401 and 403 are guesses; 404 to click2call was seen with an expired session."""
    if status == HTTPStatus.NOT_FOUND:
        return question.key == "session" and question.function.startswith("click2")
    if status == HTTPStatus.FORBIDDEN:
        return not _is_html(content)  # a web page comes from something in between
    return status == HTTPStatus.UNAUTHORIZED


def _http_error(answer: Answer, content: object, said: str) -> CallCenterStudioError | None:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(
            f"Call Center Studio asks us to slow down. {TRY_AGAIN}",
            retry_after=retry_after(answer.headers),
        )
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerFailure(
            f"Call Center Studio has a problem of its own (HTTP {answer.status}). {TRY_AGAIN}",
            status=answer.status,
            retry_after=retry_after(answer.headers),
        )
    if answer.status < HTTPStatus.MULTIPLE_CHOICES or (isinstance(content, dict) and said):
        return None
    elsewhere = answer.status < HTTPStatus.BAD_REQUEST
    what = "wants to send us elsewhere" if elsewhere else "does not answer as the API does"
    return BadAnswer(
        f"The API address {what} (HTTP {answer.status}). Check the tenant's API address."
    )


def _failed(content: dict[str, Any], question: Question) -> bool:
    if _is_no(content.get("success")) or _is_no(content.get("login")):
        return True
    if _is_yes(content.get("success")) or _is_yes(content.get("login")):
        return False
    return not (question.payload and question.payload in content) and bool(
        content.get("message") or content.get("error")
    )


def _refusal(question: Question, said: str) -> Refused:
    reason = f": {said}" if said else ", without saying why."
    if question.function == "login":
        return LoginRefused(
            f"Call Center Studio refused the agent's login{reason}", vendor_message=said
        )
    return Refused(f"Call Center Studio refused{reason}", vendor_message=said)


def _is_no(value: object) -> bool:
    return value is False or value == 0 or str(value).lower() in ("false", "0")


def _is_yes(value: object) -> bool:
    return value is True or value == 1 or str(value).lower() in ("true", "1")


def _is_html(content: object) -> bool:
    return isinstance(content, str) and content.lstrip().startswith("<")


def _kind(content: object) -> str:
    if content == "":
        return "nothing"
    if isinstance(content, str):
        return "a web page" if _is_html(content) else "plain text"
    return "JSON of another shape"


def _folded(text: str) -> str:
    """Small letters without marks, the dotless i dotted: how Turkish words compare safely."""
    letters = unicodedata.normalize("NFKD", text.replace("ı", "i").replace("İ", "i").lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


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
