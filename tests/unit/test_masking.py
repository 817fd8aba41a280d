"""What the inspector keeps of requests and events: no secret, no number, no person."""

import json
from typing import Any

import pytest

from crm.callcenterstudio.secret_filter import HIDDEN
from crm.telephony.masking import form_of, masked

TOKEN = "token-0123456789/abcdef+ghij"
SESSION = "session-0123456789abcdefghij"
SECRETS = (TOKEN, SESSION)


@pytest.mark.parametrize(
    "told",
    [
        {"app_token": "x9"},
        {"session": "x9"},
        {"Session-Key": "x9"},
        {"sessionid": 99999},
        {"hook_secret": "x9"},
        {"password": "x9"},
        {"pwd": "x9"},
        {"api_key": "x9"},
        {"apikey": "x9"},
        {"Authorization": "Bearer x9"},
        {"set-cookie": "x9"},
        {"signature": "x9"},
        {"a": [{"b": {"access_token": "x9"}}]},
        {"message": "app_token=x9 is wrong"},
        {"message": '{"session": "x9"}'},
        {"message": f"wrong: {TOKEN}"},
        {"message": "x" * 290 + TOKEN},  # a cut goes through it
        {"error": "token-0123456789%2Fabcdef%2Bghij"},  # as it stood in the query
        {"status": f"for {SESSION}"},  # a field that is kept
        {"recordingurl": "https://demo.example/recordings/x9"},
        {"where": "https://crm.example/webhooks/hangup/x9"},
        {"status": "https://user:x9@demo.example/"},
        {TOKEN: 1},
        [TOKEN],
        TOKEN,
        f"<html>…?function=login&app_token={TOKEN}",
    ],
)
@pytest.mark.parametrize("name", ["", "message"])
def test_no_secret_is_kept(told: Any, name: str) -> None:
    kept = json.dumps(masked(told, secrets=SECRETS, name=name))
    assert "x9" not in kept.replace('"x9": ', "")
    assert "99999" not in kept
    assert "token-0123" not in kept
    assert "session-0123" not in kept


def test_of_a_field_that_is_called_a_secret_not_even_the_length_is_kept() -> None:
    for name in ("app_token", "X-Session", "hook_secret", "apikey", "Set-Cookie"):
        assert masked("short", name=name) == HIDDEN
        assert masked("https://crm.example/x", name=name) == HIDDEN


@pytest.mark.parametrize(
    "told",
    [
        {"callerid": "+90 532 000 00 01"},
        {"called_num": "05320000001"},
        {"phonenumber": 905320000001},
        {"MobilePhoneNumber": "5320000001"},
        {"unknown": "05320000001"},
        {"unknown": 905320000001},
        {"message": "Number 0532 000 00 01 is on the list"},
        {"customvariables": {"name": "Elif Şahin", "mail": "elif@home.example"}},
        {"message": "elif@home.example is unknown"},
        {"voicemailtotext": "This is Elif, call me"},
        {"note": "Elif is angry"},
        {"+905320000001": ""},
        {"CallList": [{"callerid": "05320000001", "name": "Elif"}] * 100},
    ],
)
def test_nobody_can_be_found_in_it(told: Any) -> None:
    kept = json.dumps(masked(told), ensure_ascii=False)
    assert "0001" not in kept
    assert "Elif" not in kept
    assert "elif" not in kept


def test_what_is_about_the_call_stays() -> None:
    told = {
        "success": True,
        "CallList": [
            {
                "callkey": "k" * 100,
                "calldate": "2026-03-10 12:00:00",
                "duration": 7,
                "answered": None,
            }
        ],
        "message": "Yanlış API anahtarı",
    }
    assert masked(told) == told


def test_of_a_long_list_the_beginning_and_the_count_stay() -> None:
    assert masked({"CallList": [{"duration": 7}] * 100})["CallList"][-1] == "… 97 more"


@pytest.mark.parametrize(
    ("number", "form"),
    [
        ("+905320000001", "+•••••••••••• (12)"),
        ("0532 000 00 01", "0••• ••• •• •• (11)"),
        ("00905320000001", "00•••••••••••• (14)"),
        ("0532xxxx", "0•••aaaa (4)"),
        ("anonymous", "(text, 9)"),
        ("", ""),
    ],
)
def test_a_number_shows_its_form(number: str, form: str) -> None:
    assert form_of(number) == form
