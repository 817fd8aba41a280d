"""HTTP to the vendor: one request that ends by its deadline, whatever the vendor does.

`api.py` sends each function of the API with `Transport.get`. `recordings.py` uses `in_time` and
`private_session`. One session of requests serves all agents of a tenant, so it must not remember
one of them, and it must not repeat by itself: a dial that is sent twice rings twice.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from queue import Empty, SimpleQueue
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from . import secret_filter
from .addresses import GuardedAdapter
from .errors import TRY_AGAIN, BadAnswer, TimedOut, Unreachable

T = TypeVar("T")

LARGEST_BODY = 10 * 1024 * 1024  # bytes; a page of 100 records has a few hundred thousand
_PIECE = 64 * 1024
_CONNECTIONS = 32  # kept open per client; more can be in use and are closed afterwards


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport:
    """Sends GET requests to one API address, by a session of its own or one that is passed in."""

    def __init__(
        self,
        api_url: str,
        http: requests.Session | None,
        *,
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        """Raises ValueError for what is no http(s) address, for one with a query or a user, and for
        a session that repeats requests by itself.
        """
        parts = urlsplit(api_url.strip())
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
            raise ValueError("api_url must be an address such as https://name.example/api/.")
        # The vendor's wiki always writes a slash before the query.
        self.api_url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
        retries = http and getattr(http.get_adapter(self.api_url), "max_retries", None)
        if retries and retries.total:
            raise ValueError("This session repeats requests by itself; a dial must be sent once.")
        secret_filter.install()
        self._http = http or private_session()
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout

    def get(self, params: Mapping[str, str], *, deadline: float) -> Answer:
        """Send one request; ``deadline`` is a time of `time.monotonic`.

        Past it the caller goes on, and the thread of the request stops at its next piece of the
        answer. Raises Unreachable, TimedOut or BadAnswer (an answer without end).
        """
        return in_time(
            lambda: self._answer(params, deadline), deadline=deadline, too_late=lambda _late: None
        )

    def _answer(self, params: Mapping[str, str], deadline: float) -> Answer:
        """Errors of requests contain the whole address, so they are dropped here: our errors are
        made outside the except block and have no context.
        """
        body = bytearray()
        try:
            left = deadline - time.monotonic()
            if left <= 0:
                raise timed_out()
            with self._http.get(
                self.api_url,
                params=params,
                headers={"Accept": "application/json"},
                timeout=(min(self._connect_timeout, left), min(self._read_timeout, left)),
                allow_redirects=False,  # the query holds secrets, which must go to no other address
                stream=True,
            ) as response:
                # read1 returns the bytes that are there; iter_content would wait for a full piece.
                while piece := response.raw.read1(_PIECE, decode_content=True):
                    body += piece
                    if len(body) > LARGEST_BODY:
                        raise BadAnswer(
                            "Call Center Studio's answer is too long to be one of its API."
                        )
                    if time.monotonic() > deadline:
                        raise timed_out()
                return Answer(response.status_code, response.headers, bytes(body))
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            kind = "timeout"
        except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
            kind = "certificate"
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            kind = "connection"
        host = urlsplit(self.api_url).hostname
        if kind == "timeout":
            raise timed_out()
        if kind == "certificate":
            raise Unreachable(
                f"The certificate of {host} could not be verified, so nothing was sent to it. "
                "Check the API address and this machine's certificates."
            )
        raise Unreachable(
            f"Call Center Studio could not be reached at {host}. "
            f"Check the network and the tenant's API address. {TRY_AGAIN}"
        )


def in_time(work: Callable[[], T], *, deadline: float, too_late: Callable[[T], object]) -> T:
    """Run ``work`` in a thread of its own; return its result or raise its error.

    The timeouts of sockets count from one byte to the next, and looking up a name has none at all:
    a vendor that sends a byte a second would hold an agent for ever.

    Raises TimedOut at ``deadline`` (of `time.monotonic`). A later result is given to
    ``too_late``, which releases it.
    """
    outcome: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()
    handing_over = threading.Lock()
    given_up = threading.Event()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # raised again in the caller's thread
            outcome.put((None, error))
            return
        with handing_over:
            if not given_up.is_set():
                outcome.put((result, None))
                return
        too_late(result)

    threading.Thread(target=run, name="callcenterstudio", daemon=True).start()
    try:
        result, error = outcome.get(timeout=max(0.0, deadline - time.monotonic()))
    except Empty:
        with handing_over:
            given_up.set()
            # A result that came at the very moment of the deadline still counts.
            result, error = (None, timed_out()) if outcome.empty() else outcome.get_nowait()
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def private_session() -> requests.Session:
    """Return a session that keeps connections but no cookies, which would mix up agents.

    It connects to no forbidden address (``addresses.py``).
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = GuardedAdapter(pool_maxsize=_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def timed_out() -> TimedOut:
    """The error of every deadline here."""
    return TimedOut(f"Call Center Studio did not answer in time. {TRY_AGAIN}")
