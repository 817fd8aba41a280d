"""Lists as files, CSV and Excel, of any length, with flat memory. The call log and reports use it.

`csv_answer` and `excel_answer` take a file name without its ending, a line of headings and an
iterator of rows. Text stays text: a phone number keeps its plus and its zero, and nothing that a
caller or an agent wrote becomes a formula.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from io import StringIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from babel.numbers import get_decimal_symbol
from flask import Response, request, stream_with_context
from flask_babel import gettext as _
from werkzeug.http import dump_options_header
from werkzeug.wsgi import wrap_file
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from crm.web import current_agent

Cell = str | int | float | datetime | date | None  # None is an empty one
Row = Sequence[Cell]

PIECE = 64 * 1024  # characters of CSV that are sent at once
TEXTS_AT_ONCE = 200
# Excel reads Turkish letters wrong without it. A first line "sep=;" would tell Excel the separator,
# but then it ignores this mark, and other programs take the line for a row.
BYTE_ORDER_MARK = "\ufeff"
# Excel and LibreOffice take text that begins with =, +, - or @ for a formula; the wide forms are
# read as the narrow ones in Japan and China. Inside a text they count after what an Excel of
# another country may take for the end of a cell.
_FORMULA = re.compile(r"^(?=[\t\r\n])|(^|[,;\"\t\r\n])(?=[=+@\uff1d\uff0b\uff0d\uff20-])")
# And this for a number or a day: 05320000001 would lose its zero, 1-2 would become February.
_LIKE_A_NUMBER = re.compile(r"[\s\d.,:/()+-]*\d[\s\d.,:/()+-]*(e[+-]?\d+)?", re.IGNORECASE)

SHEET_ROWS = 1_048_576  # Excel's own limit; the headings are one of them
LONGEST_TEXT = 32_767  # characters in a cell, Excel's own limit
COLUMN_WIDTH = 18
FIRST_YEAR = 1900  # Excel has no earlier days
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_FILE_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def csv_answer(filename: str, header: Row, rows: Iterable[Row]) -> Response:
    """Answer with a CSV file that a double click opens right in Excel, sent while `rows` are read.

    The separator is the one that Excel expects in the tenant's country: a semicolon where decimals
    have a comma (Turkey, Germany), else a comma.
    """
    decimal = decimal_symbol(current_agent.get().region)

    def pieces() -> Iterator[bytes]:
        buffer = StringIO()
        writer = csv.writer(buffer, delimiter=";" if decimal == "," else ",")
        buffer.write(BYTE_ORDER_MARK)
        for row in chain([header], rows):
            writer.writerow([text_of(cell, decimal).replace("\0", "") for cell in row])
            if buffer.tell() >= PIECE:
                yield buffer.getvalue().encode("utf-8", "replace")
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue().encode("utf-8", "replace")

    answer = Response(stream_with_context(pieces()), mimetype="text/csv")
    answer.headers.update(_download_headers(filename, "csv"))
    return answer


def text_answer(filename: str, ending: str, mimetype: str, texts: Iterable[str]) -> Response:
    """Answer with a file of texts one behind the other, sent while they are read."""

    def pieces() -> Iterator[bytes]:
        piece: list[str] = []
        for text in texts:
            piece.append(text)
            if len(piece) >= TEXTS_AT_ONCE:
                yield "".join(piece).encode("utf-8", "replace")
                piece = []
        yield "".join(piece).encode("utf-8", "replace")

    answer = Response(stream_with_context(pieces()), mimetype=mimetype)
    answer.headers.update(_download_headers(filename, ending))
    return answer


def decimal_symbol(region: str) -> str:
    """The decimal symbol of a country ("TR"): a comma or a point."""
    for language in get_official_languages(region.upper()):
        try:
            locale = Locale.parse(f"{language}_{region}", sep="_")
        except (UnknownLocaleError, ValueError):
            continue
        return "," if get_decimal_symbol(locale) == "," else "."
    return "."


def text_of(cell: Cell, decimal: str = ".") -> str:
    """The text of a cell in a CSV file.

    Text that a spreadsheet would take for a formula or a number has an apostrophe before it: it is
    shown, and read as text. A phone number is then '+905320000001; a program that removes the sign
    must remove the apostrophe too. ="..." would hide it, but is a formula itself.
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return _whole_moment(cell).isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return repr(cell).replace(".", decimal)
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if _LIKE_A_NUMBER.fullmatch(cell) else _FORMULA.sub(r"\1'", cell)


