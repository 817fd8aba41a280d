"""Lists as files: numbers stay text, nothing becomes a formula, every row is there."""

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, Response

from crm import logins
from crm.logins import BrowserInfo
from crm.models import Agent, Tenant
from crm.pages.exports.files import Row, csv_answer, decimal_symbol, excel_answer, text_of
from crm.web import current_agent

HEADER = ("Who", "Number", "Waited")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def asked(app: Flask, agent: Agent) -> Iterator[None]:
    """A request of Ayşe's, whose tenant is in Turkey."""
    with app.test_request_context():
        log_in(agent)
        yield


def log_in(agent: Agent) -> None:
    place = BrowserInfo("127.0.0.1", "")
    token = logins.begin(agent.id, agent.password_hash, place, now=datetime.now(UTC))
    assert token
    current_agent.log_in(token)


def content(answer: Response) -> bytes:
    answer.direct_passthrough = False
    data = answer.get_data()
    answer.close()
    return data


def read_csv(answer: Response, separator: str = ";") -> list[list[str]]:
    text = content(answer).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=separator))


def sheets(answer: Response) -> list[list[list[tuple[str | None, str]]]]:
    """Of each sheet its rows, of each row its cells: their type in the file, and their text."""
    book = zipfile.ZipFile(io.BytesIO(content(answer)))
    names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    return [
        [
            [(cell.get("t"), "".join(cell.itertext())) for cell in row.iter(f"{MAIN}c")]
            for row in ElementTree.fromstring(book.read(name)).iter(f"{MAIN}row")
        ]
        for name in names
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+905320000001", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"]
)
def test_csv_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert text_of(text).startswith(f"'{text[0]}")


@pytest.mark.parametrize("text", ["05320000001", "908500000010", "1-2", "0212 000 00 10", "1e5"])
def test_csv_numbers_that_are_written_as_text_stay_text(text: str) -> None:
    assert text_of(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Elif Şahin", "wants 3 chairs", "a - b", "Call me: +90"])
def test_csv_plain_text_stays_as_it_is(text: str) -> None:
    assert text_of(text) == text


def test_csv_text_hides_no_formula_behind_another_countrys_separator() -> None:
    assert text_of('hello,=cmd();=x,"=y"') == "hello,'=cmd();'=x,\"'=y\""


@pytest.mark.parametrize(
    ("region", "decimal"),
    [("TR", ","), ("DE", ","), ("GB", "."), ("US", "."), ("", "."), ("x", ".")],
)
def test_the_separator_is_the_countrys_own(region: str, decimal: str) -> None:
    assert decimal_symbol(region) == decimal


def test_a_turkish_excel_opens_the_csv_right(asked: None) -> None:
    at = datetime(2026, 7, 1, 12, 30, 5, 999, tzinfo=ZoneInfo("Europe/Istanbul"))
    answer = csv_answer("Çağrılar", HEADER, [("Elif; Şahin", 1.5, 7), (at, date(2026, 7, 1), None)])
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=Cagrlar.csv; filename*=UTF-8''%C3%87a")
    raw = content(answer)
    assert raw.startswith("\ufeffWho;Number;Waited\r\n".encode())
    assert read_csv(answer)[1:] == [
        ["Elif; Şahin", "1,5", "7"],
        ["2026-07-01 12:30:05", "2026-07-01", ""],
    ]


def test_a_british_tenant_gets_commas(asked: None, tenant: Tenant, agent: Agent) -> None:
    tenant.region = "GB"
    log_in(agent)
    assert read_csv(csv_answer("x", HEADER, [("a", 1.5, 2)]), ",")[1] == ["a", "1.5", "2"]


def test_csv_is_sent_while_it_is_read(asked: None) -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for read in range(100_000):
            yield ("Elif", "x" * 50, read)

    pieces = iter(csv_answer("x", HEADER, rows()).response)
    next(pieces)
    assert 0 < read < 5_000


def test_excel_keeps_numbers_to_dial_as_text_and_counts_as_numbers(asked: None) -> None:
    rows = [("=1+1", "+905320000001", 9), ("http://x.example", "05320000001", 1.5)]
    [[header, *found]] = sheets(excel_answer("x", HEADER, rows))
    assert [text for _, text in header] == list(HEADER)
    assert found == [
        [("inlineStr", "=1+1"), ("inlineStr", "+905320000001"), (None, "9")],
        [("inlineStr", "http://x.example"), ("inlineStr", "05320000001"), (None, "1.5")],
    ]


def test_excel_gets_moments_as_moments_of_their_own_clock(asked: None) -> None:
    at = datetime(2026, 7, 1, 9, 0, tzinfo=UTC).astimezone(ZoneInfo("Europe/Istanbul"))
    [[_, [(kind, serial), *_rest]]] = sheets(excel_answer("x", HEADER, [(at, None, None)]))
    assert (kind, serial) == (None, "46204.5")


def test_rows_beyond_a_sheet_stand_on_the_next_and_the_last_row_says_so(asked: None) -> None:
    rows = [(f"n{number}", None, number) for number in range(7)]
    found = sheets(excel_answer("x", HEADER, rows, sheet_rows=5))
    texts = [[row[0][1] for row in sheet] for sheet in found]
    more = "More rows are on the next sheet."
    assert texts == [
        ["Who", "n0", "n1", "n2", more],
        ["Who", "n3", "n4", "n5", more],
        ["Who", "n6"],
    ]


def test_a_text_too_long_for_a_cell_says_that_it_was_cut(asked: None) -> None:
    rows = [("n" * 40_000, "\x00\x0bbell", None), ("n" * 32_767, "😀" * 17_000, None)]
    [[_, [(_, cut), (_, clean)], [(_, whole), (_, faces)]]] = sheets(
        excel_answer("x", HEADER, rows)
    )
    assert "too long for a cell" in cut
    assert len(cut) <= 32_767
    assert clean == "bell"
    assert whole == "n" * 32_767
    assert len(faces.encode("utf-16-le")) // 2 <= 32_767


@pytest.mark.parametrize("make", [csv_answer, excel_answer])
def test_a_list_of_nothing_has_its_headings(asked: None, make: Callable[..., Response]) -> None:
    answer = make("../x", HEADER, [])
    assert "Who" in str(sheets(answer) if make is excel_answer else read_csv(answer))
    assert "/" not in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_excel_file_leaves_nothing_behind(
    asked: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    answer = excel_answer("x", HEADER, [("a", "b", 1)])
    content(answer)

    def broken() -> Iterator[Row]:
        yield ("a", "b", 1)
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError):
        excel_answer("x", HEADER, broken())
    assert os.listdir(folder) == []
