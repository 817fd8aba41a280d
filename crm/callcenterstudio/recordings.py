"""Fetches one recording, piece by piece, from the tenant's own addresses and from no other.

A recording's address comes from outside (a record, an answer of the API), so every hop is checked
before it is asked. Nothing is kept in memory but the piece that is passed on. That a recording can
be fetched without a key, and with Range, is a guess: nobody published it.
"""

import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3

from . import secret_filter
from .deadline import in_time
from .envelope import retry_after
from .errors import (
    TRY_AGAIN,
    BadAnswer,
    CallCenterStudioError,
    ForeignAddress,
    RangeNotThere,
    RateLimited,
    RecordingNotThere,
    Refused,
    ServerFailure,
    TimedOut,
    Unreachable,
)
from .http_session import private_session
from .recording_parts import LARGEST, Part, number, own_part, told_part
from .softphone import origin_of

PIECE = 64 * 1024
MOST_REDIRECTS = 3

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-:\[\]]+([/?][A-Za-z0-9\-._~:/?\[\]!$&'()*+,;=%]*)?")
_AUDIO = re.compile(r"audio/[a-z0-9.+-]{1,50}")
_MOVED = (301, 302, 303, 307, 308)
_NOT_THERE = (404, 410)
_NO_SUCH_RANGE = 416


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A recording, or a part of it, whose bytes are still to be read. Close it when done.

    length: of what ``pieces`` gives, None when the vendor does not tell. first, total: where the
    part begins and how long the whole is; total is None for a whole of unknown length.
    """

    content_type: str
    length: int | None
    first: int = 0
    total: int | None = None
    is_part: bool = False
    pieces: Iterator[bytes] = field(repr=False)
    close: Callable[[], None] = field(repr=False)


def fetch(
    url: str,
    *,
    origins: Collection[str],
    part: Part | None = None,
    http: requests.Session | None = None,
    connect_timeout: float = 3.05,
    read_timeout: float = 10.0,
    total_timeout: float = 10.0,
    longest: float = 600.0,
) -> Recording:
    """Open the recording at an address and return it unread.

    origins: the only ones that are asked ("https://name.example"), whatever a redirect says.
    total_timeout: seconds until the answer begins, redirects included; longest: until it has been
    read to its end. A server that knows no Range is read from its beginning, and what is before
    the part is thrown away.

    Raises ForeignAddress, RecordingNotThere, RangeNotThere, Refused (401, 403), RateLimited,
    ServerFailure, Unreachable, TimedOut, and BadAnswer for what is no audio or has no end.
    """
    secret_filter.install()
    timeouts = (min(connect_timeout, total_timeout), min(read_timeout, total_timeout))
    session = http or private_session()
    response = in_time(
        lambda: _answer(session, url, origins, part, timeouts),
        deadline=time.monotonic() + total_timeout,
        too_late=lambda late: late.close(),
    )
    try:
        return _opened(response, part, deadline=time.monotonic() + longest)
    except BaseException:
        response.close()
        raise


def _answer(
    session: requests.Session,
    url: str,
    origins: Collection[str],
    part: Part | None,
    timeouts: tuple[float, float],
) -> requests.Response:
    """Follow redirects by hand, each checked before it is asked."""
    for _hop in range(MOST_REDIRECTS + 1):
        _check(url, origins)
        response = _ask(session, url, part, timeouts)
        if response.status_code not in _MOVED:
            return response
        response.close()
        url = urljoin(url, response.headers.get("Location", ""))
    raise BadAnswer("The address of the recording leads from one address to the next.")


def _check(url: str, origins: Collection[str]) -> None:
    """Let through what every program reads the same way: no user, no backslash, no odd letter."""
    if not _ADDRESS.fullmatch(url) or origin_of(url) not in origins:
        raise ForeignAddress(
            "The address of the recording is not one of this tenant's host, so it was not fetched."
        )


def _ask(
    session: requests.Session, url: str, part: Part | None, timeouts: tuple[float, float]
) -> requests.Response:
    """One request, twice when the first finds a kept connection closed."""
    headers = {"Accept": "audio/*", "Accept-Encoding": "identity"}
    if part is not None:
        headers["Range"] = str(part)
    request = session.prepare_request(requests.Request("GET", url, headers=headers))
    options: dict[str, Any] = dict(session.merge_environment_settings(url, {}, True, None, None))
    for _try in range(2):
        error: CallCenterStudioError
        # What requests raises names the whole address, so it is let go of here.
        try:
            with secret_filter.secret_path():
                # Not by session.send: of a redirect it would read the body to its end.
                return session.get_adapter(url).send(request, timeout=timeouts, **options)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            error = _timed_out()
            break
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            error = _broken()
    raise error


def _opened(response: requests.Response, part: Part | None, *, deadline: float) -> Recording:
    headers = response.headers
    if error := _error(response):
        raise error
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not _AUDIO.fullmatch(kind) or headers.get("Content-Encoding", "identity") != "identity":
        raise BadAnswer("What Call Center Studio has at the recording's address is no audio.")
    length = number(headers.get("Content-Length"))
    if length == 0:
        raise RecordingNotThere("The recording at this address is empty.")
    if length is not None and length > LARGEST:
        raise BadAnswer("What Call Center Studio has at the recording's address is far too long.")
    is_part = response.status_code == requests.codes.partial_content
    first, wanted, total = (
        told_part(headers.get("Content-Range", ""), part) if is_part else own_part(length, part)
    )
    skipped = 0 if is_part else first
    return Recording(
        content_type=kind,
        length=wanted,
        first=first,
        total=total,
        is_part=part is not None and total is not None,
        pieces=_pieces(response, skipped, wanted, deadline),
        close=response.close,
    )


def _error(response: requests.Response) -> CallCenterStudioError | None:
    status = response.status_code
    if status in (requests.codes.ok, requests.codes.partial_content):
        return None
    if status in _NOT_THERE:
        return RecordingNotThere("Call Center Studio has no recording at this address.")
    if status == _NO_SUCH_RANGE:
        told = response.headers.get("Content-Range", "").removeprefix("bytes */")
        return RangeNotThere(number(told))
    if status == requests.codes.too_many_requests:
        return RateLimited(
            f"Call Center Studio asks us to slow down. {TRY_AGAIN}",
            retry_after=retry_after(response.headers),
        )
    if status >= requests.codes.server_error:
        return ServerFailure(
            f"Call Center Studio has a problem of its own (HTTP {status}). {TRY_AGAIN}",
            status=status,
            retry_after=retry_after(response.headers),
        )
    return Refused(f"Call Center Studio does not hand the recording out (HTTP {status}).")


def _pieces(
    response: requests.Response, skipped: int, length: int | None, deadline: float
) -> Iterator[bytes]:
    """The bytes, exactly as many as were promised. Raises when they stop before or have no end."""
    left = LARGEST if length is None else length
    while left > 0 or length is None:
        piece = _read(response, min(PIECE, skipped or left or PIECE))
        if not piece:
            break
        if time.monotonic() > deadline:
            raise _timed_out()
        if skipped:
            skipped -= len(piece)
            continue
        left -= len(piece)
        if left < 0:
            raise BadAnswer("The recording has no end.")
        yield piece
    if length is not None and left:
        raise _broken()


def _read(response: requests.Response, size: int) -> bytes:
    kind = _broken
    try:
        # read1 gives what is there; iter_content would wait until a piece is full.
        piece: bytes = response.raw.read1(size)
    except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        kind = _timed_out
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
        pass
    else:
        return piece
    raise kind()


def _timed_out() -> TimedOut:
    return TimedOut(f"Call Center Studio did not answer in time. {TRY_AGAIN}")


def _broken() -> Unreachable:
    return Unreachable("The recording could not be fetched from Call Center Studio. Try again.")
