"""Answers that mean no: which error each becomes, and what a person gets to read."""

from collections.abc import Callable
from typing import Any

import pytest

from crm.callcenterstudio import (
    BadAnswer,
    Client,
    LoginRefused,
    RateLimited,
    Refused,
    ServerFailure,
    SessionExpired,
    WrongAppToken,
)
from tests.unit.callcenterstudio.conftest import APP_TOKEN, SESSION
from tests.unit.callcenterstudio.vendor import Answer, Vendor, says, sends

WRONG_KEY = "Yanlış API anahtarı"
HTML = sends("<!doctype html><title>Bakım</title><h1>503</h1>")


def test_a_refused_login_tells_the_vendors_words(
    client: Client, vendor: Vendor, wire: Callable[[str], Any]
) -> None:
    vendor.will(says(wire("login_refused.json")))
    with pytest.raises(LoginRefused, match="Kullanıcı bulunamadı") as caught:
        client.login("nobody@demo.example")
    assert caught.value.vendor_message == "Kullanıcı bulunamadı"
    assert not caught.value.retryable


@pytest.mark.parametrize("no", [False, 0, "false", "0"])
def test_a_login_may_be_refused_without_a_reason(
    client: Client, vendor: Vendor, no: object
) -> None:
    vendor.will(says({"login": no}))
    with pytest.raises(LoginRefused, match="without saying why"):
        client.login("nobody@demo.example")


@pytest.mark.parametrize(
    "answer",
    [
        says({"success": False, "message": WRONG_KEY}),
        says({"success": 0, "message": "YANLIŞ API ANAHTARI"}),
        says({"success": False, "error": WRONG_KEY}),
        says({"message": WRONG_KEY}, status=500),
        says({"login": False}),
        sends(WRONG_KEY, "text/plain; charset=utf-8"),
        sends("", status=401),
        sends("<h1>Not Found</h1>", status=404),
    ],
)
def test_a_key_that_is_not_taken_is_an_expired_session_when_dialling(
    client: Client, vendor: Vendor, answer: Answer
) -> None:
    vendor.will(answer)
    with pytest.raises(SessionExpired, match="session has expired"):
        client.click2call(SESSION, "05070000042")
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "answer", [says({"login": False, "message": WRONG_KEY}), says({"message": WRONG_KEY})]
)
def test_a_key_that_is_not_taken_is_a_wrong_app_token_at_login(
    client: Client, vendor: Vendor, answer: Answer
) -> None:
    vendor.will(answer)
    with pytest.raises(WrongAppToken, match="administrator") as caught:
        client.login("ayse@demo.example")
    assert caught.value.vendor_message == WRONG_KEY


def test_a_wrong_app_token_is_told_by_reports_too(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": False, "message": WRONG_KEY}))
    with pytest.raises(WrongAppToken):
        client.cdr_log(callkey="k")
    assert len(vendor.asked) == 1


def test_nothing_found_at_the_address_is_no_expired_session_for_a_login(
    client: Client, vendor: Vendor
) -> None:
    vendor.will(sends("<h1>Not Found</h1>", status=404))
    with pytest.raises(BadAnswer, match="API address"):
        client.login("ayse@demo.example")


@pytest.mark.parametrize(
    "content",
    [
        {"success": False, "message": "Ajan meşgul"},
        {"success": 0, "error": "Ajan meşgul"},
        {"message": "Ajan meşgul"},
        {"error": "Ajan meşgul"},
    ],
)
def test_http_200_can_be_a_failure(
    client: Client, vendor: Vendor, content: dict[str, object]
) -> None:
    vendor.will(says(content))
    with pytest.raises(Refused, match="Ajan meşgul") as caught:
        client.click2call(SESSION, "05070000042")
    assert type(caught.value) is Refused


def test_a_message_beside_success_is_no_failure(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True, "message": "Tamam"}))
    client.click2call(SESSION, "05070000042")


def test_success_with_an_error_status_is_a_failure(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True, "message": "so so"}, status=400))
    with pytest.raises(Refused):
        client.click2call(SESSION, "05070000042")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (HTML, "a web page"),
        (sends("OK", "text/plain"), "plain text"),
        (sends("", "application/json"), "nothing"),
        (says([1, 2]), "another shape"),
        (says(None), "another shape"),
        (sends("[" * 100_000, "application/json"), "plain text"),
        (sends('{"a": ' + "1" * 9999 + "}", "application/json"), "plain text"),
    ],
)
def test_what_is_not_json_of_the_api_is_a_bad_answer(
    client: Client, vendor: Vendor, answer: Answer, word: str
) -> None:
    vendor.will(answer)
    with pytest.raises(BadAnswer, match=word):
        client.ping()
    assert len(vendor.asked) == 1


def test_an_answer_without_its_list_is_a_bad_answer(client: Client, vendor: Vendor) -> None:
    vendor.will(says({"success": True}))
    with pytest.raises(BadAnswer, match="CallList"):
        client.cdr_log(callkey="k")


def test_a_redirect_is_not_followed(client: Client, vendor: Vendor) -> None:
    elsewhere = Vendor()
    elsewhere.will(says({"login": True, "session": SESSION}))
    try:
        vendor.will(sends("", status=302, headers={"Location": elsewhere.url}))
        with pytest.raises(BadAnswer, match="elsewhere"):
            client.login("ayse@demo.example")
        assert elsewhere.asked == []
    finally:
        elsewhere.close()


def test_a_vendor_in_trouble_and_a_vendor_in_a_hurry_are_told_apart(
    client: Client, vendor: Vendor
) -> None:
    vendor.will(sends("<h1>oh</h1>", status=502))
    with pytest.raises(ServerFailure, match="HTTP 502") as failure:
        client.login("ayse@demo.example")
    assert (failure.value.status, failure.value.retryable) == (502, True)
    vendor.will(sends("", status=429, headers={"Retry-After": "7"}))
    with pytest.raises(RateLimited) as limited:
        client.login("ayse@demo.example")
    assert (limited.value.retry_after, limited.value.retryable) == (7.0, True)


def test_a_vendor_that_repeats_our_secret_does_not_get_it_shown(
    client: Client, vendor: Vendor
) -> None:
    vendor.will(says({"login": False, "message": f"bad request: app_token={APP_TOKEN}"}))
    with pytest.raises(LoginRefused) as caught:
        client.login("ayse@demo.example")
    assert APP_TOKEN not in f"{caught.value!r} {caught.value} {caught.value.vendor_message}"


def test_an_expired_session_is_not_taken_for_a_missing_recording(
    client: Client, vendor: Vendor
) -> None:
    vendor.will(says({"success": False, "message": WRONG_KEY}))
    with pytest.raises(SessionExpired):
        client.getrecordingurl(SESSION, "k")