def excel_answer(
    filename: str, header: Row, rows: Iterable[Row], *, sheet_rows: int = SHEET_ROWS
) -> Response:
    """Answer with an Excel file of all `rows`, each cell written as the kind it is.

    The file is written before its first byte is sent: 100,000 rows of sixteen cells take half a
    minute of processor time. sheet_rows: how many a sheet takes, headings and the line about the
    next sheet among them; smaller in tests.
    """
    with TemporaryDirectory(prefix="export-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "list.xlsx"
        # Keeps one row in memory; its own temporary files lie beside the file and go with it.
        with closing(Workbook(str(path), {"constant_memory": True, "tmpdir": folder})) as book:
            _Sheets(book, header, sheet_rows).fill(rows)
        size = path.stat().st_size
        # Its name may go at once: an answer that is passed through runs nothing when it is sent.
        file = path.open("rb")
    answer = Response(wrap_file(request.environ, file), mimetype=EXCEL, direct_passthrough=True)
    answer.content_length = size
    answer.headers.update(_download_headers(filename, "xlsx"))
    return answer


class _Sheets:
    """Fills sheet after sheet, each with the headings; the last row of a full one says so."""

    def __init__(self, book: Workbook, header: Row, sheet_rows: int) -> None:
        self._book = book
        self._header = header
        self._last_row = sheet_rows - 1
        self._bold = book.add_format({"bold": True})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})

    def fill(self, rows: Iterable[Row]) -> None:
        sheet, number = self._new_sheet(), 1
        for row in rows:
            if number == self._last_row:
                sheet.write_string(number, 0, str(_("More rows are on the next sheet.")))
                sheet, number = self._new_sheet(), 1
            for column, cell in enumerate(row):
                self._write(sheet, number, column, cell)
            number += 1

    def _new_sheet(self) -> Worksheet:
        sheet = self._book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(self._header) - 1, COLUMN_WIDTH)
        for column, cell in enumerate(self._header):
            sheet.write_string(0, column, str(cell), self._bold)
        return sheet

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, date) and cell.year < FIRST_YEAR:
            cell = str(cell)
        if isinstance(cell, datetime):
            sheet.write_datetime(row, column, _whole_moment(cell), self._moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell, self._day)
        elif isinstance(cell, int | float):
            sheet.write_number(row, column, cell)
        else:
            sheet.write_string(row, column, _fitting(cell))


def _fitting(text: str) -> str:
    """A text cut to the length of a cell; a cut one ends with words that say so."""
    text = _NOT_IN_XML.sub("", text)
    if len(text) <= LONGEST_TEXT // 2:  # Excel counts a character outside the first plane twice
        return text
    cut = str(_("… (too long for a cell; the CSV file has all of it)"))
    if len(text.encode("utf-16-le", "replace")) // 2 <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT // 2] + cut


def _whole_moment(moment: datetime) -> datetime:
    """A moment as a sheet shows it: the clock of its own zone, whole seconds, no offset."""
    return moment.replace(tzinfo=None, microsecond=0)


def _download_headers(filename: str, ending: str) -> dict[str, str]:
    """Headers of a download; it holds people's data, so no cache may store it."""
    name = f"{_NOT_IN_A_FILE_NAME.sub(' ', filename).strip() or 'export'}.{ending}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    options: dict[str, str | int | None] = {"filename": plain}
    if plain != name:
        options["filename*"] = f"UTF-8''{quote(name)}"
    return {
        "Content-Disposition": dump_options_header("attachment", options),
        "Cache-Control": "no-store",
    }
