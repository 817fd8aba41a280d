"""How files of contacts are read: encodings, CSV of many programs, vCards of three versions."""

import tracemalloc
from collections.abc import Iterable, Iterator

import pytest

from crm.contact_files import columns, csv_rows, texts, vcards
from crm.contact_files.drafts import Draft, check
from crm.contacts import Number
from crm.models import FileKind

GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Nickname,File As,"
    "Organization Name,Organization Title,Birthday,Notes,Photo,Labels,E-mail 1 - Label,"
    "E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,"
    "Phone 2 - Value\n"
    'Elif,,Şahin,,,,,Kuzey,,,"a\nb",,* myContacts,* Work,e@kuzey.example,e2@kuzey.example,Mobile,'
    "0532 000 00 01 ::: 0532 000 00 02,Work,+90 216 555 01 02\n"
)
OLD_GOOGLE = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Group Membership,E-mail 1 - Type,"
    "E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,Organization 1 - Name\n"
    "Elif Şahin,Elif,,Şahin,,* myContacts,* Work,e@kuzey.example,Mobile,0532 000 00 01,,Kuzey\n"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Business Fax,Business Phone,"
    "Home Phone,Mobile Phone,Pager,Account,E-mail Address,E-mail Type,E-mail Display Name,Notes\n"
    ",Elif,,Şahin,,Kuzey,,0216 555 01 99,0216 555 01 02,,0532 000 00 01,,,e@kuzey.example,SMTP,"
    "Elif Şahin (e@kuzey.example),\n"
)
OUTLOOK_TR = (
    "Unvan;Ad;İkinci Ad;Soyadı;Şirket;İş Faksı;İş Telefonu;Cep Telefonu;E-posta Adresi;"
    "E-posta Türü;E-posta Görüntülenen Adı;Notlar\n"
    ";Elif;;Şahin;Kuzey;;0216 555 01 02;0532 000 00 01;e@kuzey.example;SMTP;Elif;\n"
)
EXCEL_TR = "Ad Soyad\tFirma\tTel\tGSM\nElif Şahin\tKuzey\t0216 555 01 02\t5320000001\n"
GERMAN = (
    "Name;Vorname;Firma;Telefon geschäftlich;Handy\nŞahin;Elif;Kuzey;0216 5550102;05320000001\n"
)
NO_HEADINGS = "Elif Şahin,0532 000 00 01,e@kuzey.example\nCan Öz,0532 000 00 02,c@kuzey.example\n"
MOBILE, WORK = "+905320000001", "+902165550102"


def read_csv(text: str, encoding: str = "utf-8") -> list[Draft]:
    """What becomes of a file's rows when nobody changes a column."""
    data = text.encode(encoding)
    kind, found = texts.recognise([data], "TR")
    assert kind is FileKind.CSV
    delimiter = csv_rows.guess_delimiter(texts.lines([data], found))
    rows = [row.cells for row in csv_rows.rows(texts.lines([data], found), delimiter)]
    headings: Iterable[str] = [""] * len(rows[0])
    if columns.looks_like_headings(rows[0], "TR"):
        headings, *rows = rows
    targets = columns.guess(list(headings), rows, "TR")
    return [columns.draft_of(row, targets) for row in rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1254"]
)
@pytest.mark.parametrize("text", [GOOGLE, OLD_GOOGLE, OUTLOOK, OUTLOOK_TR, EXCEL_TR, GERMAN])
def test_the_columns_of_each_program_are_guessed(text: str, encoding: str) -> None:
    (draft,) = read_csv(text, encoding)
    found = check(draft, "TR")
    assert found.problems == []
    assert (found.data.name, found.data.company) == ("Elif Şahin", "Kuzey")
    assert MOBILE in found.keys
    assert ("e@kuzey.example" in found.keys) == ("e@kuzey" in text)
    assert (WORK in found.keys) == ("216" in text)


def test_kinds_many_in_a_cell_and_a_second_address() -> None:
    (draft,) = read_csv(GOOGLE)
    data = check(draft, "TR").data
    labels = [(number.raw, number.label) for number in data.numbers]
    assert labels == [
        ("0532 000 00 01", "mobile"),
        ("0532 000 00 02", "mobile"),
        ("+90 216 555 01 02", "work"),
    ]
    assert data.notes == "a\nb\nE-mail: e2@kuzey.example"


