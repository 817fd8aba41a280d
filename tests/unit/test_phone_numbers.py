"""One normal form for every way to write a number, and none for what is not one number.

The tables of crm/phone_numbers/README.md are read here: each of their lines is a test.
"""

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm import phone_numbers
from crm.phone_numbers import (
    Problem,
    Written,
    caller_kind,
    can_be_dialled,
    digits,
    display,
    for_dialling,
    is_complete,
    normal_form,
    read,
    region_of,
)

ELIF = "+905320000001"
KUZEY = "+902120000010"
REGIONS = ("TR", "DE", "US", "GB", "IT", "FR", "")


def lines_of(heading: str) -> Iterator[tuple[str, ...]]:
    """The lines of one of the tables; what is written as \\u… is that character."""
    page = Path(phone_numbers.__file__).with_name("README.md").read_text(encoding="utf-8")
    rows = re.match(r".*?-\+-.*?\n(.*?)```", page.split(heading)[1], re.DOTALL)
    assert rows
    for line in rows[1].splitlines():
        cells = [cell.strip() for cell in re.split(r" \| | \|$", line)]
        escaped = r"\\(?:u[0-9a-f]{4}|n)"
        written = re.sub(escaped, lambda one: one[0].encode().decode("unicode_escape"), cells[0])
        yield written, *cells[1:]


WRITTEN = [(line[0], line[1], "".join(line[2:])) for line in lines_of("What people write down")]
CALLERS = [(line[0], line[1]) for line in lines_of("What exchanges write")]


def test_the_example_of_the_package_is_true() -> None:
    assert doctest.testmod(phone_numbers).failed == 0


def test_the_tables_are_there() -> None:
    assert len(WRITTEN) > 60
    assert len(CALLERS) > 30


@pytest.mark.parametrize(("written", "number", "beside"), WRITTEN)
def test_a_number_is_read_as_the_table_says(written: str, number: str, beside: str) -> None:
    region, _space, rest = written.partition(" ")
    text, region = (rest, region) if region in ("DE", "US") else (written, "TR")
    found = read(text, region)
    parts = ("extension", found.extension), ("codes", found.codes), ("label", found.label)
    told = ", ".join(f"{name} {value}" for name, value in parts if value)
    if found.problem:
        assert (found.problem, found.number) == (number, "")
    else:
        assert (found.number, told) == (number, beside)
        assert can_be_dialled(found.number)


@pytest.mark.parametrize(("written", "caller"), CALLERS)
def test_a_caller_is_read_as_the_table_says(written: str, caller: str) -> None:
    kind = caller_kind(written)
    assert (normal_form(written, "TR") if kind == "number" else kind) == caller


PIECES = st.one_of(
    st.from_regex(r"[0-9]{1,5}", fullmatch=True),
    st.sampled_from(
        [
            *("0532", "0216 555 01 02", "+90 532 000 00 01", "0049", "444", "(0)", "05320000001"),
            *(" ", " - ", "-", "/", " / ", ".", "(", ")", ",", ",,", ";", "\n", '"', "\u200e"),
            *("veya", " dahili ", " x", "#", "*", "p", "w", " pbx", "Cep: ", "tel:", "sip:", "@"),
            *("<", ">", ";ext=", ";user=phone", "FLOWERS", "anonymous", "xx", "+", "\u0661"),
        ]
    ),
    st.text(max_size=3),
)


@settings(max_examples=600, deadline=None)
@example("0216 555 01 13 / 14", "TR", "national")
@example("0532 000 00 0", "TR", "e164")
@example(",*0**", "TR", "e164")
@given(
    st.lists(PIECES, max_size=9).map("".join),
    st.sampled_from(REGIONS),
    st.sampled_from(["national", "e164"]),
)
def test_whatever_is_written_the_number_that_is_shown_is_dialled_or_none(
    text: str, region: str, dial_format: phone_numbers.DialFormat
) -> None:
    found = read(text, region)
    if found.problem:
        assert found.number == ""
        return
    assert can_be_dialled(found.number)
    dialled = for_dialling(found.number, dial_format, region)
    shown = digits(display(found.number, region)).removeprefix("00")
    if dial_format == "national":
        assert digits(dialled).removeprefix("00") == shown
    else:
        assert dialled == found.number
    # what is kept and posted by a click is read again, perhaps in another country
    assert read(found.number, region) == Written(found.number)
    if is_complete(found.number):
        assert {read(found.number, other).number for other in REGIONS} == {found.number}


