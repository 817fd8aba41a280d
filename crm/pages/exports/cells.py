"""What a cell of an exported list may hold, and the answer's head that both formats share."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import quote

from werkzeug.http import dump_options_header

Cell = str | int | float | datetime | date | None
Row = Sequence[Cell]

_NOT_IN_A_FILE_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def download_headers(filename: str, ending: str) -> dict[str, str]:
    """The answer is a file to keep; it holds people's data, so no cache keeps it as well."""
    name = f"{_NOT_IN_A_FILE_NAME.sub(' ', filename).strip() or 'export'}.{ending}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    options: dict[str, str | int | None] = {"filename": plain}
    if plain != name:
        options["filename*"] = f"UTF-8''{quote(name)}"
    return {
        "Content-Disposition": dump_options_header("attachment", options),
        "Cache-Control": "no-store",
    }


def whole_moment(moment: datetime) -> datetime:
    """A moment as a sheet shows it: the clock of its own zone, whole seconds, no offset."""
    return moment.replace(tzinfo=None, microsecond=0)
