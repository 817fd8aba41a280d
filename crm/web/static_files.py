"""Style sheets, icons and scripts: their addresses change with the file, so browsers cache them.

Every fragment that shows an icon refers to the sprite, which would be asked for again each time.
Scripts that other scripts import keep their plain names and are checked at each load.
"""

import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup

VERSION = "v"
OK = 200
SYMBOL = re.compile(r'<symbol id="([\w-]+)" ([^>]*)>(.*?)</symbol>', re.DOTALL)
KEPT = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Put the version of each file into its address; give templates `drawn_icon(name)`."""
    folder = Path(app.static_folder or "")
    sprite = folder / "vendor" / "lucide.svg"
    app.add_template_global(lambda name: drawn(sprite, name), "drawn_icon")

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, str]) -> None:
        name = values.get("filename")
        if endpoint == "static" and name and VERSION not in values:
            values[VERSION] = version_of(folder / name)

    @app.after_request
    def keep_versioned(answer: Response) -> Response:
        if request.endpoint == "static" and VERSION in request.args and answer.status_code == OK:
            answer.headers["Cache-Control"] = KEPT
        return answer


@cache
def version_of(path: Path) -> str:
    """A few letters that change with the file's content; read once a process."""
    if not path.is_file():
        return "0"
    return blake2b(path.read_bytes(), digest_size=6).hexdigest()


@cache
def drawn(sprite: Path, name: str) -> Markup:
    """An icon of the sprite, drawn in the page itself. Raises KeyError when there is none.

    For messages that must show when the sprite cannot be fetched. All other icons refer to it; see
    `icon` in `templates/_macros.html`.
    """
    symbols = {found[1]: found for found in SYMBOL.finditer(sprite.read_text())}
    _name, attributes, shapes = symbols[name].groups()
    # The sprite is our own file, vendored with its checksum.
    return Markup(f'<svg class="icon" aria-hidden="true" {attributes}>{shapes}</svg>')  # noqa: S704
