"""Calls one function of the vendor's API with the right key: once, or repeatedly for reads.

The client's methods go through here. Dials, holds, hangups and logins are sent once, because each
has an effect. Reads are repeated a few times, never past the deadline.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from .envelope import Question, opened
from .errors import BadAnswer, CallCenterStudioError, RateLimited, ServerFailure
from .transport import Answer, Transport

T = TypeVar("T")
_PAUSES = (0.5, 1.0)  # seconds after the first and the second failure


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it, for a program that watches the client.

    ``params`` are without the key; ``question.secrets`` has what must not be written anywhere. The
    answer is None if none came, the error None after a success. ``seconds``: how long it took.
    """

    question: Question
    params: Mapping[str, str] = field(repr=False)
    answer: Answer | None
    error: CallCenterStudioError | None
    seconds: float


Watch = Callable[[Exchange], object]


class Api:
    """Asks one tenant's API, with a total time (seconds) for each call of a function."""

    def __init__(
        self,
        transport: Transport,
        *,
        app_token: str | None,
        total_timeout: float,
        sleep: Callable[[float], None],
        watch: Watch | None = None,
    ) -> None:
        self._transport = transport
        self._app_token = app_token
        self._total_timeout = total_timeout
        self._sleep = sleep
        self._watch = watch

    def once(
        self, function: str, params: Mapping[str, str], *, session: str | None = None
    ) -> Mapping[str, Any]:
        """Send a request that must not be sent twice."""
        deadline = time.monotonic() + self._total_timeout
        return self._ask(function, params, session=session, payload="", deadline=deadline)

    def read(
        self,
        function: str,
        params: Mapping[str, str],
        *,
        session: str | None = None,
        payload: str = "",
        total_timeout: float | None = None,
    ) -> Mapping[str, Any]:
        """Send a read, again after faults. ``payload``: a field that the answer must have."""
        deadline = time.monotonic() + (total_timeout or self._total_timeout)
        return repeated(
            lambda: self._ask(
                function, params, session=session, payload=payload, deadline=deadline
            ),
            deadline=deadline,
            sleep=self._sleep,
        )

    def _ask(
        self,
        function: str,
        params: Mapping[str, str],
        *,
        session: str | None,
        payload: str,
        deadline: float,
    ) -> Mapping[str, Any]:
        """Use the session if there is one, else the app token, never both (vendor's guide)."""
        key = self._app_token if session is None else session
        if not key:
            raise ValueError(f"{function} needs an app token or a telephony session.")
        kind: Literal["app_token", "session"] = "app_token" if session is None else "session"
        known = (key, self._app_token, params.get("hangup_url"))
        secrets = tuple(secret for secret in known if secret)
        question = Question(function, key=kind, secrets=secrets, payload=payload)
        answer = error = None
        began = time.monotonic()
        try:
            answer = self._transport.get(
                {"function": function, **params, kind: key}, deadline=deadline
            )
            return opened(answer, question)
        except CallCenterStudioError as failed:
            error = failed
            raise
        finally:
            if self._watch is not None:
                seconds = time.monotonic() - began
                self._watch(Exchange(question, params, answer, error, seconds))


def repeated(ask: Callable[[], T], *, deadline: float, sleep: Callable[[float], None]) -> T:
    """Call ``ask`` until it answers; raise its last error if it may not be repeated.

    Errors that are not ``retryable`` are raised at once, and so are those whose wait would end
    after ``deadline`` (of `time.monotonic`).
    """
    for pause in _PAUSES:
        try:
            return ask()
        except CallCenterStudioError as error:
            wish = error.retry_after if isinstance(error, RateLimited | ServerFailure) else None
            seconds = pause if wish is None else wish
            if not error.retryable or time.monotonic() + seconds >= deadline:
                raise
        sleep(seconds)
    return ask()


def listed(answer: Mapping[str, Any], name: str, *, or_nothing: bool = False) -> list[Any]:
    """Return a list of the answer. Raises BadAnswer when there is none, unless `or_nothing`."""
    found = answer.get(name)
    if found is None and (or_nothing or name in answer):
        return []
    if not isinstance(found, list):
        raise BadAnswer(f"The answer of Call Center Studio has no list {name}.")
    return found
