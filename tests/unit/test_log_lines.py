"""A line of a log is one line, and no secret stands in it."""

import logging

import pytest

from crm.web.http import Served
from crm.web.log_lines import CleanLines, one_line, path_for_log, without_secrets

SECRET = "dGhlIGhvb2sgc2VjcmV0IG9mIHRlbmFudCBkZW1v"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/contacts/12", "/contacts/12"),
        ("/contacts/çağrı", "/contacts/%C3%A7a%C4%9Fr%C4%B1"),
        ("/x\n127.0.0.1 forged", "/x%0A127.0.0.1%20forged"),
        ("/x\x1b[31m\u2028\u202e", "/x%1B%5B31m%E2%80%A8%E2%80%AE"),
        ('/x" 200', "/x%22%20200"),
        (f"/webhooks/hangup/{SECRET}", "/webhooks/hangup/..."),
        (f"/webhooks/hangup/short\n/{SECRET}", "/webhooks/hangup/...%0A/..."),
        (f"/{SECRET}", "/..."),
        ("/" + "a/" * 500, "/" + ("a/" * 500)[:299] + "..."),
    ],
)
def test_a_path_is_one_word_of_ascii(path: str, told: str) -> None:
    assert path_for_log(path.encode().decode("latin-1")) == told


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b", "\0", "\x85", "\u2028", "\u202e", "\ud800"])
def test_an_error_tells_signs_that_are_not_printed_as_escapes(sign: str) -> None:
    record = logging.LogRecord("crm", 40, "", 0, "Exception on /x%sforged [GET]", (sign,), None)
    assert CleanLines().filter(record)
    assert record.getMessage().startswith("Exception on /x\\")
    assert record.getMessage().isprintable()
    assert one_line("Ayşe asked 100%") == "Ayşe asked 100%"


def test_words_of_an_error_keep_what_is_no_secret() -> None:
    told = without_secrets(f"Exception on /webhooks/notification/{SECRET} [GET]")
    assert told == "Exception on /webhooks/notification/... [GET]"


def test_an_address_that_a_proxy_tells_forges_no_line() -> None:
    lines: list[str] = []
    served = Served(lambda _environ, start: start("200 OK", []) or [b""], lines.append)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "REMOTE_ADDR": "1.2.3.4\x85 forged"}
    served(environ, lambda *_told: lambda _data: None)
    [line] = lines
    assert line.startswith("1.2.3.4%85%20forged [")
