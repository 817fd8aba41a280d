"""The catalogues: complete, and with the same values in both languages.

A text that fails here is translated in crm/translations; see docs/translating.md.
"""

import re
from collections.abc import Sequence

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from crm.translations import LANGUAGES, SOURCE_LANGUAGE, po_file

PLACE = re.compile(r"%\(\w+\)[a-z]|%%")
TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with po_file(request.param).open("rb") as file:
        return read_po(file)


def test_values_have_the_same_names_in_both_languages(catalogue: Catalog) -> None:
    wrong = []
    for message in catalogue:
        ids, forms = forms_of(message.id), forms_of(message.string)
        allowed = {place for one in ids for place in PLACE.findall(one)}
        needed = set(PLACE.findall(ids[-1]))
        wrong += [
            f"{one!r} for {ids[0]!r}"
            for one in forms
            if one and not needed <= set(PLACE.findall(one)) <= allowed
        ]
    assert wrong == []


def forms_of(text: str | Sequence[str] | None) -> list[str]:
    """A text, or one and many of it."""
    return [text] if isinstance(text, str) else list(text or ())
