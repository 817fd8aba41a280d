"""The rows of a CSV file: its separator, and each row with the number that a spreadsheet shows.

`reading` goes through `rows`. A row that cannot be read says why and is counted; the rows behind it
are read all the same.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crm.contact_files.texts import LONGEST_LINE, Line

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 30  # lines, to find the separator
MOST_CELLS = 500
LONGEST_CELL = 20_000  # characters; a contact's notes have 10,000
_EXCELS_WORD = "sep="  # a first line by which a file tells Excel its separator

# A row is given up before the module's own limit on a cell ends the whole reading.
csv.field_size_limit(2 * LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. number: as a spreadsheet shows it, from 1. problem: why it has no cells."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


def guess_delimiter(lines: Iterable[Line]) -> str:
    """The separator by which the first rows have the same number of cells, and most of them."""
    first = [line.text for line in islice(lines, LOOKED_AT)]
    word = first[0].strip("\n") if first else ""
    if word[:-1].lower() == _EXCELS_WORD and word[-1] in DELIMITERS:
        return word[-1]
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for cells in csv.reader(first, delimiter=delimiter) if cells)
        width, count = max(widths.items(), key=lambda one: (one[0] > 1, one[1]), default=(0, 0))
        if width > 1 and (count, width) > best_score:
            best, best_score = delimiter, (count, width)
    return best


def rows(lines: Iterable[Line], delimiter: str) -> Iterator[Row]:
    """The rows that have something in them, in their order."""
    source, number = _Lines(lines), 0
    while True:
        number += 1
        try:
            cells = next(csv.reader(source, delimiter=delimiter), None)
            if source.ended and source.has_row and cells:
                raise _NoRowError("open_quote")
        except (_NoRowError, csv.Error) as error:
            problem = error.args[0] if isinstance(error, _NoRowError) else "unreadable"
            source.give_back()
            yield Row(number, (), problem)
            continue
        if cells is None:
            return
        source.row_ended()
        if number == 1 and _is_excels_word(cells):
            number = 0
            continue
        # NUL is dropped, because PostgreSQL cannot store it.
        clean = tuple(cell.replace("\0", "").strip() for cell in cells)
        if len(clean) > MOST_CELLS:
            yield Row(number, (), "too_many_cells")
        elif any(len(cell) > LONGEST_CELL for cell in clean):
            yield Row(number, (), "long_cell")
        elif any(clean):
            yield Row(number, clean)


def _is_excels_word(cells: Sequence[str]) -> bool:
    return bool(cells) and cells[0].lower().startswith(_EXCELS_WORD) and not any(cells[1:])


class _NoRowError(Exception):
    """The lines from here on are no row; the text is the problem."""


class _Lines:
    """Hands lines to the reader, and takes back those behind the first of a row that is none.

    A quotation mark that is never closed takes the whole rest of a file for one cell.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self._source = iter(lines)
        self._given_back: list[Line] = []  # the next one last
        self._of_row: list[Line] = []
        self._length = 0
        self.ended = False

    @property
    def has_row(self) -> bool:
        """Whether lines were read since the last row ended."""
        return bool(self._of_row)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._given_back.pop() if self._given_back else next(self._source, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self._of_row.append(line)
        self._length += len(line.text)
        if line.cut or self._length > LONGEST_LINE:
            raise _NoRowError("long_cell" if len(self._of_row) == 1 else "open_quote")
        return line.text

    def give_back(self) -> None:
        """Leave out only the first line of what was no row."""
        self._given_back += reversed(self._of_row[1:])
        self.row_ended()
        self.ended = False

    def row_ended(self) -> None:
        """What comes next belongs to another row."""
        self._of_row, self._length = [], 0
