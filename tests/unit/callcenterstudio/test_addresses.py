"""Origins as browsers write them; keys go to no address in the machine's own network."""

import pytest

from crm.callcenterstudio import Client, ForbiddenAddress, addresses
from tests.unit.callcenterstudio.vendor import Vendor

FORBIDDEN = (
    *("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0"),
    *("fd00:ec2::254", "100.100.100.200", "168.63.129.16"),  # metadata services of clouds
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"),  # IPv4 within IPv6
    *("0.0.0.0", "::", "224.0.0.1", "ff02::1"),
)
ALLOWED = ("127.0.0.1", "::1", "10.0.0.8", "192.168.1.20", "203.0.113.9", "2001:db8::5")


@pytest.mark.parametrize("ip", FORBIDDEN)
def test_these_are_forbidden(ip: str) -> None:
    assert addresses.is_forbidden(ip)


@pytest.mark.parametrize("ip", ALLOWED)
def test_these_are_allowed(ip: str) -> None:
    """A private network may have the vendor's API behind a proxy of its own."""
    assert not addresses.is_forbidden(ip)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[fe80::1]"]
)
def test_another_spelling_is_the_same_address(host: str) -> None:
    assert addresses.leads_to_forbidden(host)
    assert not addresses.leads_to_forbidden("no-such-host.invalid")


def test_a_name_that_leads_there_gets_nothing(
    client: Client, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_forbidden", lambda ip: ip == "127.0.0.1")
    with pytest.raises(ForbiddenAddress) as refused:
        client.ping()
    assert vendor.asked == []
    assert "Nothing was sent" in str(refused.value)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Softphone.Example/generic/?a=b", "https://softphone.example"),
        ("https://softphone.example:443/", "https://softphone.example"),
        ("http://127.0.0.1:5001/softphone", "http://127.0.0.1:5001"),
        ("https://user:word@softphone.example/", "https://softphone.example"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("http://[::1]:5001/", "http://[::1]:5001"),
        ("javascript:alert(1)", ""),
        ("https://a.example:port/", ""),
        ("https://a.example; script-src */", ""),
        ("https://a..example/", ""),
        ("https://[/", ""),
        ("", ""),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert addresses.origin_of(url) == origin
