"""Tenants: what a new one starts with, what is refused, and how the token is kept."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from crm import secret_box, tenants
from crm.extensions import db
from crm.models import Tenant
from crm.tenants import InvalidTenantError, TenantData
from tests.conftest import SECRET_KEY

pytestmark = pytest.mark.usefixtures("app")


def set_tenant(name: str = "acme", **data: Any) -> Tenant:
    return tenants.set_tenant(name, TenantData(**data), secret_key=SECRET_KEY)


@pytest.mark.both_databases
def test_it_makes_a_tenant_from_its_name_alone(app: Flask) -> None:
    set_tenant(" Acme ")
    db.session.commit()
    (made,) = tenants.all_tenants()
    assert made.name == "acme"
    assert made.host == "acme.callcenterstudio.com"
    assert made.api_url == "https://acme.callcenterstudio.com/api/"
    assert made.softphone_url == tenants.DEFAULT_SOFTPHONE_URL
    assert (made.softphone_tenant, made.dial_format) == ("host", "national")
    assert (made.timezone, made.region) == ("Europe/Istanbul", "TR")
    assert made.app_token_sealed is None


def test_it_changes_only_what_is_given() -> None:
    set_tenant(timezone="Europe/Berlin", region="de")
    changed = set_tenant(dial_format="e164")
    assert (changed.timezone, changed.region, changed.dial_format) == (
        "Europe/Berlin",
        "DE",
        "e164",
    )
    assert len(tenants.all_tenants()) == 1


def test_a_new_host_takes_the_api_address_along() -> None:
    set_tenant()
    assert set_tenant(host="acme.alo-tech.com").api_url == "https://acme.alo-tech.com/api/"


def test_a_form_that_sends_the_api_address_back_does_not_hold_it_fast() -> None:
    before = set_tenant().api_url
    changed = set_tenant(host="acme.alo-tech.com", api_url=before)
    assert changed.api_url == "https://acme.alo-tech.com/api/"


def test_a_new_host_leaves_an_api_address_of_ones_own() -> None:
    set_tenant(api_url="http://127.0.0.1:5001/api")
    assert set_tenant(host="acme.alo-tech.com").api_url == "http://127.0.0.1:5001/api/"


def test_an_emptied_address_becomes_the_default_again() -> None:
    set_tenant(
        host="a.example", api_url="https://b.example/api/", softphone_url="https://c.example/"
    )
    changed = set_tenant(host="", api_url="", softphone_url="")
    assert changed.host == "acme.callcenterstudio.com"
    assert changed.api_url == "https://acme.callcenterstudio.com/api/"
    assert changed.softphone_url == tenants.DEFAULT_SOFTPHONE_URL


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "https://acme.callcenterstudio.com"),
        ("host", "acme.callcenterstudio.com/api"),
        ("host", "acme callcenterstudio.com"),
        ("host", "a" * 254),
        ("api_url", "acme.callcenterstudio.com/api/"),
        ("api_url", "ftp://acme.callcenterstudio.com/"),
        ("api_url", "https:///api/"),
        ("api_url", "https://user:secret@acme.example/api/"),
        ("api_url", "https://acme.example/api/?function=ping"),
        ("softphone_url", "javascript:alert(1)"),
        ("softphone_url", "https://a.example; script-src *"),
        ("softphone_url", "https://a;b.example/"),
        ("softphone_url", "https://a.example:port/"),
        ("softphone_url", "http://softphone.example/"),
        ("softphone_url", "https://169.254.169.254/"),
        ("api_url", "http://acme.example/api/"),
        ("api_url", "http://localhost.example/api/"),
        ("api_url", "https://169.254.169.254/latest/"),
        ("api_url", "https://2852039166/"),
        ("api_url", "https://[::ffff:169.254.169.254]/"),
        ("host", "169.254.169.254"),
        ("softphone_tenant", "both"),
        ("timezone", "Istanbul"),
        ("timezone", ""),
        ("region", "XX"),
        ("region", "Turkey"),
        ("dial_format", "plus"),
        ("app_token", ""),
        ("app_token", "two words"),
        ("app_token", "x" * 256),
    ],
)
def test_it_refuses_what_cannot_be_used_and_names_the_field(field: str, value: str) -> None:
    with pytest.raises(InvalidTenantError) as refused:
        set_tenant(**{field: value})
    assert list(refused.value.problems) == [field]
    assert tenants.all_tenants() == []


@pytest.mark.parametrize("name", ["", "acme.com", "-acme", "a c", "çağrı", "a" * 64])
def test_it_refuses_a_name_that_is_no_part_of_a_host(name: str) -> None:
    with pytest.raises(InvalidTenantError) as refused:
        set_tenant(name)
    assert "name" in refused.value.problems


def test_it_tells_all_problems_at_once() -> None:
    with pytest.raises(InvalidTenantError) as refused:
        set_tenant(host="a b", region="XX")
    assert set(refused.value.problems) == {"host", "region"}


def test_it_keeps_the_token_encrypted_and_when_it_was_set() -> None:
    tenant = set_tenant()
    now = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
    tenants.set_app_token(tenant, " a-token ", secret_key=SECRET_KEY, now=now)
    assert "a-token" not in (tenant.app_token_sealed or "")
    assert secret_box.unseal(tenant.app_token_sealed or "", keys=(SECRET_KEY,)) == "a-token"
    assert tenant.app_token_set_at == now


def test_a_change_without_a_token_keeps_the_one_there_is() -> None:
    before = set_tenant(app_token="a-token").app_token_sealed
    assert set_tenant(region="DE").app_token_sealed == before


def test_it_repeats_no_token_in_words() -> None:
    with pytest.raises(InvalidTenantError) as refused:
        set_tenant(app_token="the token")
    assert "the token" not in str(refused.value)
    assert "the token" not in repr(TenantData(app_token="the token"))


def test_every_tenant_has_webhook_addresses_of_its_own_that_can_be_replaced() -> None:
    first, second = set_tenant("first"), set_tenant("second")
    assert first.hook_secret != second.hook_secret
    before = first.hook_secret
    tenants.rotate_hook_secret(first)
    assert first.hook_secret != before


ELSEWHERE = (
    {"api_url": "https://listener.example/api/"},
    {"api_url": "https://acme.callcenterstudio.com:8443/api/"},
    {"host": "acme.listener.example"},  # takes the API address along
    {"softphone_url": "https://listener.example/generic/sso/"},
)


@pytest.mark.parametrize("change", ELSEWHERE)
def test_a_stored_token_is_not_sent_to_another_origin(change: dict[str, str]) -> None:
    """An admin's login that somebody else has got hold of must not be enough to read the token."""
    before = set_tenant(app_token="a-token")
    addresses = before.api_url, before.softphone_url
    with pytest.raises(InvalidTenantError) as refused:
        set_tenant(**change)
    assert list(refused.value.problems) == ["app_token"]
    assert (before.api_url, before.softphone_url) == addresses
    changed = set_tenant(**change, app_token="a-token")
    assert (changed.api_url, changed.softphone_url) != addresses


def test_another_path_of_the_same_origin_wants_no_token() -> None:
    set_tenant(app_token="a-token")
    changed = set_tenant(api_url="https://acme.callcenterstudio.com/other/api/")
    assert changed.api_url == "https://acme.callcenterstudio.com/other/api/"
