"""A list as an Excel file, written row by row to a temporary file, sent, and removed.

Each cell is written as the kind it is, so a number to dial stays text with its plus and nothing is
a formula. A sheet holds SHEET_ROWS rows; what is more stands on further sheets, and the last row of
a full one says so.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wsgi import wrap_file
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from crm.pages.exports.cells import Cell, Row, download_headers, whole_moment

SHEET_ROWS = 1_048_576  # Excel's own limit; the headings are one of them
LONGEST_TEXT = 32_767  # characters in a cell, Excel's own limit
COLUMN_WIDTH = 18
FIRST_YEAR = 1900  # Excel knows no day before
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def excel_answer(
    filename: str, header: Row, rows: Iterable[Row], *, sheet_rows: int = SHEET_ROWS
) -> Response:
    """Answer with an Excel file of all `rows`; `filename` comes without its ending.

    The file is written before its first byte is sent: 100,000 rows of sixteen cells take half a
    minute of processor time. sheet_rows: how many a sheet takes, headings and the line about the
    next sheet among them; smaller in tests.
    """
    with TemporaryDirectory(prefix="export-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "list.xlsx"
        with _workbook(path) as book:
            _Sheets(book, header, sheet_rows).fill(rows)
        size = path.stat().st_size
        # Its name may go at once: an answer that is passed through runs nothing when it is sent.
        file = path.open("rb")
    answer = Response(wrap_file(request.environ, file), mimetype=MIMETYPE, direct_passthrough=True)
    answer.content_length = size
    answer.headers.update(download_headers(filename, "xlsx"))
    return answer


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    """Keeps one row in memory; its own temporary files lie beside the file and go with it."""
    book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    try:
        yield book
    finally:
        book.close()


class _Sheets:
    """Fills sheet after sheet, each with the headings."""

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
            sheet.write_datetime(row, column, whole_moment(cell), self._moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell, self._day)
        elif isinstance(cell, int | float):
            sheet.write_number(row, column, cell)
        else:
            sheet.write_string(row, column, _fitting(cell))


def _fitting(text: str) -> str:
    """A text as a cell can hold it; one that is too long ends with words that say so."""
    text = _NOT_IN_XML.sub("", text)
    if len(text) <= LONGEST_TEXT // 2:  # Excel counts a character outside the first plane twice
        return text
    cut = str(_("… (too long for a cell; the CSV file has all of it)"))
    if len(text.encode("utf-16-le", "replace")) // 2 <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT // 2] + cut
