"""What a browser may keep, what it must ask for again, and what is sent compressed."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from werkzeug.test import TestResponse

from crm.web import static_files
from tests.web.browser import Browser

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "static" / "js"
OTHER_VERSION = "0" * static_files.VERSION_LENGTH


def address_of(browser: Browser, filename: str, page: str = "/login") -> str:
    """The address in a page."""
    found = re.search(rf'"(/static/\w{{12}}/{re.escape(filename)})"', browser.get(page).text)
    assert found is not None
    return found[1]


def ask(browser: Browser, address: str, accepts: str = "", **headers: str) -> TestResponse:
    return browser.get(address, headers={"Accept-Encoding": accepts} | headers)


def test_a_file_whose_address_has_its_version_is_kept(anonymous: Browser) -> None:
    for name in ("css/all.css", "js/controls.js", "vendor/htmx.min.js", "img/mark.svg"):
        answer = ask(anonymous, address_of(anonymous, name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("path", ["/static/js/dial.js", f"/static/{OTHER_VERSION}/js/dial.js"])
def test_a_file_without_a_version_or_with_another_one_is_asked_for_again(
    anonymous: Browser, path: str
) -> None:
    answer = ask(anonymous, path)
    assert answer.text == (SCRIPTS / "dial.js").read_text()
    assert answer.headers["Cache-Control"] == "no-cache"
    again = ask(anonymous, path, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["css/none.css", "js/../../README.md", "js/%2e%2e/%2e%2e/app.py"])
def test_a_missing_file_is_not_remembered_as_missing(anonymous: Browser, path: str) -> None:
    for version in (f"{static_files.version_of_all()}/", ""):
        answer = anonymous.get(f"/static/{version}{path}")
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_the_version_changes_with_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    files = static_files.read_all()
    version = static_files.version_of_all.__wrapped__
    before = version()
    monkeypatch.setattr(static_files, "all_files", lambda: files | {"js/dial.js": b"changed"})
    assert version() != before


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("", None),
        ("identity", None),
    ],
)
def test_files_are_compressed_as_the_browser_can_read_them(
    anonymous: Browser, accepts: str, coding: str | None
) -> None:
    answer = ask(anonymous, "/static/vendor/htmx.js", accepts)
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.vary
    plain = {"br": brotli.decompress, "gzip": gzip.decompress}.get(coding or "", bytes)
    assert plain(answer.data) == (ROOT / "static/vendor/htmx.js").read_bytes()
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_each_coding_has_an_etag_of_its_own(anonymous: Browser) -> None:
    tags = {
        ask(anonymous, "/static/js/dial.js", accepts).headers["ETag"]
        for accepts in ("br", "gzip", "")
    }
    assert len(tags) == 3


def test_the_sheet_holds_every_sheet_of_ours_and_pico_once(anonymous: Browser) -> None:
    sheet = ask(anonymous, "/static/css/all.css").text
    for path in (ROOT / "static" / "css").glob("*.css"):
        assert path.read_text() in sheet
    assert sheet.startswith("@layer pico {")
    assert sheet.count("Pico CSS") == (ROOT / "static/vendor/pico.css").read_text().count("Pico")
    assert "@import" not in sheet


def test_no_script_is_found_only_when_another_one_has_come(browser: Browser) -> None:
    """Whatever the page's scripts import is in its head too."""
    named = re.findall(r"/static/\w+/js/([\w-]+\.js)", browser.get("/contacts").text)
    assert len(named) == len(set(named))
    for name in named:
        imported = re.findall(r'^import .*"\./(.+)";', (SCRIPTS / name).read_text(), re.MULTILINE)
        assert set(imported) <= set(named), name


def test_every_icon_comes_from_the_versioned_sprite(browser: Browser) -> None:
    used = set(re.findall(r'<use href="([^#]+)#', browser.get("/contacts").text))
    assert used == {f"/static/{static_files.version_of_all()}/vendor/lucide.svg"}


def test_the_first_page_stays_light(browser: Browser) -> None:
    """`make bench` counts in a browser; this says at once whose file was one too many.

    A behaviour of one page belongs into NEEDED of navigation.js (docs/adr/0024).
    """
    page = browser.get("/contacts").text
    named = set(re.findall(r"""["'](/static/\w+/[^"'#]+)""", page))
    files = {name for name in named if not re.search(r"/icon-|/mark-", name)}  # when it rings
    assert len(files) + len(["the page", "/softphone/check"]) <= 25
    sent = [ask(browser, address, "br").data for address in files]
    assert sum(map(len, sent)) + len(brotli.compress(page.encode(), quality=4)) < 87_000