def test_a_file_without_headings_is_known_by_its_cells() -> None:
    assert [(draft.name, draft.emails) for draft in read_csv(NO_HEADINGS)] == [
        ("Elif Şahin", ("e@kuzey.example",)),
        ("Can Öz", ("c@kuzey.example",)),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a,b\n"x ""y""\nz",1\n', [(1, ("a", "b")), (2, ('x "y"\nz', "1"))]),
        ("a,b\n\n,\n1,2", [(1, ("a", "b")), (4, ("1", "2"))]),
        ("a,b\n1\n1,2,3\n", [(1, ("a", "b")), (2, ("1",)), (3, ("1", "2", "3"))]),
        ('a,b\n5" pipe,1\n', [(1, ("a", "b")), (2, ('5" pipe', "1"))]),
        (
            'a,b\n1,"open\n2,x\n3,y',
            [(1, ("a", "b")), (2, "open_quote"), (3, ("2", "x")), (4, ("3", "y"))],
        ),
        ("a,b\n1\0,2\n", [(1, ("a", "b")), (2, ("1", "2"))]),
        ("a,b\r1,2\r3,4", [(1, ("a", "b")), (2, ("1", "2")), (3, ("3", "4"))]),
        ("sep=;\na;b\n1;2", [(1, ("a", "b")), (2, ("1", "2"))]),
        (
            "a,b\n1," + "x" * 1_000_000 + "\n3,4\n",
            [(1, ("a", "b")), (2, "long_cell"), (3, ("3", "4"))],
        ),
        (
            "a,b\n1," + "x" * 30_000 + "\n3,4\n",
            [(1, ("a", "b")), (2, "long_cell"), (3, ("3", "4"))],
        ),
        (
            "a,b\n" + "," * 600 + "x\n3,4\n",
            [(1, ("a", "b")), (2, "too_many_cells"), (3, ("3", "4"))],
        ),
        ('"' + "a\n" * 200_000 + "b,c", None),
    ],
)
@pytest.mark.parametrize("size", [7, 65_536])
def test_odd_rows(text: str, found: list[tuple[int, object]] | None, size: int) -> None:
    if size == 7 and len(text) > 10_000:
        size = 65_537
    data = text.encode()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    delimiter = csv_rows.guess_delimiter(texts.lines(pieces, "utf-8-sig"))
    rows = list(csv_rows.rows(texts.lines(pieces, "utf-8-sig"), delimiter))
    if found is None:
        assert rows[0].problem == "open_quote"
        assert rows[-1].cells[-1] == "c"
        return
    assert [(row.number, row.problem or row.cells) for row in rows] == found


@pytest.mark.parametrize(
    ("draft", "problems"),
    [
        (Draft(), [["no_name"]]),
        (Draft(emails=("x@y",)), [["bad_email", "x@y"]]),
        (Draft(name="x" * 201), [["long_name", "200"]]),
        (Draft(name="x", notes="y" * 10_001), [["long_notes", "10000"]]),
        (Draft(name="x", numbers=(Number("12"),)), [["number_short", "12"]]),
        (Draft(name="x", numbers=(Number("9,05E+11"),)), [["number_shortened", "9,05E+11"]]),
        (Draft(name="x", numbers=(Number("yok"),)), [["number_no_digits", "yok"]]),
        (Draft(name="x", numbers=(Number("0532xxxxxxx"),)), [["number_unclear", "0532xxxxxxx"]]),
        (Draft(name="x", numbers=(Number("112 - 155"),)), [["number_several", "112 - 155"]]),
        (Draft(name="x", numbers=(Number("-"), Number("182"))), []),
        (Draft(company="Kuzey"), []),
    ],
)
def test_what_is_wrong_with_a_row_is_said(draft: Draft, problems: list[list[str]]) -> None:
    assert check(draft, "TR").problems == problems


@pytest.mark.parametrize("cell", ["0216 555 01 15 / 0532 555 01 16", "02165550115;05325550116"])
def test_whole_numbers_in_one_cell_are_told_apart(cell: str) -> None:
    found = check(Draft(name="x", numbers=(Number(cell, "work"),)), "TR")
    assert found.problems == []
    assert found.keys == ("+902165550115", "+905325550116")


