"""One HTTP request to the vendor that ends by its deadline, whatever the vendor does.

The client calls `Transport.get`; nothing else of the package knows requests or sockets.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
import urllib3

from .deadline import in_time
from .errors import TRY_AGAIN, BadAnswer, TimedOut, Unreachable

LARGEST_BODY = 10 * 1024 * 1024  # bytes; a page of 100 records has a few hundred thousand
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport:
    """Sends GET requests to one API address."""

    def __init__(
        self,
        api_url: str,
        http: requests.Session,
        *,
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        self.api_url = api_url
        self._http = http
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout

    def get(self, params: Mapping[str, str], *, deadline: float) -> Answer:
        """Send one request; ``deadline`` is a time of `time.monotonic`.

        Raises Unreachable, TimedOut or BadAnswer (an answer without end).

        Past the deadline the caller goes on (``deadline.py``); the thread of the request stops at
        its next piece of the answer.
        """
        answer: Answer = in_time(
            lambda: self._answer(params, deadline), deadline=deadline, too_late=lambda _answer: None
        )
        return answer

    def _answer(self, params: Mapping[str, str], deadline: float) -> Answer:
        """What requests raises names the whole address, so it is let go of here: our errors are
        made outside its except block and have no context.
        """
        try:
            return self._exchange(params, deadline)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            kind = "timeout"
        except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
            kind = "certificate"
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            kind = "connection"
        host = urlsplit(self.api_url).hostname
        if kind == "timeout":
            raise _timed_out()
        if kind == "certificate":
            raise Unreachable(
                f"The certificate of {host} could not be verified, so nothing was sent to it. "
                "Check the API address and this machine's certificates."
            )
        raise Unreachable(
            f"Call Center Studio could not be reached at {host}. "
            f"Check the network and the tenant's API address. {TRY_AGAIN}"
        )

    def _exchange(self, params: Mapping[str, str], deadline: float) -> Answer:
        left = deadline - time.monotonic()
        if left <= 0:
            raise _timed_out()
        with self._http.get(
            self.api_url,
            params=params,
            headers={"Accept": "application/json"},
            timeout=(min(self._connect_timeout, left), min(self._read_timeout, left)),
            allow_redirects=False,  # the query holds secrets: they go to no other address
            stream=True,
        ) as response:
            return Answer(response.status_code, response.headers, _body(response, deadline))


def _body(response: requests.Response, deadline: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    # read1 gives what is there; iter_content would wait until a piece is full.
    while piece := response.raw.read1(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_BODY:
            raise BadAnswer("Call Center Studio's answer is too long to be one of its API.")
        if time.monotonic() > deadline:
            raise _timed_out()
    return b"".join(pieces)


def _timed_out() -> TimedOut:
    return TimedOut(f"Call Center Studio did not answer in time. {TRY_AGAIN}")
