"""What is said about files, columns and rows: a sentence for each code that imports store."""

from collections.abc import Sequence

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from crm.models import ContactImport, FileKind, RowState, Stage

_FILES: dict[str, LazyString] = {
    "workbook": _(
        "This is an Excel workbook or another packed file. In Excel choose File, Save As, and the "
        "type “CSV UTF-8”; then upload that file."
    ),
    "pdf": _("This is a PDF. Export the contacts as CSV or vCard where they come from."),
    "picture": _("This is a picture. Export the contacts as CSV or vCard where they come from."),
    "binary": _(
        "This is no list of contacts. A CSV file (.csv, .txt) or a vCard (.vcf) is needed."
    ),
    "empty": _("The file is empty."),
    "only_headings": _("The file has headings and not a single contact."),
    "too_many_rows": _("The file has more than 500,000 rows. Cut it into several files."),
}
_PROBLEMS: dict[str, LazyString] = {
    "no_name": _("There is no name, company, e-mail or number."),
    "long_name": _("The name is longer than %(a)s letters."),
    "long_company": _("The company is longer than %(a)s letters."),
    "long_email": _("The e-mail address is longer than %(a)s letters."),
    "long_notes": _("The notes are longer than %(a)s letters."),
    "bad_email": _("“%(a)s” is no e-mail address."),
    "number_no_digits": _("The number “%(a)s” has no digits."),
    "number_several": _("“%(a)s” is more than one number. Give each a column of its own."),
    "number_unclear": _("“%(a)s” cannot be read as a phone number."),
    "number_long": _("The number “%(a)s” is too long."),
    "number_short": _("The number “%(a)s” is too short."),
    "number_shortened": _(
        "Excel has shortened the number to “%(a)s”. Format the column as text and export it again."
    ),
    "more_cells": _(
        "There are more cells than the %(a)s columns; perhaps a quotation mark is missing."
    ),
    "open_quote": _("A quotation mark is opened here and not closed."),
    "unreadable": _("This row cannot be read."),
    "too_many_cells": _("There are more than 500 cells."),
    "long_cell": _("A cell is longer than 20,000 letters."),
    "card_without_end": _("The card has no end (END:VCARD)."),
    "card_unreadable": _("A line of the card cannot be read."),
    "long_card": _("The card is too long."),
    "fits_several": _("More than one contact has its number or e-mail, so none was changed."),
    "left": _("The contact was here already and was left as it was."),
    "as_it_was": _("The contact had all of it already."),
}
TARGETS: dict[str, LazyString] = {
    "": _("Leave out"),
    "name": _("Name"),
    "first_name": _("First name"),
    "middle_name": _("Middle name"),
    "last_name": _("Last name"),
    "company": _("Company"),
    "email": _("E-mail"),
    "number": _("Phone number"),
    "number:mobile": _("Mobile number"),
    "number:work": _("Work number"),
    "number:home": _("Home number"),
    "number:other": _("Other number"),
    "label": _("Kind of the next number"),
    "notes": _("Notes"),
}
_STAGES: dict[Stage, LazyString] = {
    Stage.UPLOADING: _("Upload not finished"),
    Stage.REFUSED: _("Cannot be read"),
    Stage.READING: _("Reading"),
    Stage.CHOOSING: _("Choose the columns"),
    Stage.CHECKING: _("Checking"),
    Stage.CHECKED: _("Ready to import"),
    Stage.WRITING: _("Importing"),
    Stage.DONE: _("Done"),
    Stage.UNDOING: _("Undoing"),
    Stage.UNDONE: _("Undone"),
}
STATES: dict[RowState, LazyString] = {
    RowState.NEW: _("New"),
    RowState.SAME: _("Here already"),
    RowState.SHARED: _("Same number, another name"),
    RowState.WRONG: _("Cannot be imported"),
    RowState.ADDED: _("Added"),
    RowState.UPDATED: _("Updated"),
    RowState.LEFT: _("Left as they were"),
    RowState.UNDONE: _("Taken back"),
    RowState.KEPT: _("Changed since, kept"),
}
DELIMITERS: dict[str, LazyString] = {
    ",": _("comma"),
    ";": _("semicolon"),
    "\t": _("tab"),
    "|": _("vertical bar"),
}
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16 (BE)",
    "windows-1254": "Windows-1254 (Türkçe)",
    "windows-1252": "Windows-1252 (Western)",
    "windows-1250": "Windows-1250 (Central European)",
    "windows-1251": "Windows-1251 (Кириллица)",
    "windows-1253": "Windows-1253 (Ελληνικά)",
    "windows-1255": "Windows-1255 (עברית)",
    "windows-1256": "Windows-1256 (العربية)",
}


def of_file(problem: str) -> str:
    """Why a file is refused."""
    return str(_FILES.get(problem, _FILES["binary"]))


def of_problem(problem: Sequence[str]) -> str:
    """Why a row is left out: a code, and the value that the sentence names."""
    code, *values = problem
    sentence = str(_PROBLEMS.get(code, _PROBLEMS["unreadable"]))
    return sentence.replace("%(a)s", values[0]) if values else sentence


def of_stage(stage: Stage) -> str:
    """How far an import is."""
    return str(_STAGES[stage])


def of_row(run: ContactImport, number: int) -> str:
    """A row as people find it in their file."""
    if run.kind is FileKind.VCARD:
        return str(gettext("Card %(number)s", number=number))
    return str(gettext("Row %(number)s", number=number))
