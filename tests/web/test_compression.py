"""Which answers are compressed, and for whom."""

import gzip

import pytest

from crm.web.compression import SMALLEST
from tests.web.browser import Browser

CHROME = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.mark.parametrize("site", ["same-origin", "none"])
@pytest.mark.parametrize(("accepts", "coding"), [("gzip, br, zstd", "zstd"), ("gzip", "gzip")])
def test_a_page_is_compressed_for_our_own_pages(
    browser: Browser, site: str, accepts: str, coding: str
) -> None:
    plain = browser.get("/contacts")
    sent = {"Accept-Encoding": accepts, "Sec-Fetch-Site": site}
    answer = browser.get("/contacts", headers=sent)
    assert answer.headers["Content-Encoding"] == coding
    assert len(answer.data) < len(plain.data) / 3
    assert {"HX-Request", "Cookie", "Accept-Encoding", "Sec-Fetch-Site"} <= set(answer.vary)
    assert answer.headers["Cache-Control"] == plain.headers["Cache-Control"] == "no-store"
    if coding == "gzip":
        assert b"</html>" in gzip.decompress(answer.data)


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_no_page_is_compressed_for_another_website(browser: Browser, site: str | None) -> None:
    """Its length would tell what it holds beside the words of the address (BREACH)."""
    sent = CHROME | ({"Sec-Fetch-Site": site} if site else {})
    answer = browser.get("/contacts?q=chosen", headers=sent)
    assert "Content-Encoding" not in answer.headers
    assert "</html>" in answer.text


def test_a_short_answer_goes_out_as_it_is(browser: Browser) -> None:
    answer = browser.htmx_get("/softphone", headers=CHROME | {"Sec-Fetch-Site": "same-origin"})
    assert len(answer.data) < SMALLEST
    assert "Content-Encoding" not in answer.headers


def test_an_export_is_not_held_back_to_be_compressed(browser: Browser) -> None:
    answer = browser.get("/calls/export.csv", headers=CHROME | {"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
