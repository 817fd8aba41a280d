"""Fetches one recording, piece by piece, only from the tenant's own addresses.

A recording's address comes from outside (a record, an answer of the API), so every hop is checked
before it is requested. Only one piece is in memory at a time. That a recording can be fetched
without a key, and with Range, is a guess: nobody published it.
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
from .addresses import origin_of
from .errors import (
    BadAnswer,
    CallCenterStudioError,
    ForeignAddress,
    RangeNotThere,
    RecordingNotThere,
    Refused,
    Unreachable,
)
from .not_now import not_now
from .transport import in_time, private_session, timed_out

PIECE = 64 * 1024
LARGEST = 1024**3  # bytes; eight hours of uncompressed speech are half of it
MOST_REDIRECTS = 3

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-:\[\]]+([/?][A-Za-z0-9\-._~:/?\[\]!$&'()*+,;=%]*)?")
_AUDIO = re.compile(r"audio/[a-z0-9.+-]{1,50}")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
_MOVED = (301, 302, 303, 307, 308)
_NOT_THERE = (404, 410)
_NO_SUCH_RANGE = 416


@dataclass(frozen=True)
class Part:
    """The requested bytes: from ``first`` to ``last`` (None: to the end), or the last ``-first``
    of them when ``first`` is negative.
    """

    first: int
    last: int | None = None

    def __str__(self) -> str:
        if self.first < 0:
            return f"bytes={self.first}"
        return f"bytes={self.first}-{'' if self.last is None else self.last}"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A recording, or a part of it, whose bytes are still to be read. Close it when done.

    length: bytes in ``pieces``, None if the vendor gives none. first, total: the start of the part
    and the length of the whole; total is None if unknown.
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

    origins: the only ones requested ("https://name.example"), whatever a redirect says.
    total_timeout: seconds until the answer begins, redirects included; longest: until its end has
    been read. A server without Range is read from the beginning, and bytes before the part are
    thrown away.

    Raises ForeignAddress, RecordingNotThere, RangeNotThere, Refused (401, 403), RateLimited,
    ServerFailure, Unreachable, TimedOut, and BadAnswer for an answer that is not audio or has no
    end.
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
    """Follow redirects by hand, each checked before it is requested."""
    for _hop in range(MOST_REDIRECTS + 1):
        # Only what every program reads the same way: no user, no backslash, no odd letter.
        if not _ADDRESS.fullmatch(url) or origin_of(url) not in origins:
            raise ForeignAddress(
                "The address of the recording is not one of this tenant's host, so it was not "
                "fetched."
            )
        response = _ask(session, url, part, timeouts)
        if response.status_code not in _MOVED:
            return response
        response.close()
        url = urljoin(url, response.headers.get("Location", ""))
    raise BadAnswer("The address of the recording leads from one address to the next.")


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
        # Errors of requests contain the whole address, so they are dropped here.
        try:
            with secret_filter.secret_path():
                # Not by session.send, which would read the body of a redirect to its end.
                return session.get_adapter(url).send(request, timeout=timeouts, **options)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            error = timed_out()
            break
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            error = _broken()
    raise error


def _opened(response: requests.Response, part: Part | None, *, deadline: float) -> Recording:
    headers, status = response.headers, response.status_code
    if status in _NOT_THERE:
        raise RecordingNotThere("Call Center Studio has no recording at this address.")
    if status == _NO_SUCH_RANGE:
        raise RangeNotThere(number(headers.get("Content-Range", "").removeprefix("bytes */")))
    if (error := not_now(status, headers)) is not None:
        raise error
    is_part = status == requests.codes.partial_content
    if status != requests.codes.ok and not is_part:
        raise Refused(f"Call Center Studio does not hand the recording out (HTTP {status}).")
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not _AUDIO.fullmatch(kind) or headers.get("Content-Encoding", "identity") != "identity":
        raise BadAnswer("What Call Center Studio has at the recording's address is no audio.")
    length = number(headers.get("Content-Length"))
    if length == 0:
        raise RecordingNotThere("The recording at this address is empty.")
    if length is not None and length > LARGEST:
        raise BadAnswer("What Call Center Studio has at the recording's address is far too long.")
    first, wanted, total = (
        told_part(headers.get("Content-Range", ""), part) if is_part else own_part(length, part)
    )
    return Recording(
        content_type=kind,
        length=wanted,
        first=first,
        total=total,
        is_part=part is not None and total is not None,
        pieces=_pieces(response, 0 if is_part else first, wanted, deadline),
        close=response.close,
    )


def told_part(content_range: str, part: Part | None) -> tuple[int, int, int]:
    """First byte, length and total in the vendor's ``Content-Range``.

    Raises BadAnswer if that is not the requested part.
    """
    told = _CONTENT_RANGE.fullmatch(content_range)
    if told is None or part is None or told[3] == "*":
        raise BadAnswer("Call Center Studio sends a part of the recording and does not say which.")
    first, last, total = (int(group) for group in told.groups())
    wanted = part.first if part.first >= 0 else max(0, total + part.first)
    if first != wanted or not first <= last < total <= LARGEST:
        raise BadAnswer("Call Center Studio sends another part of the recording than was asked.")
    if part.last is not None:
        last = min(last, part.last)
    return first, last - first + 1, total


def own_part(length: int | None, part: Part | None) -> tuple[int, int | None, int | None]:
    """First byte, length and total of the part to cut out of a whole; by default all of it.

    A whole of unknown length cannot be cut. Raises RangeNotThere.
    """
    if part is None or length is None:
        return 0, length, length
    first = part.first if part.first >= 0 else max(0, length + part.first)
    if first >= length:
        raise RangeNotThere(length)
    last = length - 1 if part.last is None else min(part.last, length - 1)
    return first, last - first + 1, length


def number(text: str | None) -> int | None:
    """A whole number from a header, None for anything else."""
    return int(text) if text and _NUMBER.fullmatch(text) else None


def _pieces(
    response: requests.Response, skipped: int, length: int | None, deadline: float
) -> Iterator[bytes]:
    """The bytes, exactly as many as were promised. Raises when they stop before or have no end."""
    left = LARGEST if length is None else length
    while left > 0 or length is None:
        error: CallCenterStudioError | None = None
        try:
            # read1 gives what is there; iter_content would wait until a piece is full.
            piece: bytes = response.raw.read1(min(PIECE, skipped or left or PIECE))
        except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            error = timed_out()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            error = _broken()
        if error is not None:
            raise error
        if not piece:
            break
        if time.monotonic() > deadline:
            raise timed_out()
        if skipped:
            skipped -= len(piece)
            continue
        left -= len(piece)
        if left < 0:
            raise BadAnswer("The recording has no end.")
        yield piece
    if length is not None and left:
        raise _broken()


def _broken() -> Unreachable:
    return Unreachable("The recording could not be fetched from Call Center Studio. Try again.")
