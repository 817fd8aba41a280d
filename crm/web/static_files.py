"""Serves style sheets, icons and scripts: `/static/<version>/js/dial.js`.

The version is that of all files together and stands in the path, so that what a script imports by a
relative address has it too. Browsers keep such files for good. Why:
docs/adr/0024-weight-of-a-page.md.
"""

import gzip
import mimetypes
import re
from functools import cache, lru_cache, partial
from hashlib import blake2b
from pathlib import Path

import brotli
from flask import Flask, Response, abort, current_app, request, url_for
from markupsafe import Markup

FOLDER = Path(__file__).parents[2] / "static"
VERSION_LENGTH = 12
# One sheet of all, in this order; a later one wins. The sources are the files of css/.
ALL_SHEETS = "css/all.css"
SHEETS = (
    "tokens",
    "base",
    "shell",
    "forms",
    "components",
    "dial",
    "lists",
    "contact",
    "log",
    "timeline",
    "calls",
    "due",
    "background-work",
    "imports",
    "settings",
    "reports",
    "call-card",
    "dock",
    "told",
    "elsewhere",
    "checks",
    "inspector",
    "icons",
)
ENCODERS = {"br": brotli.compress, "gzip": partial(gzip.compress, mtime=0)}  # the best one first
SYMBOL = re.compile(r'<symbol id="([\w-]+)" ([^>]*)>(.*?)</symbol>', re.DOTALL)
KEPT = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Serve the files, and let `url_for("static", filename=…)` give versioned addresses.

    Templates get `drawn_icon(name)`, and `sprite()`, the address of the icons.
    """
    for version in (f"<string(length={VERSION_LENGTH}):version>/", ""):
        app.add_url_rule(f"/static/{version}<path:filename>", "static", send)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, str]) -> None:
        if endpoint == "static":
            values.setdefault("version", version_of_all())

    app.jinja_env.globals["drawn_icon"] = drawn
    app.jinja_env.globals["sprite"] = lambda: sprite(request.script_root)


def send(filename: str, version: str = "") -> Response:
    """A file, compressed. Without a version it is checked at each use; so is one of another
    version, which a page of another process asks for during an update.
    """
    is_developed = current_app.debug  # then each change is seen at once
    found = (read_all() if is_developed else all_files()).get(filename)
    if found is None:
        abort(404)
    kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    answer = Response(found, mimetype=kind)
    coding = next((name for name in ENCODERS if request.accept_encodings[name] > 0), "")
    small = compressed(found, coding) if coding and not is_developed else found
    if len(small) < len(found):  # else it is a picture
        answer.set_data(small)
        answer.content_encoding = coding
    answer.vary.add("Accept-Encoding")
    is_kept = version == version_of_all() and not is_developed
    if is_kept:
        answer.headers["Cache-Control"] = KEPT
        return answer
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(f"{blake2b(found, digest_size=6).hexdigest()}{coding}")
    answer.make_conditional(request)
    return answer


@cache
def all_files() -> dict[str, bytes]:
    """All files by their paths in `static/`; read once a process."""
    return read_all()


@cache
def version_of_all() -> str:
    """Some letters that change when one of the files does."""
    digest = blake2b(digest_size=VERSION_LENGTH // 2)
    for name, found in sorted(all_files().items()):
        digest.update(name.encode() + found)
    return digest.hexdigest()


@lru_cache(maxsize=256)
def compressed(found: bytes, coding: str) -> bytes:
    """A file as small as it gets; made once a process."""
    return bytes(ENCODERS[coding](found))


def read_all() -> dict[str, bytes]:
    """The files, and the one sheet of all.

    Pico CSS is in a layer of its own: whatever our files say wins, however specific Pico is.
    """
    paths = [path for path in FOLDER.rglob("*") if path.is_file()]
    files = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    pico = files["vendor/pico.min.css"].removeprefix(b'@charset "UTF-8";')
    ours = [b"/* css/%s.css */\n%s" % (name.encode(), files[f"css/{name}.css"]) for name in SHEETS]
    files[ALL_SHEETS] = b"\n".join([b"@layer pico {", pico, b"}", *ours])
    return files


@lru_cache(maxsize=8)
def sprite(_prefix: str) -> str:
    """The address of the icons, below this request's prefix. A page asks for it dozens of times."""
    return url_for("static", filename="vendor/lucide.svg")


@cache
def drawn(name: str) -> Markup:
    """An icon of the sprite, drawn in the page itself. Raises KeyError when there is none.

    For messages that must show when the sprite cannot be fetched. All other icons refer to it; see
    `icon` in `templates/_macros.html`.
    """
    sprite = all_files()["vendor/lucide.svg"].decode()
    symbols = {found[1]: found for found in SYMBOL.finditer(sprite)}
    _name, attributes, shapes = symbols[name].groups()
    # The sprite is our own file, vendored with its checksum.
    return Markup(f'<svg class="icon" aria-hidden="true" {attributes}>{shapes}</svg>')  # noqa: S704
