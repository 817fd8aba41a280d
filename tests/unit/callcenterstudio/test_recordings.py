"""Fetching a recording: parts, addresses of the tenant alone, and what is no recording."""

import io
import logging
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from crm.callcenterstudio import (
    BadAnswer,
    CallCenterStudioError,
    ForeignAddress,
    Part,
    RangeNotThere,
    RateLimited,
    Recording,
    RecordingNotThere,
    Refused,
    ServerFailure,
    TimedOut,
    Unreachable,
    origin_of,
)
from crm.callcenterstudio.recordings import fetch
from tests.recording_vendor import leads_to, plays, sound
from tests.unit.callcenterstudio.vendor import (
    Answer,
    Vendor,
    dribbles,
    resets,
    says_nothing,
    sends,
)

SOUND = sound(2)
KEY = "ag9zVERYSECRETKEY"


@pytest.fixture
def elsewhere() -> Iterator[Vendor]:
    """A server that is not the tenant's."""
    other = Vendor()
    other.will(plays(SOUND))
    yield other
    other.close()


def get(vendor: Vendor, part: Part | None = None, **options: Any) -> Recording:
    url = vendor.url.replace("/api/", f"/recordings/{KEY}")
    return fetch(url, origins={origin_of(vendor.url)}, part=part, **options)


def bytes_of(recording: Recording) -> bytes:
    try:
        return b"".join(recording.pieces)
    finally:
        recording.close()


@pytest.mark.parametrize("knows_range", [True, False], ids=["with Range", "without"])
@pytest.mark.parametrize(
    ("part", "first", "last"),
    [(Part(0), 0, -1), (Part(100, 199), 100, 199), (Part(-50), -50, -1), (Part(5, 10**9), 5, -1)],
    ids=str,
)
def test_a_part_is_those_bytes_whether_the_vendor_knows_range_or_not(
    vendor: Vendor, knows_range: bool, part: Part, first: int, last: int
) -> None:
    vendor.will(plays(SOUND, knows_range=knows_range))
    recording = get(vendor, part)
    end = len(SOUND) if last == -1 else last + 1
    assert bytes_of(recording) == SOUND[first:end]
    assert (recording.is_part, recording.total) == (True, len(SOUND))
    assert recording.first == first % len(SOUND)


def test_without_a_part_the_whole_comes(vendor: Vendor) -> None:
    vendor.will(plays(SOUND, "audio/x-wav; charset=binary"))
    recording = get(vendor)
    assert (recording.content_type, recording.length) == ("audio/x-wav", len(SOUND))
    assert bytes_of(recording) == SOUND


def test_a_whole_of_unknown_length_is_passed_on_as_it_comes(vendor: Vendor) -> None:
    vendor.will(plays(SOUND, knows_range=False, tells_length=False))
    recording = get(vendor, Part(100))
    assert (recording.is_part, recording.length, recording.first) == (False, None, 0)
    assert bytes_of(recording) == SOUND


@pytest.mark.parametrize("knows_range", [True, False])
def test_a_part_behind_the_end_is_told_with_the_length(vendor: Vendor, knows_range: bool) -> None:
    vendor.will(plays(SOUND, knows_range=knows_range))
    with pytest.raises(RangeNotThere) as caught:
        get(vendor, Part(10**6))
    assert caught.value.total == len(SOUND)


@pytest.mark.parametrize(
    "content_range", ["", "bytes 0-9/10", "bytes 7-99/*", "bytes 7-3/10", "bytes 7-9/9"]
)
def test_another_part_than_was_asked_for_is_not_passed_on(
    vendor: Vendor, content_range: str
) -> None:
    vendor.will(sends("x" * 10, "audio/wav", status=206, headers={"Content-Range": content_range}))
    with pytest.raises(BadAnswer):
        get(vendor, Part(7))


def test_a_redirect_to_the_tenants_own_address_is_followed(vendor: Vendor) -> None:
    vendor.will(leads_to("/storage/1.wav"), plays(SOUND))
    assert bytes_of(get(vendor)) == SOUND
    assert vendor.paths == [f"/recordings/{KEY}", "/storage/1.wav"]


