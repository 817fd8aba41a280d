"""One normal form for every way to write a number, and no form that two numbers share."""

import pytest

from crm import phone_numbers
from crm.phone_numbers import (
    caller_kind,
    digits,
    display,
    for_dialling,
    normal_form,
    region_of,
)

ELIF = "+905320000001"
KUZEY = "+902120000010"
ARABIC = {ord("0") + digit: 0x0660 + digit for digit in range(10)}
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


@pytest.mark.parametrize(
    "written",
    [
        "(0532) 000 00 01",
        "0532 000 00 01",
        "05320000001",
        "5320000001",
        "905320000001",
        "+90 532 000 00 01",
        "+90 (0) 532 000 00 01",
        "0090 532 000 00 01",
        "+90-532-000.00/01",
        "tel:+90-532-000-00-01",
        "\u202a+90 532 000 00 01\u202c",
        "05320000001".translate(ARABIC),
        "05320000001".translate(FULL_WIDTH),
        " 0532\u00a0000 00 01 ",
    ],
)
def test_every_way_to_write_a_number_has_one_normal_form(written: str) -> None:
    assert normal_form(written, "TR") == ELIF
    assert normal_form(written, "tr") == ELIF


@pytest.mark.parametrize(
    ("written", "region", "normal"),
    [
        ("0507 000 00 42", "TR", "+905070000042"),
        ("908500000010", "TR", "+908500000010"),
        ("444 1 234", "TR", "+904441234"),
        ("+447700900555", "TR", "+447700900555"),
        ("00447700900555", "TR", "+447700900555"),
        ("447911123456", "TR", "+447911123456"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("1 202 555 0123", "US", "+12025550123"),
        ("011 90 532 000 00 01", "US", ELIF),
        ("030 23125 001", "DE", "+493023125001"),
        ("493023125001", "DE", "+493023125001"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("+905320000001", "", ELIF),
    ],
)
def test_full_numbers_of_many_countries_become_e164(written: str, region: str, normal: str) -> None:
    assert normal_form(written, region) == normal


@pytest.mark.parametrize(
    "written", ["0212 000 00 10 ext 12", "0212 000 00 10 x12", "+902120000010;ext=12"]
)
def test_an_extension_is_kept_and_is_not_the_main_number(written: str) -> None:
    assert normal_form(written, "TR") == f"{KUZEY};ext=12"
    assert normal_form("0212 000 00 10 dahili 13", "TR") == f"{KUZEY};ext=13"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("112", "112"),
        ("10 01", "1001"),
        ("007", "007"),
        ("0012", "0012"),
        ("000532", "000532"),
        ("+1234", "+1234"),
        ("*100", "*100"),
        ("#31#05320000001", "#31#05320000001"),
        ("*05320000001", "*05320000001"),
        ("Fax 0532 000 00 01", "fax05320000001"),
        ("905320000001••", "905320000001••"),
        ("0212 000 00 10 12", "0212000001012"),
        ("0212 000 00 10/12", "0212000001012"),
        ("0800 FLOWERS", "0800flowers"),
        ("Kuzey Lojistik", "kuzeylojistik"),
        ("90532xxxxxxx", "90532xxxxxxx"),
        ("0532****001", "0532****001"),
        ("anonymous", "anonymous"),
        ("1001 ext 12", "1001ext12"),
        ("", ""),
        ("+", ""),
        (" - ", ""),
    ],
)
def test_what_is_no_full_number_is_kept_as_it_came(written: str, kept: str) -> None:
    assert normal_form(written, "TR") == kept


@pytest.mark.parametrize(
    ("one", "other", "region"),
    [
        ("0212 000 00 10 ext 12", "0212 000 00 10", "TR"),
        ("0212 000 00 10 12", "0212 000 00 10", "TR"),
        ("112", "+112", "TR"),
        ("0012", "12", "TR"),
        ("0905320000001", "05320000001", "TR"),
        ("23125001", "0231 25001", "DE"),
        ("5550123", "202 555 0123", "US"),
        ("90532xxxxxxx", "905320000001", "TR"),
    ],
)
def test_different_numbers_never_share_a_form(one: str, other: str, region: str) -> None:
    assert normal_form(one, region) != normal_form(other, region)


@pytest.mark.parametrize(
    "written",
    ["0532 000 00 01", "0212 000 00 10 x12", "112", "*100", "0800 FLOWERS", "+1234", "1001x12"],
)
def test_the_normal_form_of_a_normal_form_is_itself(written: str) -> None:
    normal = normal_form(written, "TR")
    assert normal_form(normal, "TR") == normal
    assert normal_form(normal, "DE") == normal


def test_a_flood_is_no_number_and_is_not_remembered() -> None:
    before = phone_numbers._normal_form.cache_info().currsize
    assert normal_form("9" * 10_000, "TR") == ""
    assert caller_kind("x" * 10_000) == "anonymous"
    assert phone_numbers._normal_form.cache_info().currsize == before


def test_what_is_remembered_has_a_limit() -> None:
    assert phone_numbers._normal_form.cache_info().maxsize is not None
    assert phone_numbers._display.cache_info().maxsize is not None


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("05320000001", "number"),
        ("+905320000001", "number"),
        ("112", "number"),
        ("*100", "number"),
        ("#31#05320000001", "number"),
        ("0212 000 00 10 x12", "number"),
        ("90532xxxxxxx", "masked"),
        ("90850532XXXX", "masked"),
        ("0532***0001", "masked"),
        ("*******0001", "masked"),
        ("+90 532 xxx xx xx", "masked"),
        ("xxxxxxxxxx", "masked"),
        ("anonymous", "anonymous"),
        ("Anonymous", "anonymous"),
        ("ANONYMOUS", "anonymous"),
        ("anonymous@anonymous.invalid", "anonymous"),
        ("Restricted", "anonymous"),
        ("PRIVATE", "anonymous"),
        ("Unknown Number", "anonymous"),
        ("withheld", "anonymous"),
        ("Gizli Numara", "anonymous"),
        ("GİZLİ", "anonymous"),
        ("", "anonymous"),
        ("  ", "anonymous"),
        ("-", "anonymous"),
        ("None", "anonymous"),
        (None, "anonymous"),
    ],
)
def test_a_caller_is_a_number_masked_or_anonymous(number: str | None, kind: str) -> None:
    assert caller_kind(number) == kind


@pytest.mark.parametrize(
    ("normal", "region", "shown"),
    [
        (ELIF, "TR", "0532 000 00 01"),
        (ELIF, "DE", "+90 532 000 00 01"),
        ("+447700900555", "TR", "+44 7700 900555"),
        (f"{KUZEY};ext=12", "TR", "(0212) 000 00 10 ext. 12"),
        ("112", "TR", "112"),
        ("+1234", "TR", "+1234"),
        ("", "TR", ""),
    ],
)
def test_numbers_are_shown_national_at_home(normal: str, region: str, shown: str) -> None:
    assert display(normal, region) == shown


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
        (f"{KUZEY};ext=12", "national", "TR", "02120000010"),
        (f"{KUZEY};ext=12", "e164", "TR", KUZEY),
        ("112", "national", "TR", "112"),
        ("112", "e164", "TR", "112"),
        ("*100", "national", "TR", "*100"),
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
    assert digits("+90 (532) 000-" + "0001".translate(ARABIC)) == "905320000001"
