"""The language of the simulator's pages, by what the browser asks for: English, or Turkish.

It runs with Flask alone, so it has no catalogue: `translations/tr.json` gives the Turkish of each
text. `static/words.js` looks up what scripts say, and the sentences of the server's refusals.
"""

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, request

TURKISH = Path(__file__).parent / "translations" / "tr.json"


def init_app(app: Flask) -> None:
    """Give templates `_()`, `lang`, and `words` for the scripts."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(translated, _plural, newstyle=True)  # type: ignore[attr-defined]
    app.context_processor(lambda: {"lang": language(), "words": _words()})


def language() -> str:
    """The first of ours that the browser asks for."""
    return request.accept_languages.best_match(("en", "tr")) or "en"


def translated(text: str) -> str:
    """The text in the language of this request."""
    return _words().get(text) or text


def marked(text: str) -> str:
    """The text as it is: `make translations` finds it here, and a page translates it."""
    return text


def _plural(one: str, many: str, count: int) -> str:
    return translated(one if count == 1 else many)


def _words() -> dict[str, str]:
    return _turkish() if language() == "tr" else {}


@lru_cache(maxsize=1)
def _turkish() -> dict[str, str]:
    words: dict[str, str] = json.loads(TURKISH.read_text(encoding="utf-8"))
    return words