@pytest.mark.parametrize(
    ("one", "other", "region"),
    [
        ("112", "+112", "TR"),
        ("0012", "12", "TR"),
        ("0905320000001", "05320000001", "TR"),
        ("0532 000 00 0", "0532 000 00 01", "TR"),
        ("23125001", "0231 25001", "DE"),
        ("5550123", "202 555 0123", "US"),
    ],
)
def test_different_numbers_never_share_a_form(one: str, other: str, region: str) -> None:
    assert normal_form(one, region) != normal_form(other, region)


def test_the_region_may_be_written_small_or_be_missing() -> None:
    assert normal_form("0532 000 00 01", "tr") == ELIF
    assert normal_form("+905320000001", "") == ELIF
    assert normal_form("02 1234 5678", "IT") == "+390212345678"
    assert normal_form("011 90 532 000 00 01", "US") == ELIF
    assert normal_form("447911123456", "TR") == "+447911123456"


def test_a_flood_is_no_number_and_is_not_remembered() -> None:
    before = phone_numbers._read.cache_info().currsize
    assert read("9" * 10_000, "TR").problem is Problem.UNCLEAR
    assert caller_kind("x" * 10_000) == "anonymous"
    assert caller_kind(None) == "anonymous"
    assert phone_numbers._read.cache_info().currsize == before


def test_what_is_remembered_has_a_limit() -> None:
    assert phone_numbers._read.cache_info().maxsize is not None
    assert phone_numbers._display.cache_info().maxsize is not None


@pytest.mark.parametrize(
    ("normal", "extension", "region", "shown"),
    [
        (ELIF, "", "TR", "0532 000 00 01"),
        (ELIF, "", "DE", "+90 532 000 00 01"),
        ("+447700900555", "", "TR", "+44 7700 900555"),
        (KUZEY, "12", "TR", "(0212) 000 00 10 ext. 12"),
        ("1001", "12", "TR", "1001 ext. 12"),
        ("112", "", "TR", "112"),
        ("*21#", "", "TR", "*21#"),
        ("+1234", "", "TR", "+1234"),
        ("", "", "TR", ""),
    ],
)
def test_numbers_are_shown_national_at_home(
    normal: str, extension: str, region: str, shown: str
) -> None:
    assert display(normal, region, extension) == shown
    if normal:
        assert read(shown, region) == Written(normal, extension)


@pytest.mark.parametrize(
    ("normal", "region"),
    [
        (ELIF, "TR"),
        ("+447700900555", "GB"),
        ("+12025550123", "US"),
        ("112", ""),
        ("", ""),
        ("+1234", ""),
    ],
)
def test_a_number_has_the_region_of_its_country(normal: str, region: str) -> None:
    assert region_of(normal) == region


@pytest.mark.parametrize(
    ("normal", "dial_format", "region", "dialled"),
    [
        (ELIF, "national", "TR", "05320000001"),
        (ELIF, "e164", "TR", ELIF),
        ("+447700900555", "national", "TR", "00447700900555"),
        ("+447700900555", "e164", "TR", "+447700900555"),
        ("+12025550123", "national", "US", "2025550123"),
        ("+390212345678", "national", "IT", "0212345678"),
        ("+390212345678", "national", "TR", "00390212345678"),
        ("112", "national", "TR", "112"),
        ("112", "e164", "TR", "112"),
        ("*100", "national", "TR", "*100"),
        ("*21#", "e164", "TR", "*21#"),
    ],
)
def test_numbers_are_dialled_in_the_form_of_the_tenant(
    normal: str, dial_format: phone_numbers.DialFormat, region: str, dialled: str
) -> None:
    assert for_dialling(normal, dial_format, region) == dialled


def test_an_unknown_dial_format_is_told() -> None:
    with pytest.raises(ValueError, match="dial_format"):
        for_dialling(ELIF, "pulse", "TR")  # type: ignore[arg-type]


def test_digits_are_found_in_any_script() -> None:
    arabic = {ord("0") + digit: 0x0660 + digit for digit in range(10)}
    assert digits("+90 (532) 000-" + "0001".translate(arabic)) == "905320000001"
