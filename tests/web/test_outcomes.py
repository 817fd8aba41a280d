"""An admin changes a tenant's outcomes; cards, calls, filters and files follow."""

import re

from crm import calls
from crm.extensions import db
from crm.models import Agent, Call, Outcome, Tenant
from tests.web.browser import Browser
from tests.web.test_every_address import CID
from tests.web.test_follow_ups import call, elif_sahin, wrap_up

__all__ = ["call", "elif_sahin"]  # fixtures


def save(admin: Browser, tenant: Tenant, **fields: object) -> str:
    form = {"code": "resolved", "name": "Resolved", "makes_follow_up": "follow_up", "seconds": ""}
    answer = admin.post(f"/settings/tenants/{tenant.id}/wrap-up", form | fields)
    return answer.text if answer.status_code != 303 else ""


def test_the_card_offers_the_tenants_own_list(
    admin_browser: Browser, browser: Browser, tenant: Tenant, call: Call
) -> None:
    assert save(admin_browser, tenant, name="Solved", new="Complaint") == ""
    assert save(admin_browser, tenant, name="Solved", retire="voicemail") == ""
    card = browser.htmx_get(f"/call-panel/{CID}").text
    choices = card.split("-outcomes")[1].split("</fieldset")[0]
    words = ["Solved", "Follow-up", "Sale", "Wrong number", "Other", "Complaint"]
    assert re.findall(r"</svg>([A-Z][\w -]+)\n", choices) == words


def test_what_calls_have_stays_readable_and_is_found(
    admin_browser: Browser, browser: Browser, tenant: Tenant, agent: Agent, call: Call
) -> None:
    wrap_up(browser, outcome="voicemail")
    save(admin_browser, tenant, retire="voicemail")
    assert "Voicemail" in browser.get(f"/calls/{call.id}").text
    assert "Voicemail" in wrap_up(browser)  # the call has it, so its card goes on showing it
    assert "Elif Şahin" in browser.get("/calls?outcome=voicemail").text
    assert "Voicemail" in browser.get("/calls/export.csv").text
    save(admin_browser, tenant, code="voicemail", name="Left a message")
    assert "Left a message" in browser.get(f"/calls/{call.id}").text
    assert "Left a message" in browser.get("/calls/export.csv").text
    calls.record_wrap_up(call, agent.id, outcome="from_long_ago")
    assert "from_long_ago" in browser.get(f"/calls/{call.id}").text


def test_any_outcome_can_make_the_follow_up(
    admin_browser: Browser, browser: Browser, tenant: Tenant, call: Call
) -> None:
    save(admin_browser, tenant, makes_follow_up="sale")
    wrap_up(browser, outcome="follow_up")
    assert "Nothing to follow up" in browser.get("/follow-ups").text
    wrap_up(browser, outcome="sale")
    assert "Elif Şahin" in browser.get("/follow-ups").text


def test_an_unknown_outcome_is_not_taken(browser: Browser, call: Call) -> None:
    wrap_up(browser, outcome="<script>")
    browser.htmx_post(f"/calls/{call.id}/notes", {"outcome": "invented", "outcome_shown": ""})
    db.session.expire_all()
    assert call.outcome == ""


def test_what_cannot_be_saved_is_said_and_kept(admin_browser: Browser, tenant: Tenant) -> None:
    page = save(admin_browser, tenant, name="Sale", new="Complaint", seconds="5")
    assert "Wrap-up takes 10 to 3600 seconds" in page
    page = save(admin_browser, tenant, name="Sale", new="Complaint")
    assert "Two outcomes have the same name." in page
    assert 'value="Complaint"' in page
    assert db.session.scalars(db.select(Outcome)).all() == []
    assert save(admin_browser, tenant, seconds="45") == ""
    db.session.expire_all()
    assert tenant.wrap_up_seconds == 45


def test_other_tenants_keep_theirs(
    admin_browser: Browser, browser: Browser, second_tenant: Tenant, call: Call
) -> None:
    save(admin_browser, second_tenant, name="Erledigt")
    assert "Erledigt" not in browser.htmx_get(f"/call-panel/{CID}").text
    assert "Erledigt" not in browser.get("/calls").text
    assert "Erledigt" in admin_browser.get("/calls").text
