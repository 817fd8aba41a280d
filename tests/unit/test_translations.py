"""The catalogues: complete, and with the same values in both languages.

A text that fails here is translated in crm/translations; see docs/translating.md.
"""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment

from crm.translations import LANGUAGES, SOURCE_LANGUAGE, po_file
from crm.translations.__main__ import (
    ROOT,
    SIMULATOR_TURKISH,
    texts_in_code,
    texts_in_simulator,
    untranslated,
)

PLACE = re.compile(r"%\(\w+\)[a-z]|%%")
TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with po_file(request.param).open("rb") as file:
        return read_po(file)


def test_every_text_is_translated(catalogue: Catalog) -> None:
    assert untranslated(catalogue) == []


def test_the_catalogue_has_the_texts_of_the_code_and_no_others(catalogue: Catalog) -> None:
    in_code = {first_of(message.id) for message in texts_in_code() if message.id}
    in_catalogue = {first_of(message.id) for message in catalogue if message.id}
    assert in_code - in_catalogue == set(), "run make translations, and translate these"
    assert in_catalogue - in_code == set(), "run make translations, which takes these out"
    assert list(catalogue.obsolete) == []


def test_values_have_the_same_names_in_both_languages(catalogue: Catalog) -> None:
    wrong = []
    for message in catalogue:
        ids, forms = forms_of(message.id), forms_of(message.string)
        allowed = {place for one in ids for place in PLACE.findall(one)}
        wrong += [
            f"{form!r} for {text!r}"
            for text, form in zip(ids, forms, strict=True)
            if form and not set(PLACE.findall(text)) <= set(PLACE.findall(form)) <= allowed
        ]
    assert wrong == []


def test_the_simulator_says_everything_in_turkish() -> None:
    words = json.loads(SIMULATOR_TURKISH.read_text(encoding="utf-8"))
    assert texts_in_simulator() == set(words), "run make translations"
    assert [text for text, turkish in words.items() if not turkish] == []
    assert [
        text for text, turkish in words.items() if PLACE.findall(text) != PLACE.findall(turkish)
    ] == []


def test_no_text_is_marked_where_it_is_not_found() -> None:
    """Inside an f-string it stays English: `make translations` does not look there."""
    in_f_strings = re.compile(r"\{_\([\"']")
    files = (ROOT / "crm").rglob("*.py")
    assert [path for path in files if in_f_strings.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("folder", ["templates", "crm/simulator/templates"])
def test_no_template_says_a_word_that_is_not_marked(folder: str) -> None:
    bare = []
    for path in sorted((ROOT / folder).rglob("*.html")):
        words = Words()
        for _line, kind, text in Environment().lex(path.read_text(encoding="utf-8")):
            words.feed(text if kind == "data" else "")
        bare += [f"{path.relative_to(ROOT)}: {word}" for word in words.found]
    assert bare == []


class Words(HTMLParser):
    """The words that stand in a template's own HTML: none of them is translated."""

    SAID = ("title", "placeholder", "aria-label", "alt")
    NAMES = re.compile(r"Ctrl|Enter|CSV|vCard|Excel|API|GET|POST|Call Center Studio|JSON|HTTP")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag in ("code", "kbd")
        for name, value in attrs:
            if name in self.SAID:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag in ("code", "kbd")

    def handle_data(self, data: str) -> None:
        if (
            not self._in_code
            and '="' not in data
            and re.search(r"[^\W\d_]{2}", self.NAMES.sub("", PLACE.sub("", data)))
        ):
            self.found.append(data.strip())


def forms_of(text: str | Sequence[str] | None) -> list[str]:
    """A text, or one and many of it."""
    return [text] if isinstance(text, str) else list(text or ())


def first_of(text: str | Sequence[str]) -> str:
    """A text as the catalogue knows it."""
    return forms_of(text)[0]
