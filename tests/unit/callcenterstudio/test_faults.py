"""The network at its worst: nothing waits past the deadline, reads are repeated, dials never."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import requests
import responses

from crm.callcenterstudio import (
    BadAnswer,
    CallCenterStudioError,
    Client,
    RateLimited,
    ServerFailure,
    TimedOut,
    Unreachable,
)
from crm.callcenterstudio.not_now import retry_after
from tests.unit.callcenterstudio.conftest import APP_TOKEN, SESSION
from tests.unit.callcenterstudio.vendor import (
    Answer,
    Vendor,
    dribbles,
    never_ends,
    resets,
    says,
    says_nothing,
    sends,
    stops_in_the_middle,
)

GOOD = says({"success": True, "CallList": [], "MyActiveCalls": []})
FINE_BUT_LATE = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
READS: list[Callable[[Client], object]] = [
    lambda client: client.ping(),
    lambda client: client.getmyactivecalls(SESSION),
    lambda client: client.getactivecall(SESSION, "k"),
    lambda client: client.cdr_log(callkey="k"),
    lambda client: client.cdr_logs(datetime(2017, 8, 1), datetime(2017, 8, 2)),
]
ACTS: list[Callable[[Client], object]] = [
    lambda client: client.login("ayse@demo.example"),
    lambda client: client.click2call(SESSION, "05070000042"),
    lambda client: client.click2hang(SESSION),
    lambda client: client.click2hold(SESSION),
    lambda client: client.click2unhold(SESSION),
]
FAULTS: list[Answer] = [
    resets,
    stops_in_the_middle,
    sends("", status=429, headers={"Retry-After": "0"}),
    sends("<h1>oh</h1>", status=503),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("read", READS)
def test_a_read_is_repeated(
    client: Client, vendor: Vendor, read: Callable[[Client], object], fault: Answer
) -> None:
    vendor.will(fault, fault, GOOD)
    read(client)
    assert len(vendor.asked) == 3
    assert vendor.asked[0] == vendor.asked[2]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("act", ACTS)
def test_what_does_something_is_sent_once(
    client: Client, vendor: Vendor, act: Callable[[Client], object], fault: Answer
) -> None:
    vendor.will(fault)
    with pytest.raises(CallCenterStudioError) as caught:
        act(client)
    assert caught.value.retryable
    assert len(vendor.asked) == 1


def test_a_read_gives_up_after_three_attempts(
    client: Client, vendor: Vendor, pauses: list[float]
) -> None:
    vendor.will(sends("", status=500))
    with pytest.raises(ServerFailure):
        client.ping()
    assert len(vendor.asked) == 3
    assert pauses == [0.5, 1.0]


def test_a_read_waits_as_long_as_the_vendor_asks(
    client: Client, vendor: Vendor, pauses: list[float]
) -> None:
    vendor.will(sends("", status=429, headers={"Retry-After": "1"}), GOOD)
    client.ping()
    assert pauses == [1.0]


def test_a_pause_beyond_the_deadline_is_left_to_the_caller(
    client: Client, vendor: Vendor, pauses: list[float]
) -> None:
    vendor.will(sends("", status=429, headers={"Retry-After": "120"}))
    with pytest.raises(RateLimited) as caught:
        client.ping()
    assert caught.value.retry_after == 120
    assert (len(vendor.asked), pauses) == (1, [])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("Wed, 02 Aug 2017 14:00:30 GMT", 30),
        ("Wed, 02 Aug 2017 13:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    now = datetime(2017, 8, 2, 14, 0, 0, tzinfo=UTC)
    assert retry_after({"Retry-After": value}, now) == seconds


@pytest.mark.parametrize(
    "slow",
    [
        says_nothing,
        dribbles(FINE_BUT_LATE),
        dribbles(b"HTTP/1.1 200 OK\r\nContent-Type: "),
        dribbles(b""),
    ],
)
@pytest.mark.parametrize("ask", [READS[0], ACTS[0], ACTS[1]])
def test_nothing_takes_longer_than_the_total_timeout(
    vendor: Vendor, slow: Answer, ask: Callable[[Client], object]
) -> None:
    vendor.will(slow)
    client = Client(api_url=vendor.url, app_token=APP_TOKEN, read_timeout=0.2, total_timeout=0.4)
    started = time.monotonic()
    with pytest.raises(TimedOut, match="in time"):
        ask(client)
    assert time.monotonic() - started < 2


def test_a_name_server_that_does_not_answer_is_no_longer_wait(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        vendor.closing.wait(5)
        raise socket.gaierror("too late")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    client = Client(api_url="https://demo.example/api/", app_token=APP_TOKEN, total_timeout=0.2)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        client.login("ayse@demo.example")
    assert time.monotonic() - started < 2


def test_an_answer_without_end_is_cut_off(vendor: Vendor) -> None:
    vendor.will(never_ends)
    client = Client(api_url=vendor.url, app_token=APP_TOKEN)
    with pytest.raises(BadAnswer, match="too long"):
        client.ping()


def test_nobody_there_is_unreachable_and_names_the_host() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = Client(api_url=f"http://127.0.0.1:{port}/api/", app_token=APP_TOKEN)
    with pytest.raises(Unreachable, match=r"could not be reached at 127\.0\.0\.1") as caught:
        client.login("ayse@demo.example")
    assert not isinstance(caught.value, TimedOut)


def test_a_certificate_that_cannot_be_verified_is_told_as_such() -> None:
    with responses.RequestsMock() as mock:
        mock.get("https://demo.example/api/", body=requests.exceptions.SSLError("self-signed"))
        with pytest.raises(Unreachable, match="certificate"):
            Client(api_url="https://demo.example/api/", app_token=APP_TOKEN).login("a@b.example")


def test_a_connection_is_used_again(client: Client, vendor: Vendor) -> None:
    ports: set[int] = set()

    def noting(server: Vendor, handler: object) -> None:
        ports.add(handler.client_address[1])  # type: ignore[attr-defined]
        GOOD(server, handler)  # type: ignore[arg-type]

    vendor.will(noting)
    for _ in range(3):
        client.ping()
    assert len(ports) == 1
