"""A file of bytes as lines of text: tells what kind of file it is and how its letters are encoded.

`uploads` asks `recognise` when a file is complete; `reading` goes through `lines`. Files are read
in pieces, so no length of a file, and no length of a line in it, fills the memory.
"""

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from crm.models import FileKind

LONGEST_LINE = 256 * 1024  # characters; the rest of a longer line is dropped, `Line.cut` says so
LOOKED_AT = 64 * 1024  # bytes at the beginning, for what needs no more

# What people choose instead, and how their files begin. ZIP: Excel's workbooks and others.
_OTHER_FILES = {
    b"PK\x03\x04": "workbook",
    b"\xd0\xcf\x11\xe0": "workbook",
    b"%PDF": "pdf",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
    b"SQLite format 3": "binary",
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Files without a mark that are no UTF-8 come from Windows: its code page of each country.
_CODE_PAGES = {
    **dict.fromkeys(("TR", "AZ"), "windows-1254"),
    **dict.fromkeys(("RU", "UA", "BG", "RS", "MK", "BY", "KZ"), "windows-1251"),
    **dict.fromkeys(("PL", "CZ", "SK", "HU", "RO", "SI", "HR"), "windows-1250"),
    **dict.fromkeys(("GR", "CY"), "windows-1253"),
    "IL": "windows-1255",
    **dict.fromkeys(("SA", "AE", "EG", "JO", "KW", "QA", "IR", "IQ"), "windows-1256"),
}
ENCODINGS = (
    *("utf-8-sig", "utf-16-le", "utf-16-be", "windows-1254", "windows-1252", "windows-1250"),
    *("windows-1251", "windows-1253", "windows-1255", "windows-1256"),
)


class WrongFile(ValueError):  # noqa: N818 - says what happened
    """It is no list of contacts. `problem`: "workbook", "pdf", "picture", "binary" or "empty"."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end. cut: it was longer than LONGEST_LINE."""

    text: str
    cut: bool = False


def recognise(pieces: Iterable[bytes], region: str) -> tuple[FileKind, str]:
    """What kind of file this is, and its encoding. Raises WrongFile.

    region ("TR"): the country whose Windows may have written it.
    """
    encoding, head = "", b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in pieces:
        if not head:
            head = piece[:LOOKED_AT]
            _refuse_other_files(head)
            encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "")
            encoding = encoding or _utf16_without_mark(head)
        if encoding:
            break
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            encoding = _CODE_PAGES.get(region, "windows-1252")
    encoding = encoding or "utf-8-sig"  # a file cut in the middle of a letter is UTF-8 as well
    text = head.decode(encoding, "replace").lstrip("\ufeff").lstrip()
    if not text:
        raise WrongFile("empty")
    odd = sum(letter < " " and letter not in "\t\r\n\x0b\x0c\x00" for letter in text)
    if odd > len(text) // 20 or text.count("\0") > len(text) // 10:
        raise WrongFile("binary")
    is_vcard = text[:12].upper().startswith("BEGIN:VCARD")
    return FileKind.VCARD if is_vcard else FileKind.CSV, encoding


def _refuse_other_files(head: bytes) -> None:
    for beginning, what in _OTHER_FILES.items():
        if head.startswith(beginning):
            raise WrongFile(what)
    start = head[:200].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"{\\rtf")):
        raise WrongFile("binary")


def _utf16_without_mark(head: bytes) -> str:
    """The names and numbers of a list are mostly letters whose other byte is zero."""
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    few, many = sorted((even, odd))
    if many * 2 < len(head[:2000]) // 2 or few * 10 > many:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def lines(pieces: Iterable[bytes], encoding: str) -> Iterator[Line]:
    """The lines of a file. Bytes that its encoding does not have become the replacement sign."""
    letters = codecs.getincrementaldecoder(encoding)("replace")
    decoder = io.IncrementalNewlineDecoder(letters, translate=True)
    rest, cut = "", False
    for piece in chain(pieces, [None]):
        text = decoder.decode(piece or b"", final=piece is None)
        *ended, rest = (rest + text).removeprefix("\ufeff").split("\n")
        for line in ended:
            yield Line(line[:LONGEST_LINE] + "\n", cut or len(line) > LONGEST_LINE)
            cut = False
        if len(rest) > LONGEST_LINE:
            rest, cut = rest[:LONGEST_LINE], True
    if rest:
        yield Line(rest, cut)
