"""App token and session reach no message, no repr, no chained exception and no log line."""

import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import requests

from crm.callcenterstudio import CallCenterStudioError, Client, Login
from crm.callcenterstudio.envelope import Question
from crm.callcenterstudio.records import CdrFilters
from tests.unit.callcenterstudio.conftest import APP_TOKEN, SESSION
from tests.unit.callcenterstudio.vendor import (
    Answer,
    Vendor,
    dribbles,
    resets,
    says,
    says_nothing,
    sends,
    stops_in_the_middle,
)


def repeats_the_request(vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
    """Refuse, and say in which request, as it came and decoded."""
    message = f"{handler.path} {' '.join(vendor.asked[-1].values())}"
    says({"success": False, "login": False, "message": message})(vendor, handler)


HOOK = "https://crm.example/webhooks/hangup/HOOKSECRET"
SECRETS = (APP_TOKEN, SESSION, "HOOKSECRET")
ASKS: list[Callable[[Client], object]] = [
    lambda client: client.login("ayse@demo.example"),
    lambda client: client.click2call(SESSION, "05070000042", hangup_url=HOOK),
    lambda client: client.getmyactivecalls(SESSION),
]
FAULTS: list[Answer] = [
    resets,
    says_nothing,
    stops_in_the_middle,
    dribbles(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
    sends("<h1>oh</h1>", status=500),
    sends("oh"),
    repeats_the_request,
]


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What a root handler at DEBUG writes, as somebody hunting a fault would set it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(before)


def impatient(url: str) -> Client:
    return Client(
        api_url=url,
        app_token=APP_TOKEN,
        read_timeout=0.1,
        total_timeout=0.3,
        sleep=lambda _: None,
    )


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("ask", ASKS)
def test_an_error_tells_no_secret_however_it_is_printed(
    vendor: Vendor,
    everything_logged: io.StringIO,
    ask: Callable[[Client], object],
    fault: Answer,
) -> None:
    vendor.will(fault)
    with pytest.raises(CallCenterStudioError) as caught:
        ask(impatient(vendor.url))
    logging.getLogger("a.crm").error("it failed", exc_info=caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    printed = "".join(traceback.format_exception(caught.value))
    told = f"{printed} {caught.value!r} {vars(caught.value)} {everything_logged.getvalue()}"
    assert not [secret for secret in SECRETS if secret in told]


def test_a_refused_connection_tells_no_secret(everything_logged: io.StringIO) -> None:
    with pytest.raises(CallCenterStudioError) as caught:
        impatient("http://127.0.0.1:9/api/").login("ayse@demo.example")
    assert caught.value.__context__ is None
    assert APP_TOKEN not in f"{caught.value!r}{everything_logged.getvalue()}"


def test_urllib3_still_logs_the_request_but_not_its_secrets(
    client: Client, vendor: Vendor, everything_logged: io.StringIO
) -> None:
    vendor.will(says({"success": True}))
    client.click2call(SESSION, "05070000042", hangup_url=HOOK)
    logged = everything_logged.getvalue()
    assert "function=click2call" in logged
    assert "session=***" in logged
    assert not [secret for secret in (*SECRETS, "05070000042") if secret in logged]


def test_other_peoples_requests_are_logged_as_ever(
    vendor: Vendor, everything_logged: io.StringIO
) -> None:
    vendor.will(says({}))
    requests.get(f"{vendor.url}?page=7", timeout=2)
    assert "?page=7" in everything_logged.getvalue()


def test_no_repr_shows_a_secret(client: Client) -> None:
    shown = f"{client!r} {Login(SESSION, 60)!r} {Question('ping', 'session', (SESSION,))!r}"
    assert "127.0.0.1" in shown
    assert SESSION not in shown
    assert APP_TOKEN not in shown


def test_an_error_survives_a_queue(client: Client, vendor: Vendor) -> None:
    vendor.will(sends("", status=429, headers={"Retry-After": "7"}))
    with pytest.raises(CallCenterStudioError) as caught:
        client.login("ayse@demo.example")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.retry_after) == (
        type(caught.value),
        str(caught.value),
        7.0,
    )


def test_filters_are_the_vendors_own_names() -> None:
    assert {"agent_username", "csat_only"} <= CdrFilters.__annotations__.keys()
