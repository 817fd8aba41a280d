"""Style sheets, icons and scripts: an address that changes with the file, so it may be kept long.

Icons are asked for with every piece of page that shows one; without this each would be asked for
again. Scripts that other scripts import keep their plain names and are checked at each load.
"""

from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Flask, Response, request

VERSION = "v"
OK = 200
KEPT = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Put the version of the file into its address, and let versioned answers be kept."""
    folder = Path(app.static_folder or "")

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
