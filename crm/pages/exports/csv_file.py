"""A list as CSV that a double click opens right in Excel, row by row as it is read.

UTF-8 with a byte order mark, or Excel reads Turkish letters wrong. The separator is the one that
Excel expects in the tenant's country: a semicolon where decimals have a comma (Turkey, Germany),
else a comma. A first line "sep=;" would tell it too, but Excel then ignores the byte order mark,
and other programs take it for a row.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from io import StringIO
from itertools import chain

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from babel.numbers import get_decimal_symbol
from flask import Response, stream_with_context

from crm.pages.exports.cells import Cell, Row, download_headers, whole_moment
from crm.web import current_agent

PIECE = 64 * 1024  # characters that are sent at once
BYTE_ORDER_MARK = "\ufeff"

# Excel and LibreOffice take text that begins with =, +, - or @ for a formula; the wide forms are
# read as the narrow ones in Japan and China. Inside a text they count after what an Excel of
# another country may take for the end of a cell.
_FORMULA = re.compile(r"^(?=[\t\r\n])|(^|[,;\"\t\r\n])(?=[=+@\uff1d\uff0b\uff0d\uff20-])")
# And this for a number or a day: 05320000001 would lose its zero, 1-2 would become February.
_LIKE_A_NUMBER = re.compile(r"[\s\d.,:/()+-]*\d[\s\d.,:/()+-]*(e[+-]?\d+)?", re.IGNORECASE)


def csv_answer(filename: str, header: Row, rows: Iterable[Row]) -> Response:
    """Answer with a CSV file, sent while `rows` are read; `filename` comes without its ending."""
    decimal = decimal_symbol(current_agent.get().region)
    pieces = _pieces(chain([header], rows), decimal)
    answer = Response(stream_with_context(pieces), mimetype="text/csv")
    answer.headers.update(download_headers(filename, "csv"))
    return answer


def decimal_symbol(region: str) -> str:
    """What stands between 1 and 5 in "1.5" in a country ("TR"): a comma or a point."""
    for language in get_official_languages(region.upper()):
        try:
            locale = Locale.parse(f"{language}_{region}", sep="_")
        except (UnknownLocaleError, ValueError):
            continue
        return "," if get_decimal_symbol(locale) == "," else "."
    return "."


def text_of(cell: Cell, decimal: str = ".") -> str:
    """A cell as it stands in the file.

    Text that a spreadsheet would take for a formula or a number has an apostrophe before it: it is
    shown, and read as text. A phone number reads '+905320000001 then; what removes the sign before
    it is used must remove the apostrophe. ="..." would hide it, but is a formula itself.
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return whole_moment(cell).isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return repr(cell).replace(".", decimal)
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if _LIKE_A_NUMBER.fullmatch(cell) else _FORMULA.sub(r"\1'", cell)


def _pieces(rows: Iterable[Row], decimal: str) -> Iterator[bytes]:
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";" if decimal == "," else ",")
    buffer.write(BYTE_ORDER_MARK)
    for row in rows:
        writer.writerow([_without_nul(text_of(cell, decimal)) for cell in row])
        if buffer.tell() >= PIECE:
            yield _taken_from(buffer)
    yield _taken_from(buffer)


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


def _taken_from(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")
