"""An import of contacts from a file: the file, its rows, and what became of each.

`crm.contact_files` alone writes these tables. They hold people's data, so the file is deleted when
the import begins, and the rows some weeks later.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.extensions import db
from crm.models.base import UtcDateTime, utc_now, words


class Stage(StrEnum):
    """How far an import is. The worker acts in READING, CHECKING, WRITING and UNDOING."""

    UPLOADING = "uploading"
    REFUSED = "refused"  # the file is no list of contacts; `problem` says what it is
    READING = "reading"  # the file becomes rows
    CHOOSING = "choosing"  # a person says what each column is
    CHECKING = "checking"  # rows are compared with the contacts; nothing is written
    CHECKED = "checked"  # a person says what happens to duplicates
    WRITING = "writing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class FileKind(StrEnum):
    """What a file is."""

    CSV = "csv"
    VCARD = "vcard"


class RowState(StrEnum):
    """What is known about a row, and later what has been done with it.

    SAME: that person is here already. SHARED: somebody of another name has the number.
    """

    READ = "read"
    WRONG = "wrong"  # cannot be imported; `problems` says why
    NEW = "new"
    SAME = "same"
    SHARED = "shared"
    ADDED = "added"
    UPDATED = "updated"
    LEFT = "left"  # on purpose, or `problems` says why
    UNDONE = "undone"
    KEPT = "kept"  # not undone: somebody has changed the contact since


class ContactImport(db.Model):  # type: ignore[name-defined]
    """One import. It stays as the record of who imported what, without people's data.

    region: the country of numbers without a country code.
    columns: the headings. filled: how many rows have something in each. targets: what each is.
    found, done: counts by `RowState`. reached: the last row that this stage is through with.
    same, shared: what happens to such rows: "leave", "update" or "add".
    """

    __tablename__ = "contact_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    stage: Mapped[Stage] = mapped_column(words(Stage), default=Stage.UPLOADING)
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(default=0)
    region: Mapped[str] = mapped_column(String(2))
    kind: Mapped[FileKind] = mapped_column(words(FileKind), default=FileKind.CSV)
    encoding: Mapped[str] = mapped_column(String(20), default="")
    delimiter: Mapped[str] = mapped_column(String(1), default="")
    has_header: Mapped[bool] = mapped_column(default=True)
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    filled: Mapped[list[int]] = mapped_column(JSON, default=list)
    targets: Mapped[list[str]] = mapped_column(JSON, default=list)
    same: Mapped[str] = mapped_column(String(10), default="leave")
    shared: Mapped[str] = mapped_column(String(10), default="add")
    rows: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    found: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    done: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    problem: Mapped[str] = mapped_column(String(40), default="")
    stopped: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    asked_by = relationship("Agent")

    def __repr__(self) -> str:
        return f"<ContactImport {self.id} {self.stage}>"


class ContactImportPiece(db.Model):  # type: ignore[name-defined]
    """A piece of the file as it was uploaded, until the import begins."""

    __tablename__ = "contact_import_piece"

    import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_import.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ContactImportRow(db.Model):  # type: ignore[name-defined]
    """A row of the file. number: as a spreadsheet or an editor shows it, the headings being 1.

    data: the cells, or what was read from a vCard. problems: codes with their values.
    contact_id: the contact that it is a duplicate of, or that was made or changed. version: of that
        contact after the import. before: what undo puts back.
    repeats: the earlier row that it is a duplicate of. choice: what happens to this duplicate; "":
        what happens to all of its kind.
    """

    __tablename__ = "contact_import_row"

    import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[Any] = mapped_column(JSON)
    state: Mapped[RowState] = mapped_column(words(RowState), default=RowState.READ)
    name: Mapped[str] = mapped_column(String(200), default="")
    problems: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    contact_id: Mapped[int | None] = mapped_column(index=True)
    repeats: Mapped[int | None]
    choice: Mapped[str] = mapped_column(String(10), default="", server_default="")
    version: Mapped[int | None]
    before: Mapped[Any] = mapped_column(JSON)


class ContactImportKey(db.Model):  # type: ignore[name-defined]
    """A number or an e-mail address of a row, by which duplicates and erased people are found."""

    __tablename__ = "contact_import_key"
    __table_args__ = (
        Index("ix_contact_import_key_import_id_number", "import_id", "number"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[str] = mapped_column(String(254), primary_key=True)
    import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_import.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
