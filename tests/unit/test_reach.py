"""Whether the softphone's page may stand in the desk, and whether the CRM answers outside."""

from collections.abc import Iterator

import pytest

from crm.telephony import reach
from tests.unit.callcenterstudio.vendor import (
    Answer,
    Vendor,
    dribbles,
    resets,
    says,
    says_nothing,
    sends,
)

DESK = "https://desk.example"
PAGE = "https://phone.example"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    yield server
    server.close()


@pytest.mark.parametrize(
    ("policy", "may"),
    [
        ("", True),
        ("default-src 'self'; script-src 'none'", True),
        ("frame-ancestors *", True),
        ("frame-ancestors 'none'", False),
        ("frame-ancestors", False),
        ("frame-ancestors 'self'", False),
        ("default-src 'self'; FRAME-ANCESTORS HTTPS://DESK.EXAMPLE", True),
        ("frame-ancestors desk.example", True),
        ("frame-ancestors desk.example:443", True),
        ("frame-ancestors desk.example:8443", False),
        ("frame-ancestors desk.example:*", True),
        ("frame-ancestors https://desk.example/any/path", True),
        ("frame-ancestors http://desk.example", True),
        ("frame-ancestors *.example", True),
        ("frame-ancestors *.desk.example", False),
        ("frame-ancestors other.example", False),
        ("frame-ancestors 'self' https:", True),
        ("frame-ancestors wss:", False),
        ("frame-ancestors 'self' other.example desk.example", True),
        ("frame-ancestors *, frame-ancestors 'none'", False),
        ("frame-ancestors :::", False),
    ],
)
def test_a_policy_says_who_may_frame(policy: str, may: bool) -> None:
    headers = {"Content-Security-Policy": policy} if policy else {}
    assert reach.may_frame(headers, page=PAGE, desk=DESK) is may


@pytest.mark.parametrize(
    ("options", "may"),
    [("DENY", False), ("SameOrigin", False), ("ALLOW-FROM https://x.example", True), ("", True)],
)
def test_the_older_header_counts_where_there_is_no_policy(options: str, may: bool) -> None:
    headers = {"X-Frame-Options": options}
    assert reach.may_frame(headers, page=PAGE, desk=DESK) is may
    both = headers | {"Content-Security-Policy": "frame-ancestors https://desk.example"}
    assert reach.may_frame(both, page=PAGE, desk=DESK)


def test_the_same_origin_may_frame_itself() -> None:
    headers = {"X-Frame-Options": "SAMEORIGIN"}
    assert reach.may_frame(headers, page=DESK, desk=DESK)
    own = {"Content-Security-Policy": "frame-ancestors 'self'"}
    assert reach.may_frame(own, page=DESK, desk=DESK)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (sends("hello"), "frames"),
        (sends("who are you?", status=403), "frames"),
        (sends("", headers={"X-Frame-Options": "DENY"}), "forbids"),
        (sends("", status=503), "error"),
        (sends("", status=302, headers={"Location": "https://login.example/"}), "leads_away"),
        (sends("", status=302, headers={"Location": "/again"}), "leads_away"),  # and again
        (resets, "no_answer"),
        (says_nothing, "no_answer"),
    ],
)
def test_what_becomes_of_the_softphones_page(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, answer: Answer, found: str
) -> None:
    if answer is says_nothing:
        monkeypatch.setattr(reach, "SECONDS", 0.2)
    vendor.will(answer)
    assert reach.softphone_page(vendor.url, "http://desk.example") == found


def test_a_page_without_https_is_not_shown_in_one_that_has_it(vendor: Vendor) -> None:
    assert reach.softphone_page(vendor.url, DESK) == "plain"
    assert vendor.paths == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (says({"process": "ok", "database": "ok"}), "reached"),
        (says({"process": "ok", "database": "unreachable"}, status=503), "reached"),
        (says(["process"]), "something_else"),
        (sends("<h1>Welcome to nginx!</h1>"), "something_else"),
        (sends("", status=301, headers={"Location": "https://www.example/"}), "something_else"),
        (resets, "no_answer"),
        (dribbles(b"HTTP/1.1 200 OK\r\n\r\n"), "no_answer"),
    ],
)
def test_what_answers_at_the_public_address(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, answer: Answer, found: str
) -> None:
    if found == "no_answer":
        monkeypatch.setattr(reach, "SECONDS", 0.5)
    vendor.will(answer)
    assert reach.public_address(vendor.url.removesuffix("/api/")) == found
