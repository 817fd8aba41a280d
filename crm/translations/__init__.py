"""The catalogues, read from their .po files when a process first needs them: nothing is compiled.

`crm.extensions` gives them to Flask-Babel. `python -m crm.translations` brings them up to date.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

FOLDER = Path(__file__).parent
SOURCE_LANGUAGE = "en"
# Each in its own words, as a chooser shows them; a language joins when its catalogue is complete.
LANGUAGES = {SOURCE_LANGUAGE: "English", "tr": "Türkçe"}


class Catalogues(Domain):
    """Flask-Babel's domain, without files that somebody has to compile first."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of this request's language; in commands and for English, none."""
        locale = get_locale()
        return catalogue(locale.language if locale else SOURCE_LANGUAGE)


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language: read once in a process, in about 60 ms."""
    path = po_file(language)
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        texts = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return Translations(compiled)


def po_file(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"
