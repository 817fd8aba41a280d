"""The file of an import: uploaded in pieces, recognised, read again another way, deleted.

The pages call these functions; each commits. `reading` goes through `pieces`.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from crm.contact_files import csv_rows, texts
from crm.contact_files.columns import looks_like_headings
from crm.contact_files.runs import (
    PIECES_AT_ONCE,
    UNTIL_THE_WORKER,
    NotNow,
    ask_to_work,
    delete_some,
    get,
    locked,
    set_values,
)
from crm.extensions import db
from crm.models import ContactImport, ContactImportPiece, ContactImportRow, FileKind, Stage
from crm.models.locking import in_one_transaction

LARGEST_PIECE = 768 * 1024  # below the limit of a request
LARGEST_FILE = 100 * 1024 * 1024


def begin(file_name: str, size: int, *, asked_by_id: int, region: str) -> int:
    """Begin an import, whose file comes with `add_piece`; returns its id."""

    def write() -> int:
        run = ContactImport(
            file_name=file_name[-200:], size=size, asked_by_id=asked_by_id, region=region
        )
        db.session.add(run)
        db.session.flush()
        return run.id

    return in_one_transaction(write)


def add_piece(import_id: int, position: int, data: bytes) -> None:
    """Keep a piece of the file, the first being 0; one that comes twice replaces itself.

    Raises NoImport, NotNow.
    """

    def write() -> None:
        run = locked(import_id)
        if run.stage is not Stage.UPLOADING or position * LARGEST_PIECE > LARGEST_FILE:
            raise NotNow
        db.session.merge(ContactImportPiece(import_id=import_id, position=position, data=data))

    in_one_transaction(write)


def finish_upload(import_id: int) -> None:
    """Say that the file is complete: it is recognised, and its rows can be read.

    Raises NoImport, NotNow. A file that is no list of contacts is refused (`Stage.REFUSED`).
    """
    run = get(import_id)
    if run.stage is not Stage.UPLOADING:
        raise NotNow
    size = db.session.scalar(
        select(func.coalesce(func.sum(func.length(ContactImportPiece.data)), 0)).where(
            ContactImportPiece.import_id == import_id
        )
    )
    if (size or 0) < run.size:  # a piece is missing
        raise NotNow
    found: dict[str, Any] = {"size": size or 0}
    try:
        kind, encoding = texts.recognise(pieces(import_id), run.region)
        found |= {"kind": kind, "encoding": encoding, "stage": Stage.READING}
        if kind is FileKind.CSV:
            delimiter = csv_rows.guess_delimiter(texts.lines(pieces(import_id), encoding))
            found["delimiter"] = delimiter
            found["has_header"] = has_header(import_id, encoding, delimiter, run.region)
    except texts.WrongFile as wrong:
        found |= {"stage": Stage.REFUSED, "problem": wrong.problem}

    def write() -> None:
        run = locked(import_id)
        if run.stage is Stage.UPLOADING:
            set_values(run, found)
            ask_to_work(import_id, delay=UNTIL_THE_WORKER)

    in_one_transaction(write)
    if found["stage"] is Stage.REFUSED:
        delete_file(import_id)


def has_header(import_id: int, encoding: str, delimiter: str, region: str) -> bool:
    """Whether the first row names the columns."""
    lines = texts.lines(pieces(import_id), encoding)
    first = next(csv_rows.rows(lines, delimiter), None)
    return first is not None and looks_like_headings(first.cells, region)


def read_again(import_id: int, *, encoding: str, delimiter: str, has_header: bool) -> None:
    """Read the file with another encoding or separator. Raises NoImport, NotNow, ValueError."""
    if encoding not in texts.ENCODINGS or delimiter not in csv_rows.DELIMITERS:
        raise ValueError("unknown encoding or separator")
    has_file = select(ContactImportPiece.position).where(ContactImportPiece.import_id == import_id)
    if db.session.scalar(has_file.limit(1)) is None:
        raise NotNow

    def write() -> None:
        run = locked(import_id, Stage.CHOOSING)
        how = {"encoding": encoding, "delimiter": delimiter, "has_header": has_header}
        set_values(run, how | {"stage": Stage.UPLOADING, "rows": 0, "columns": [], "filled": []})

    in_one_transaction(write)
    delete_some(ContactImportRow, import_id)

    def read() -> None:
        set_values(locked(import_id), {"stage": Stage.READING})
        ask_to_work(import_id, delay=UNTIL_THE_WORKER)

    in_one_transaction(read)


def pieces(import_id: int) -> Iterator[bytes]:
    """The file, piece by piece; each is read when it is asked for."""
    position = 0
    while True:
        data = db.session.scalar(
            select(ContactImportPiece.data).where(
                ContactImportPiece.import_id == import_id, ContactImportPiece.position == position
            )
        )
        if data is None:
            return
        yield data
        position += 1


def delete_file(import_id: int) -> None:
    """Delete the file as it was uploaded."""
    delete_some(ContactImportPiece, import_id, at_once=PIECES_AT_ONCE)
