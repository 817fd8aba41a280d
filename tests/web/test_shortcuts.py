"""The list of shortcuts: one table for the page, its script and the documentation."""

import re
from pathlib import Path

import pytest

from tests.web.browser import Browser

ROOT = Path(__file__).parents[2]
# A capital i depends on the language.
ON_TURKISH_KEYBOARDS = set("abcdefghjklmnopqrstuvwxyz/?")
LINE = re.compile(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>")
KBD = re.compile(r"<kbd[^>]*>(.*?)</kbd>")


@pytest.fixture
def page(browser: Browser) -> str:
    return browser.get("/contacts").text


def test_the_documentation_has_the_table_of_the_page(page: str) -> None:
    shown = [(KBD.findall(keys), words) for keys, words in LINE.findall(page)]
    text = (ROOT / "docs/keyboard.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", text, re.MULTILINE)
    assert [(re.findall("`(.+?)`", keys), words) for keys, words in rows] == shown


def test_every_single_key_is_on_turkish_keyboards_and_the_script_knows_what_it_does(
    page: str,
) -> None:
    keys = re.findall(r'data-key="(.)" data-action="(\w+)"', page)
    assert {key for key, _ in keys} <= ON_TURKISH_KEYBOARDS
    assert len({key for key, _ in keys}) == len(keys)
    script = (ROOT / "static/js/keys.js").read_text(encoding="utf-8")
    assert [name for _, name in keys] == re.findall(r"^  (\w+)\(\) \{$", script, re.MULTILINE)