def test_redirects_without_end_end(vendor: Vendor) -> None:
    vendor.will(leads_to("/again"))
    with pytest.raises(BadAnswer):
        get(vendor)


def test_a_redirect_to_another_server_is_not_followed(vendor: Vendor, elsewhere: Vendor) -> None:
    vendor.will(leads_to(elsewhere.url))
    with pytest.raises(ForeignAddress):
        get(vendor)
    assert elsewhere.paths == []


@pytest.mark.parametrize(
    "trick",
    [
        "http://{host}@{other}/r",
        "http://{other}#@{host}/r",
        "http://{other}\\@{host}/r",
        "http://{host}\\@{other}/r",
        "http://{host}:80@{other}/r",
        "//{other}/r",
        "http://{other}/{host}/r",
        "https://{host}/r",
        "http://127.0.0.1:1/r",
        "http://localhost/r",
        "http://{host}.evil.example/r",
        "http://user:pw@{host}/r",
        "http://{host}/\r\nX-Evil: 1",
        "http://{host} /r",
        "http://[::1]/r",
        "file:///etc/passwd",
        "ftp://{host}/r",
        "data:audio/wav;base64,AAAA",
        "javascript:alert(1)",
        "/recordings/of-no-host",
        "",
    ],
)
def test_no_trick_makes_another_address_be_asked(
    vendor: Vendor, elsewhere: Vendor, trick: str
) -> None:
    host, other = (origin_of(one.url).removeprefix("http://") for one in (vendor, elsewhere))
    vendor.will(plays(SOUND))
    with pytest.raises(ForeignAddress):
        fetch(trick.format(host=host, other=other), origins={origin_of(vendor.url)})
    assert vendor.paths + elsewhere.paths == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (sends("Not found", status=404), RecordingNotThere),
        (sends("Gone", status=410), RecordingNotThere),
        (sends("", "audio/wav"), RecordingNotThere),
        (sends("no", status=401), Refused),
        (sends("no", status=403), Refused),
        (sends("slow down", status=429), RateLimited),
        (sends("oh", status=503), ServerFailure),
        (sends("<h1>Log in</h1>", "text/html"), BadAnswer),
        (sends("<script>", "image/svg+xml"), BadAnswer),
        (sends("x", "audio/wav", headers={"Content-Encoding": "gzip"}), BadAnswer),
        (sends("x", "audio/wav", headers={"Content-Length": str(10**12)}), BadAnswer),
        (resets, Unreachable),
        (says_nothing, TimedOut),
        (dribbles(b"HTTP/1.1 200 OK\r\nX-Slow: "), TimedOut),
    ],
)
def test_what_is_no_recording_is_told_as_what_it_is(
    vendor: Vendor, answer: Answer, error: type[CallCenterStudioError]
) -> None:
    vendor.will(answer)
    with pytest.raises(error) as caught:
        get(vendor, read_timeout=0.2, total_timeout=0.4)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_recording_that_stops_in_the_middle_is_no_whole_one(vendor: Vendor) -> None:
    vendor.will(stops_after_a_hundred_bytes)
    with pytest.raises(Unreachable):
        bytes_of(get(vendor))


def test_a_recording_that_takes_too_long_is_let_go(vendor: Vendor) -> None:
    vendor.will(dribbles(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\n"))
    with pytest.raises(TimedOut):
        bytes_of(get(vendor, longest=0.2))


def test_no_log_line_tells_the_key(vendor: Vendor) -> None:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    vendor.will(leads_to(f"/storage/{KEY}?sig={KEY}"), plays(SOUND))
    bytes_of(get(vendor))
    root.removeHandler(handler)
    root.setLevel(before)
    assert "GET ***" in text.getvalue()
    assert KEY not in text.getvalue()


def test_memory_stays_flat(vendor: Vendor) -> None:
    vendor.will(plays(bytes(30_000_000)))
    recording = get(vendor)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    read = sum(len(piece) for piece in recording.pieces)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    recording.close()
    assert read == 30_000_000
    assert peak - before < 2_000_000


def stops_after_a_hundred_bytes(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 1000\r\n\r\n" + bytes(100)
    )
    handler.close_connection = True
