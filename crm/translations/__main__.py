"""`make translations`: brings the catalogues up to date with the texts in the code.

Texts that are new get an empty translation, texts that are gone go. A catalogue has no line
numbers, no dates and one order, so that the additions of several people merge.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from crm.translations import LANGUAGES, SOURCE_LANGUAGE, po_file

ROOT = Path(__file__).parents[2]
HEADER = r"""# How to add to this: docs/translating.md
msgid ""
msgstr ""
"Language: {language}\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
KEYWORDS = DEFAULT_KEYWORDS | {
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "marked": None,
}
SIMULATOR = ROOT / "crm/simulator"
SIMULATOR_TURKISH = SIMULATOR / "translations/tr.json"
# Its refusals are made where no language is known; the page that shows them translates them.
SIMULATOR_KEYWORDS = {
    "_": None,
    "translated": None,
    "NotPossibleError": None,
    "_must_be": (3,),
    "_send_away": (2,),
}


def main() -> None:
    """Update the catalogue of every language, and name the texts that lack a translation."""
    texts = texts_in_code()
    for language in LANGUAGES:
        if language == SOURCE_LANGUAGE:
            continue
        path = po_file(language)
        catalogue = updated(path, texts)
        with path.open("wb") as file:
            file.write(HEADER.format(language=language).encode())
            write_po(file, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
        _tell(path, untranslated(catalogue))
    words = json.loads(SIMULATOR_TURKISH.read_text(encoding="utf-8"))
    words = {text: words.get(text, "") for text in sorted(texts_in_simulator())}
    lines = json.dumps(words, ensure_ascii=False, indent=0)
    SIMULATOR_TURKISH.write_text(f"{lines}\n", encoding="utf-8")
    _tell(SIMULATOR_TURKISH, [text for text, turkish in words.items() if not turkish])


def texts_in_code() -> Catalog:
    """Every text of the CRM that goes through `_()` and its like, in Python and in templates."""
    texts = Catalog()
    for folder in (ROOT / "templates", ROOT / "crm"):
        for text, context in _found(folder, KEYWORDS, but=SIMULATOR):
            texts.add(text, context=context)
    return texts


def texts_in_simulator() -> set[str]:
    """Every text of the simulator's pages, in Python, templates and scripts."""
    return {str(text) for text, _context in _found(SIMULATOR, SIMULATOR_KEYWORDS)}


def _found(
    folder: Path, keywords: Mapping[str, Any], but: Path | None = None
) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    found = extract_from_dir(
        folder,
        [("**.py", "python"), ("**.html", "jinja2"), ("**.js", "javascript")],
        {"**.html": {"silent": "false"}, "**.js": {"parse_template_string": "true"}},
        keywords,
        directory_filter=lambda path: Path(path) != but,
    )
    for _file, _line, text, _comments, context in found:
        yield text, context


def _tell(path: Path, missing: list[str]) -> None:
    print(f"{path.relative_to(ROOT)}: {len(missing)} to translate")
    for text in missing:
        print(f"  {text}", file=sys.stderr)


def updated(path: Path, texts: Catalog) -> Catalog:
    """The catalogue of a file with exactly these texts."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts with no translation, with half of one, or with one that is marked as a guess."""
    missing = []
    for message in catalogue:
        forms = [message.string] if isinstance(message.string, str) else message.string or [""]
        if message.id and (message.fuzzy or not all(forms)):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


if __name__ == "__main__":
    main()
