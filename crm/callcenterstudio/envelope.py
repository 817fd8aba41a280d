"""Distinguishes success and failure in the vendor's answers. `api.py` calls `opened`.

An HTTP 200 can be a failure: ``success`` or ``login`` is false, or there is nothing but a
``message`` (seen in public clients). Bodies can be plain text or HTML. A wrong or expired key is
answered with "Yanlış API anahtarı", "wrong API key" (vendor's page), for both kinds of key: the
request decides whether the app token or the session is meant.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from .errors import (
    BadAnswer,
    LoginRefused,
    Refused,
    SessionExpired,
    WrongAppToken,
)
from .not_now import not_now
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
    """The request and its kind of key: the same answer means different things."""

    function: str
    key: Literal["app_token", "session"]
    secrets: tuple[str, ...] = field(repr=False)
    payload: str = ""  # the field that proves success if "success" is missing


def opened(answer: Answer, question: Question) -> Mapping[str, Any]:
    """Return the answer's JSON object, or raise the error that it means.

    Raises SessionExpired, WrongAppToken, LoginRefused, Refused, RateLimited, ServerFailure or
    BadAnswer.
    """
    text = answer.body.decode("utf-8-sig", "replace").strip()
    content: object
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = text
    said = without(_message(content), question.secrets)[:_LONGEST_MESSAGE]
    if _is_wrong_key(answer.status, content, said, question):
        if question.key == "session":
            raise SessionExpired(
                "The telephony session has expired. Log in to Call Center Studio again.",
                vendor_message=said,
            )
        raise WrongAppToken(
            "Call Center Studio does not accept this tenant's app token. "
            "An administrator can set a new one in the settings.",
            vendor_message=said,
        )
    if (error := not_now(answer.status, answer.headers)) is not None:
        raise error
    is_http_error = answer.status >= HTTPStatus.MULTIPLE_CHOICES
    if not isinstance(content, dict) or (is_http_error and not said):
        raise _bad_answer(answer.status, content)
    if is_http_error or _failed(content, question):
        reason = f": {said}" if said else ", without saying why."
        if question.function == "login":
            raise LoginRefused(
                f"Call Center Studio refused the agent's login{reason}", vendor_message=said
            )
        raise Refused(f"Call Center Studio refused{reason}", vendor_message=said)
    return content


def _message(content: object) -> str:
    """Return the vendor's own words: the envelope's message, or a short plain text."""
    if isinstance(content, dict):
        found = content.get("message") or content.get("error") or ""
        return found.strip() if isinstance(found, str) else ""
    if isinstance(content, str) and len(content) <= _LONGEST_MESSAGE and not _is_html(content):
        return content
    return ""


def _is_wrong_key(status: int, content: object, said: str, question: Question) -> bool:
    """401 and 403 are guesses; 404 to click2call was seen with an expired session."""
    # Turkish words are compared in small letters without marks, the dotless i dotted.
    letters = unicodedata.normalize("NFKD", said.replace("ı", "i").replace("İ", "i").lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if any(words in plain for words in _WRONG_KEY):
        return True
    if isinstance(content, dict) and _is_no(content.get("login")):
        # For a login this is a refusal, for all else the guide's sign to make a new session.
        return question.function != "login"
    if status == HTTPStatus.NOT_FOUND:
        return question.key == "session" and question.function.startswith("click2")
    if status == HTTPStatus.FORBIDDEN:
        return not _is_html(content)  # a web page comes from something in between
    return status == HTTPStatus.UNAUTHORIZED


def _bad_answer(status: int, content: object) -> BadAnswer:
    if status >= HTTPStatus.BAD_REQUEST:
        what = f"does not answer as the API does (HTTP {status})"
    elif status >= HTTPStatus.MULTIPLE_CHOICES:
        what = f"wants to send us elsewhere (HTTP {status})"
    elif _is_html(content):
        what = "answered with a web page instead of an API answer"
    elif isinstance(content, str) and content:
        what = "answered with plain text instead of an API answer"
    else:
        kind = "nothing" if content == "" else "JSON of another shape"
        what = f"answered with {kind} instead of an API answer"
    return BadAnswer(f"The API address {what}. Check the tenant's API address.")


def _failed(content: dict[str, Any], question: Question) -> bool:
    if _is_no(content.get("success")) or _is_no(content.get("login")):
        return True
    if _is_yes(content.get("success")) or _is_yes(content.get("login")):
        return False
    return not (question.payload and question.payload in content) and bool(
        content.get("message") or content.get("error")
    )


def _is_no(value: object) -> bool:
    return value is False or value == 0 or str(value).lower() in ("false", "0")


def _is_yes(value: object) -> bool:
    return value is True or value == 1 or str(value).lower() in ("true", "1")


def _is_html(content: object) -> bool:
    return isinstance(content, str) and content.lstrip().startswith("<")
