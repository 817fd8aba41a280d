"""Reads the fields of a webhook's request in any encoding; `inbox.take` calls it.

Query and body; a form, a form with files, JSON or plain text; in UTF-8, in the charset that the
request declares, or in windows-1254, the usual one in Turkey, if neither fits. Nothing here raises.
A value that cannot be kept as it came is kept as far as possible, and `changes` says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.sansio import multipart

from crm.models.json_text import CUT, lenient_json

MOST_FIELDS = 100
LONGEST_NAME = 100  # characters
LONGEST_VALUE = 4_000
LEVELS = 5  # of JSON within JSON
MOST_VALUES = 1_000  # in all of it
MOST_CHANGES = 20
CHANGES = "(changed)"  # the field that says what was not kept as it came

_UNKNOWN = "\ufffd"
_WIDE = ("utf-16", "utf16", "utf-32", "utf32")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
Pair = tuple[bytes, bytes]


@dataclass
class RequestFields:
    """The fields of a request."""

    fields: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)  # what was cut or could not be read, in words

    @property
    def payload(self) -> dict[str, Any]:
        """The fields as they are stored, with a note of what was cut."""
        return self.fields | ({CHANGES: self.changes} if self.changes else {})


def read(request: Request) -> RequestFields:
    """All fields of query and body. If a name is in both: the body's value, unless it is empty."""
    reader = _Reader()
    reader.take_pairs(_pairs(request.query_string))
    in_query, reader.fields = reader.fields, {}
    reader.take_body(request.get_data(), request.mimetype, request.mimetype_params)
    empty = [name for name, value in reader.fields.items() if value in ("", None)]
    left = {name: value for name, value in in_query.items() if value and name in empty}
    return RequestFields(in_query | reader.fields | left, reader.changes)


def _pairs(text: bytes) -> Iterator[Pair]:
    for part in text.split(b"&"):
        name, _equals, value = part.replace(b"+", b" ").partition(b"=")
        if part:
            yield unquote_to_bytes(name), unquote_to_bytes(value)


