"""`make translations`: brings the catalogues up to date with the texts in the code.

Texts that are new get an empty translation, texts that are gone go. A catalogue has no line
numbers, no dates and one order, so that the additions of several people merge.
"""

import sys
import tomllib
from pathlib import Path

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
        missing = untranslated(catalogue)
        print(f"{path.relative_to(ROOT)}: {len(texts)} texts, {len(missing)} to translate")
        for text in missing:
            print(f"  {text}", file=sys.stderr)


def texts_in_code() -> Catalog:
    """Every text that goes through `_()` and its like, in Python and in templates."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    mappings = settings["tool"]["babel"]["mappings"]
    texts = Catalog()
    for folder in ("crm", "templates"):
        found = extract_from_dir(
            ROOT / folder,
            [(mapping["pattern"], mapping["method"]) for mapping in mappings],
            {mapping["pattern"]: {"silent": "false"} for mapping in mappings},
            KEYWORDS,
        )
        for _file, _line, text, _comments, context in found:
            texts.add(text, context=context)
    return texts


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
