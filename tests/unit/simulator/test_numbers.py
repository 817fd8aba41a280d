"""Numbers in the vendor's form, and masked ones."""

import pytest

from crm.simulator.numbers import masked_form, wire_form
from crm.simulator.seed import DEMO, SECOND, Tenant


@pytest.mark.parametrize(
    ("typed", "tenant", "written"),
    [
        ("+90 532 000 00 01", DEMO, "05320000001"),
        ("5320000001", DEMO, "05320000001"),
        ("905320000001", DEMO, "05320000001"),
        ("0090 (532) 000-00-01", DEMO, "05320000001"),
        ("+44 7700 900555", DEMO, "00447700900555"),
        ("+49 30 23125 071", SECOND, "03023125071"),
        ("112", DEMO, "112"),
        ("1234", SECOND, "1234"),
        ("anonymous", DEMO, "anonymous"),
        ("", DEMO, "anonymous"),
        ("Numara Gizli", DEMO, "Numara Gizli"),
        ("sip:+905320000001@10.0.0.1", DEMO, "sip:+905320000001@10.0.0.1"),
        ("*21#", DEMO, "*21#"),
    ],
)
def test_a_number_is_written_as_the_tenants_exchange_would(
    typed: str, tenant: Tenant, written: str
) -> None:
    assert wire_form(typed, tenant) == written


def test_a_masked_number_keeps_its_first_five_digits() -> None:
    assert masked_form("05320000001", DEMO) == "90532xxxxxxx"
    assert masked_form("00447700900555", DEMO) == "44770xxxxxxx"
