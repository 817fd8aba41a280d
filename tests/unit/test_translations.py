"""The catalogues: complete, and with the same values in both languages.

A text that fails here is translated in crm/translations; see docs/translating.md.
"""

import json
import re
from collections.abc import Sequence

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from crm.translations import LANGUAGES, SOURCE_LANGUAGE, po_file
from crm.translations.__main__ import (
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


def forms_of(text: str | Sequence[str] | None) -> list[str]:
    """A text, or one and many of it."""
    return [text] if isinstance(text, str) else list(text or ())


def first_of(text: str | Sequence[str]) -> str:
    """A text as the catalogue knows it."""
    return forms_of(text)[0]
