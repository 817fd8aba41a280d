"""Icons drawn in the page itself, for messages that must show when the sprite cannot be fetched.

All other icons refer to `static/vendor/lucide.svg`; see `icon` in `templates/_macros.html`.
"""

import re
from functools import cache
from pathlib import Path

from flask import Flask
from markupsafe import Markup

SYMBOL = re.compile(r'<symbol id="([\w-]+)" ([^>]*)>(.*?)</symbol>', re.DOTALL)


def init_app(app: Flask) -> None:
    """Give templates `drawn_icon(name)`."""
    sprite = Path(app.static_folder or "") / "vendor" / "lucide.svg"
    app.add_template_global(lambda name: drawn(sprite, name), "drawn_icon")


@cache
def drawn(sprite: Path, name: str) -> Markup:
    """An icon of the sprite as an image of its own. Raises KeyError when there is none."""
    symbols = {found[1]: found for found in SYMBOL.finditer(sprite.read_text())}
    _name, attributes, shapes = symbols[name].groups()
    # The sprite is our own file, vendored with its checksum.
    return Markup(f'<svg class="icon" aria-hidden="true" {attributes}>{shapes}</svg>')  # noqa: S704
