"""What a browser may keep, and what it must ask for again."""

import re

from tests.web.browser import Browser


def kept(browser: Browser, address: str) -> str:
    """What the answer says about keeping it."""
    answer = browser.get(address)
    assert answer.status_code == 200
    answer.close()
    return answer.headers["Cache-Control"]


def test_a_file_whose_address_has_its_version_is_kept(anonymous: Browser) -> None:
    page = anonymous.get("/login").text
    address = re.search(r'href="(/static/css/base\.css\?v=\w+)"', page)
    assert address is not None
    assert "immutable" in kept(anonymous, address[1])


def test_a_file_without_a_version_is_asked_for_again(anonymous: Browser) -> None:
    assert "immutable" not in kept(anonymous, "/static/js/shell.js")


def test_a_missing_file_is_not_remembered_as_missing(anonymous: Browser) -> None:
    answer = anonymous.get("/static/css/none.css?v=1")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")
