"""Addresses and forms that no page of ours would send are answered, never with a 500.

Ids that no database can hold, numbers too long to read, and texts that PostgreSQL refuses.
"""

import json
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from crm import calls
from crm.extensions import db
from crm.models import Call, Tenant
from crm.telephony.inbox import fold_inbox
from tests.unit.calls_world import cdr, make_contact
from tests.web.browser import Browser

HUGE = ["2147483648", "9223372036854775808", "9" * 5000, "-1", "²", "x"]
MOMENT = "2026-07-01T00:00:00+00:00"


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("path", "field", "before_it"),
    [
        ("/calls", "before", f"{MOMENT},"),
        ("/contacts/rows", "after", ""),
        ("/missed", "before", f"{MOMENT},"),
        ("/reports", "tenant", ""),
        ("/settings/imports", "before", ""),
        ("/settings/work", "after", f"{MOMENT},"),
    ],
)
def test_an_id_that_no_row_can_have_is_no_fault(
    admin_browser: Browser, path: str, field: str, before_it: str
) -> None:
    for number in HUGE:
        query = urlencode({field: before_it + number})
        assert admin_browser.htmx_get(f"{path}?{query}").status_code in (200, 404), number[:20]


@pytest.mark.both_databases
@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400"])
def test_a_number_that_json_does_not_know_is_taken_from_a_webhook_and_a_record(
    tenant: Tenant, anonymous: Browser, number: str
) -> None:
    address = f"/webhooks/notification/{tenant.hook_secret}"
    body = f'{{"CallID": "a key", "more": [{number}]}}'
    assert anonymous.client.post(address, data=body).status_code == 200
    fold_inbox(seconds=60)
    calls.record_cdr(tenant, cdr(hold=json.loads(number)))
    assert len(list(db.session.scalars(select(Call)))) == 2


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"])
def test_a_moment_that_is_none_in_another_zone_is_no_fault(
    admin_browser: Browser, moment: str
) -> None:
    elif_ = make_contact()
    for path in (f"/contacts/{elif_.id}/calls", "/calls/list", "/missed/list", "/settings/work"):
        query = urlencode({"before": f"{moment},1", "after": f"{moment},1"})
        assert admin_browser.htmx_get(f"{path}?{query}").status_code == 200, path


def test_a_contact_of_many_numbers_is_edited_as_every_other(browser: Browser) -> None:
    """Merging and "Add to a contact" set no limit, so the form has none either."""
    many = make_contact("Kuzey Ltd", *(f"+90555000{index:04d}" for index in range(45)))
    page = browser.get(f"/contacts/{many.id}/edit").text
    assert 'name="numbers-44-raw"' in page
    lines = {f"numbers-{index}-raw": f"0555 100 {index:04d}" for index in range(46)}
    saved = browser.htmx_post(
        f"/contacts/{many.id}", {"name": "Kuzey Ltd", "version": str(many.version), **lines}
    )
    assert saved.status_code == 200
    db.session.refresh(many)
    assert len(many.phone_numbers) == 46


@pytest.mark.parametrize("number", HUGE)
def test_a_version_that_no_contact_can_have_is_an_old_one(browser: Browser, number: str) -> None:
    elif_, other = make_contact(), make_contact("Ayhan Şahin")
    form = {"name": "Elif", "version": number}
    assert browser.htmx_post(f"/contacts/{elif_.id}", form).status_code == 409
    form = {"with": str(other.id), "versions": f"{number},{number}"}
    assert browser.htmx_post(f"/contacts/{elif_.id}/merge", form).status_code == 409
