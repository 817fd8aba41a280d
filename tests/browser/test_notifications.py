"""An admin connects the IVR: pastes the address, sees what comes, and names a parameter."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from crm.extensions import db
from crm.models import Tenant
from tests.browser.conftest import Crm, Desk
from tests.world import Simulator

pytestmark = pytest.mark.browser


def test_a_step_with_names_of_its_own_is_connected(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    with crm.app.app_context():
        tenant_id = db.session.scalars(select(Tenant.id).filter_by(name="demo")).one()
        db.session.remove()
    desk = Desk(page, crm, simulator)
    desk.log_in("deniz@demo.example")
    page.goto(f"{crm.url}/settings/tenants/{tenant_id}/notifications")
    expect(page.get_by_text("Nothing has come yet")).to_be_visible()
    address = page.get_by_label("Address for the step").input_value()
    assert urlsplit(address).path.startswith("/webhooks/notification/")

    names = {"activecallkey": "anahtar", "number": "arayan", "queue": "queue"}
    simulator.console("notification-steps", tenant="demo", url=address, names=names)
    call = simulator.console("ring", agent="mehmet@demo.example", number="+905320000001")
    simulator.console(f"calls/{call['id']}/far-side/hang-up")
    came = page.locator("#notifications .event")
    expect(came).to_have_count(1)
    expect(came.get_by_text("Not understood")).to_be_visible()
    expect(came.get_by_role("row", name="anahtar")).to_contain_text("nothing known")

    page.get_by_label("Key of the call").fill("anahtar")
    page.get_by_label("Caller's number").fill("arayan")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 notification is read again")).to_be_visible()
    expect(came.get_by_text("Gave up waiting")).to_be_visible()
    expect(came).to_contain_text("Support")


def test_replacing_the_secret_is_asked_and_cuts_the_old_address_off(
    page: Page, crm: Crm, simulator: Simulator
) -> None:
    Desk(page, crm, simulator).log_in("deniz@demo.example")
    page.goto(f"{crm.url}/settings/tenants")
    page.get_by_role("main").get_by_role("link", name="demo").click()
    page.get_by_role("link", name="Set up notifications").click()
    field = page.get_by_label("Address for the step")
    old = field.input_value()
    page.get_by_role("button", name="Replace the secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(page.get_by_text("The address is new.")).to_be_visible()
    assert field.input_value() != old
    assert page.request.get(old).status == 404
    assert page.request.get(field.input_value()).status == 200