CARD_21 = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\n"
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=9Eahin;Elif;;;\r\n"
    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Elif =C5=\r\n=9Eahin\r\n"
    "TEL;CELL;PREF:0532 000 00 01\r\nTEL;WORK;VOICE:0216 555 01 02\r\nTEL;FAX:0216 555 01 99\r\n"
    "EMAIL;INTERNET:e@kuzey.example\r\nORG:Kuzey;Depot\r\n"
    "PHOTO;ENCODING=BASE64;JPEG:\r\n AAAA\r\n BBB=\r\n\r\n"
    "NOTE;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab\r\nEND:VCARD\r\n"
)
CARD_30 = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Şahin;Elif;;;\r\nFN:Elif Şa\r\n hin\r\nORG:Kuzey;Depot\r\n"
    "item1.TEL;type=pref:0532 000 00 01\r\nitem1.X-ABLabel:_$!<Mobile>!$_\r\n"
    "TEL;TYPE=WORK,VOICE:0216 555 01 02\r\nitem2.TEL:0216 555 01 99\r\nitem2.X-ABLabel:Fax\r\n"
    "item3.EMAIL;type=INTERNET:e@kuzey.example\r\nNOTE:a\\nb\r\n"
    "PHOTO;ENCODING=b;TYPE=JPEG:" + "A" * 400_000 + "\r\nEND:VCARD\r\n"
)
CARD_40 = (
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Elif Şahin\r\nORG:Kuzey;Depot\r\n"
    'TEL;VALUE=uri;TYPE="cell,voice";PREF=1:tel:+90-532-000-00-01\r\n'
    "TEL;VALUE=uri;TYPE=work:tel:+902165550102\r\nTEL;TYPE=fax:0216 555 01 99\r\n"
    "EMAIL:e@kuzey.example\r\nNOTE:a\\nb\r\nEND:VCARD\r\n"
)


def read_cards(text: str) -> list[Draft | str | None]:
    found = vcards.cards(texts.lines([text.encode()], "utf-8-sig"))
    return [vcards.read_card(row.cells[0]) if row.cells else row.problem for row in found]


@pytest.mark.parametrize("text", [CARD_21, CARD_30, CARD_40])
def test_cards_of_each_version_say_the_same(text: str) -> None:
    for draft in read_cards(text * 2):
        assert isinstance(draft, Draft)
        assert (draft.name, draft.company, draft.notes) == ("Elif Şahin", "Kuzey, Depot", "a\nb")
        assert draft.emails == ("e@kuzey.example",)
        assert [number.label for number in draft.numbers] == ["mobile", "work", "Fax"]
        assert check(draft, "TR").keys[:2] == (MOBILE, WORK)


def test_a_card_that_cannot_be_read_takes_no_other_with_it() -> None:
    broken = CARD_40.replace("FN:Elif Şahin", "no colon")
    endless = CARD_40.replace("END:VCARD\r\n", "")
    found = read_cards(broken + endless + "text between\r\n" + CARD_40 + endless)
    assert [type(one).__name__ if isinstance(one, Draft) else one for one in found] == [
        None,
        "card_without_end",
        "Draft",
        "card_without_end",
    ]


def test_a_card_inside_a_card_is_no_contact_of_its_own() -> None:
    inner = "AGENT:\r\n" + CARD_21
    (draft,) = read_cards(CARD_21.replace("END:VCARD\r\n", inner + "END:VCARD\r\n"))
    assert isinstance(draft, Draft)
    assert draft.name == "Elif Şahin"


@pytest.mark.parametrize("kind", ["csv", "vcard"])
def test_a_long_file_is_read_with_flat_memory(kind: str) -> None:
    """The peak of ten times the rows is that of the rows; both are far above one piece."""

    def pieces(rows: int) -> Iterator[bytes]:
        for place in range(rows // 1_000):
            one = f"Person {place},0532 000 00 01," + "note " * 20
            card = f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Person {place}\r\nEND:VCARD"
            yield ((one if kind == "csv" else card) + "\r\n").encode() * 1_000

    def peak(rows: int) -> int:
        tracemalloc.start()
        lines = texts.lines(pieces(rows), "utf-8-sig")
        found = csv_rows.rows(lines, ",") if kind == "csv" else vcards.cards(lines)
        assert sum(1 for _row in found) == rows
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(100_000) < 1.2 * peak(10_000)