class _Reader:
    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.changes: list[str] = []
        self._charset = "utf-8"  # a query never declares one
        self._values = 0

    def take_body(self, body: bytes, mimetype: str, options: dict[str, str]) -> None:
        """A form's parts, the fields of JSON, the pairs of a form, or the text as `body`."""
        self._charset = options.get("charset", "utf-8").lower()
        boundary = options.get("boundary", "").encode()
        if mimetype == "multipart/form-data" and boundary and self._take_parts(body, boundary):
            return
        body = self._narrow(body).strip()
        if body[:1] in (b"{", b"[") or mimetype.endswith("json"):
            try:
                told = lenient_json(body.decode("utf-8", "surrogateescape"), LEVELS)
            except ValueError:
                pass
            else:
                fields = told if isinstance(told, dict) else {"body": told}
                for raw_name, value in list(fields.items())[:MOST_FIELDS]:
                    name = self._name(self._unescaped(raw_name, "a name"))
                    self.fields[name] = self._plain(value, name)
                if len(fields) > MOST_FIELDS:
                    self._note(f"more than {MOST_FIELDS} fields, the first are kept")
                return
        if b"=" in body:
            self.take_pairs(_pairs(body))
        elif body:
            self.take_pairs([(b"body", body)])

    def take_pairs(self, pairs: Iterator[Pair] | list[Pair]) -> None:
        """If a name comes more than once, the first value that is not empty counts."""
        for raw_name, raw_value in pairs:
            name = self._name(self._text(raw_name, "a name"))
            value = self._short(self._text(raw_value, name), name)
            if self.fields.get(name):
                if self.fields[name] != value:
                    self._note(f"{name}: came more than once, the first is kept")
            elif name in self.fields or len(self.fields) < MOST_FIELDS:
                self.fields[name] = value
            else:
                self._note(f"more than {MOST_FIELDS} fields, the first are kept")

    def _plain(self, value: Any, name: str) -> Any:
        """A value of JSON within the limits; `lenient_json` has bounded its depth already."""
        self._values += 1
        if self._values > MOST_VALUES:
            self._note(f"more than {MOST_VALUES} values, the first are kept")
            return CUT
        if isinstance(value, dict):
            pairs = [(self._unescaped(inner, name), value[inner]) for inner in value]
            return {self._name(inner): self._plain(one, name) for inner, one in pairs}
        if isinstance(value, list):
            return [self._plain(one, name) for one in value]
        if value == CUT:
            self._note(f"{name}: more than {LEVELS} levels deep, cut there")
        return self._short(self._unescaped(value, name), name) if isinstance(value, str) else value

    def _take_parts(self, body: bytes, boundary: bytes) -> bool:
        """A form as browsers send files. False when it cannot be read as one."""
        # Werkzeug expects UTF-8 in the headers of the parts, which hold the names.
        for text in (body, body.decode("windows-1254", "replace").encode()):
            decoder = multipart.MultipartDecoder(boundary)
            pairs: list[Pair] = []
            files: list[str] = []
            is_file = False
            try:
                decoder.receive_data(text)
                decoder.receive_data(None)
                while not isinstance(event := decoder.next_event(), multipart.Epilogue):
                    if isinstance(event, multipart.File):
                        is_file = True
                        files.append(event.name)
                        pairs.append(((event.name or "").encode(), event.filename.encode()))
                    elif isinstance(event, multipart.Field):
                        is_file = False
                        pairs.append(((event.name or "").encode(), b""))
                    elif isinstance(event, multipart.Data) and not is_file:
                        pairs[-1] = (pairs[-1][0], pairs[-1][1] + event.data)
            except (ValueError, AttributeError):
                continue
            for name in files:
                self._note(f"{name}: a file, only its name is kept")
            self.take_pairs(pairs)
            return True
        return False

    def _narrow(self, body: bytes) -> bytes:
        """Convert to an encoding where the syntax characters of forms and JSON are single bytes."""
        marked = next((charset for mark, charset in _MARKS if body.startswith(mark)), "")
        declared = self._charset[:6] if self._charset.startswith(_WIDE) else ""
        if marked or declared:
            self._charset = "utf-8"
        # In a wide encoding = and { have a zero byte beside them; without one the declaration is
        # wrong.
        wide = marked or (declared if b"\0" in body else "")
        return body.decode(wide, "replace").encode() if wide else body

    def _unescaped(self, text: str, name: str) -> str:
        """Decode JSON text in which bytes that are not UTF-8 were kept as surrogates."""
        if text.isascii():
            return text.replace("\0", "")
        try:
            raw = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # written as \ud800: a lone surrogate that was never a byte
            self._note(f"{name}: half a letter, ? stands for it")
            raw = text.encode("utf-8", "replace")
        return self._text(raw, name)

    def _text(self, raw: bytes, name: str) -> str:
        # Text that is valid UTF-8 and not only ASCII is hardly ever in another encoding.
        is_utf8 = not raw.decode("utf-8", "ignore").isascii()
        last = "utf-8" if is_utf8 else "windows-1254"
        for charset in (self._charset, "utf-8", last):
            try:
                return raw.decode(charset).replace("\0", "")
            except (LookupError, ValueError):
                continue
        self._note(f"{name}: bytes that are no letters, {_UNKNOWN} stands for them")
        return raw.decode(last, "replace").replace("\0", "")

    def _name(self, name: str) -> str:
        if len(name) <= LONGEST_NAME:
            return name
        self._note(f"{name[:LONGEST_NAME]}: a name longer than {LONGEST_NAME} characters, cut")
        return name[:LONGEST_NAME]

    def _short(self, text: str, name: str) -> str:
        if len(text) <= LONGEST_VALUE:
            return text
        self._note(f"{name}: longer than {LONGEST_VALUE} characters, cut")
        return text[:LONGEST_VALUE]

    def _note(self, change: str) -> None:
        if change not in self.changes and len(self.changes) < MOST_CHANGES:
            self.changes.append(change)
